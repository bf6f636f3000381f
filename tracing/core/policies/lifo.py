"""Last in, first out: the newest units leave first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from tracing.core.pieces import append, split_lot
from tracing.core.policies.base import Policy
from tracing.core.policies.names import PolicyName
from tracing.core.types import Lot


class Lifo(Policy):
    """The queue is in order of arrival, and is taken from its end.

    What is taken is laid newest first, so that one transfer equals two halves.
    """

    name = PolicyName.LIFO

    def take(self, lots: deque[Lot], amount: int) -> tuple[list[Lot], int]:
        taken: list[Lot] = []
        need = amount
        while need > 0 and lots:
            lot = lots[-1]
            if lot.amount <= need:
                taken.append(lots.pop())
                need -= lot.amount
            else:
                newest, lots[-1] = split_lot(lot, need)
                taken.append(newest)
                need = 0
        if need:
            taken.append(Lot(need))
        return taken, need

    def put(self, lots: deque[Lot], new: Iterable[Lot]) -> None:
        append(lots, new)
