"""Poison: whatever leaves an account that taint ever reached is tainted. It conserves nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from tracing.core.pieces import Piece, append, cut, deal
from tracing.core.policies.base import Policy
from tracing.core.policies.names import PolicyName
from tracing.core.types import Lot, Origin


class Poison(Policy):
    """Answers "touched", never "how much": it is for reach, not for amounts that anybody is told.

    A touched account's whole balance is a lot of the first seed that reached it; every other seed
    is a lot without units beside it. Copies that move on carry an origin amount of zero, so that
    what was stolen stays counted once, where it was received.
    """

    name = PolicyName.POISON
    conserves = False

    def take(self, lots: deque[Lot], amount: int) -> tuple[list[Lot], int]:
        if amount <= 0:
            return [], 0
        marks = [lot for lot in lots if lot.origin is not None]
        if not marks:
            taken, missing = cut(lots, amount)
            return [*taken, Lot(missing)] if missing else taken, missing
        balance = sum(lot.amount for lot in lots)
        lots.clear()
        lots.append(replace(marks[0], amount=max(0, balance - amount)))
        lots.extend(marks[1:])
        taken = [
            Lot(0 if at else amount, _copy(lot.origin), lot.via, lot.depth)
            for at, lot in enumerate(marks)
        ]
        return taken, max(0, amount - balance)

    def put(self, lots: deque[Lot], new: Iterable[Lot]) -> None:
        held = [*lots, *new]
        marks: dict[str, Lot] = {}
        for lot in held:
            if lot.origin is not None:
                marks.setdefault(lot.origin.seed, replace(lot, amount=0))
        lots.clear()
        if not marks:
            append(lots, held)
            return
        first, *others = marks.values()
        lots.append(replace(first, amount=sum(lot.amount for lot in held)))
        lots.extend(others)

    def deal(self, units: deque[Piece], amount: int) -> list[Piece]:
        """Every gainer gets every seed; the marks stay for the gainers that follow."""
        marks: dict[str, Piece] = {}
        for piece in units:
            if piece.origin is not None:
                marks.setdefault(piece.origin.seed, piece)
        dealt = deal(units, amount)
        if not marks or not dealt:
            return dealt
        first, *others = marks.values()
        units.extendleft(_mark(piece, 0) for piece in reversed(marks.values()))
        return [_mark(first, amount), *(_mark(piece, 0) for piece in others)]


def _copy(origin: Origin | None) -> Origin | None:
    return None if origin is None else Origin(origin.seed, origin.asset, 0)


def _mark(piece: Piece, amount: int) -> Piece:
    return piece.with_(amount, _copy(piece.origin), amount)
