"""First in, first out: the oldest units leave first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from tracing.core.pieces import append, cut
from tracing.core.policies.base import Policy
from tracing.core.policies.names import PolicyName
from tracing.core.types import Lot


class Fifo(Policy):
    """The queue is in order of arrival. Each movement splits one lot at most."""

    name = PolicyName.FIFO

    def take(self, lots: deque[Lot], amount: int) -> tuple[list[Lot], int]:
        taken, missing = cut(lots, amount)
        if missing:
            taken.insert(0, Lot(missing))
        return taken, missing

    def put(self, lots: deque[Lot], new: Iterable[Lot]) -> None:
        append(lots, new)
