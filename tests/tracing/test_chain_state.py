"""What is said of a chain: how far it was followed, and how far that is vouched for."""

from datetime import UTC, datetime
from typing import Any

import pytest

from incidents.display import chains as words
from tracing.models import Chain
from tracing.services import chains

SINCE = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "standing", "said"),
    [
        ({"cursor_number": None}, "starting", "starting"),
        ({"quorum": 1}, "single", "single source"),
        # One source never becomes verified, whatever else the row says.
        ({"quorum": 1, "verified_number": 100}, "single", "single source"),
        ({"verified_number": 100}, "verified", "verified"),
        ({"verified_number": 99}, "unverified", "not verified"),
        # The quorum was raised a moment ago: nothing is verified yet.
        ({"verified_number": None}, "unverified", "not verified"),
        # A person stopped it: what was verified then is old by now.
        ({"verified_number": 100, "is_watched": False}, "off", "not watched"),
        (
            {"verified_number": 100, "unverified_since": SINCE},
            "unverified",
            "not verified since 2 Nov 03:04:05 UTC",
        ),
    ],
)
def test_verified_is_only_what_a_quorum_agrees_on(
    changes: dict[str, Any], standing: str, said: str
) -> None:
    row = Chain(caip2="eip155:1", quorum=2, cursor_number=100, head_number=103)
    for name, value in changes.items():
        setattr(row, name, value)
    state = chains.state_of(row)
    assert state.standing == standing
    assert words.words(state.standing, state.unverified_since) == said
    assert state.standing in words.TONES
    assert state.verified_block == (row.verified_number if row.quorum > 1 else None)


def test_a_block_whose_traces_nobody_compared_makes_no_chain_verified() -> None:
    row = Chain(caip2="eip155:1", quorum=2, cursor_number=100, verified_number=100)
    assert chains.state_of(row, "verified").standing == "verified"
    assert chains.state_of(row, "logs").standing == "logs"
    assert words.words("logs") == "logs verified, inner movements not"
    row.verified_number = 99
    assert chains.state_of(row, "logs").standing == "unverified"


@pytest.mark.parametrize(
    ("cursor", "head", "lag"), [(100, 103, 3), (103, 100, 0), (None, 5, None), (5, None, None)]
)
def test_lag_is_counted_from_what_was_applied(
    cursor: int | None, head: int | None, lag: int | None
) -> None:
    row = Chain(caip2="eip155:1", cursor_number=cursor, head_number=head)
    assert chains.state_of(row).lag_blocks == lag
