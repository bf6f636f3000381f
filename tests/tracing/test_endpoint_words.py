"""Endpoints in words, for whoever decides about them at night."""

import re
from pathlib import Path

from tracing.services import endpoint_words as words

CHAINS = Path(__file__).parents[2] / "tracing" / "chains"


def test_what_was_learnt_is_said_with_its_unit() -> None:
    found = {
        "batch": 8,
        "gap": 0.5,
        "probed_at": 1795284902,
        "range": 2000,
        "receipts": True,
        "results": 10_000,
        "traces": "trace_block",
    }
    assert words.learnt(found) == (
        "8 requests in a batch",
        "0.5 s between two requests",
        "logs of 2000 blocks at a time",
        "receipts by block",
        "10000 logs at a time",
        "traces by trace_block",
    )
    assert words.learnt({"receipts": False, "traces": "none"}) == (
        "receipts one by one",
        "no traces",
    )


def test_what_nobody_knows_is_shown_as_it_is() -> None:
    assert words.learnt({"new": [1], "probed_at": 5}) == ("new [1]",)
    assert words.caught("new-check") == "new-check"


def test_every_kind_of_contradiction_has_words() -> None:
    source = "".join(path.read_text() for path in sorted(CHAINS.glob("*.py")))
    kinds = set(re.findall(r'ontradict(?:ion|ed)\(\s*"([a-z-]+)"', source))
    kinds |= set(re.findall(r'"([a-z]+-root)"', source))
    assert {"header-hash", "sender", "contents", "wrong-chain", "final-block"} <= kinds
    assert "receipts-root" in kinds
    for kind in kinds:
        assert words.caught(kind) != kind
