"""Policies that look at the taint itself: stolen units leave first, or stay to the last.

Clean units are alike to them, so a queue holds one clean lot at most, at its front; the tainted
ones follow in order of arrival.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from tracing.core.pieces import cut
from tracing.core.policies.base import Policy
from tracing.core.policies.names import PolicyName
from tracing.core.types import Lot


class _ByTaint(Policy):
    def put(self, lots: deque[Lot], new: Iterable[Lot]) -> None:
        for lot in new:
            if lot.origin is not None:
                lots.append(lot)
            elif lot.amount:
                lots.appendleft(Lot(_clean(lots) + lot.amount))


class TaintFirst(_ByTaint):
    """Of ``v`` units min(T, v) are tainted, the oldest tainted ones first; then clean ones."""

    name = PolicyName.TAINT_FIRST

    def take(self, lots: deque[Lot], amount: int) -> tuple[list[Lot], int]:
        clean = _clean(lots)
        taken, need = cut(lots, amount)
        if need:
            taken.append(Lot(need))
        if clean > need:
            lots.appendleft(Lot(clean - need))
        return taken, max(0, need - clean)


class TaintLast(_ByTaint):
    """Of ``v`` units max(0, v - (B - T)) are tainted: clean ones leave as long as there are any.

    This is the lowest intermediate balance rule as a rule of flow.
    """

    name = PolicyName.TAINT_LAST

    def take(self, lots: deque[Lot], amount: int) -> tuple[list[Lot], int]:
        clean = _clean(lots)
        if clean >= amount:
            if clean > amount:
                lots.appendleft(Lot(clean - amount))
            return ([Lot(amount)] if amount else []), 0
        taken, missing = cut(lots, amount - clean)
        if clean or missing:
            taken.insert(0, Lot(clean + missing))
        return taken, missing


def _clean(lots: deque[Lot]) -> int:
    """Take the clean lot off the front, if there is one."""
    return lots.popleft().amount if lots and lots[0].origin is None else 0
