"""A lie about what a transaction moved inside is one: it never changes only what failed anyway."""

from __future__ import annotations

from typing import Any

import pytest

from tests.liars.forgeries import _inner


def flat(place: int, at: list[int], value: int, **more: Any) -> dict[str, Any]:
    action = {"callType": "call", "value": hex(value)}
    return {
        "type": "call",
        "action": action,
        "transactionPosition": place,
        "traceAddress": at,
        **more,
    }


def nested(value: int, *calls: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "CALL", "value": hex(value), "calls": list(calls), **more}


@pytest.mark.parametrize(
    ("traces", "values"),
    [
        ([flat(0, [], 9), flat(0, [0], 5), flat(0, [0, 0], 4)], {5, 4}),
        ([flat(0, [], 9, error="Reverted"), flat(0, [0], 5), flat(1, [], 8), flat(1, [0], 7)], {7}),
        ([flat(0, [], 9), flat(0, [1], 5, error="Reverted"), flat(0, [1, 0], 4)], set()),
        ([{"result": nested(9, nested(5, nested(4)))}], {5, 4}),
        ([{"result": nested(9, nested(5), error="execution reverted")}], set()),
        ([{"result": nested(9, nested(5, nested(4), error="execution reverted"))}], set()),
        ([{"result": nested(9, nested(5, nested(4), type="DELEGATECALL"))}], {4}),
    ],
)
def test_only_what_moved_value_is_changed(traces: list[dict[str, Any]], values: set[int]) -> None:
    assert {int(frame[key], 16) for frame, key in _inner(traces)} == values
