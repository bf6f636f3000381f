"""Lots and pieces: exact splitting, and dealing units that lie end to end (docs/taint.md)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from tracing.core.types import AccountKey, Lot, Origin


@dataclass(slots=True)
class Piece:
    """Units on their way from one account to another inside a transaction.

    ``amount`` is in the asset it is now, ``source_amount`` in the asset of ``source``, the exposed
    account that lost it. ``via`` and ``depth`` are those of the lot it was cut from.
    """

    amount: int
    origin: Origin | None = None
    source: AccountKey | None = None
    source_amount: int = 0
    via: str | None = None
    depth: int = 0
    estimated: bool = False
    loan: bool = False  # re-labelled by a loan, not moved

    def with_(self, amount: int, origin: Origin | None, source_amount: int) -> Piece:
        """The same history with other figures."""
        return Piece(
            amount,
            origin,
            self.source,
            source_amount,
            self.via,
            self.depth,
            self.estimated,
            self.loan,
        )


def split_origin(
    origin: Origin | None, part: int, whole: int
) -> tuple[Origin | None, Origin | None]:
    """``part`` of ``whole`` units takes floor(origin * part / whole); the rest keeps the rest."""
    if origin is None:
        return None, None
    taken = origin.amount * part // whole
    return (
        Origin(origin.seed, origin.asset, taken),
        Origin(origin.seed, origin.asset, origin.amount - taken),
    )


def split_lot(lot: Lot, part: int) -> tuple[Lot, Lot]:
    """Cut ``part`` units off a lot, 0 < part < lot.amount."""
    first, rest = split_origin(lot.origin, part, lot.amount)
    return (
        Lot(part, first, lot.via, lot.depth),
        Lot(lot.amount - part, rest, lot.via, lot.depth),
    )


def split_piece(piece: Piece, part: int) -> tuple[Piece, Piece]:
    """Cut ``part`` units off a piece, 0 < part < piece.amount."""
    first, rest = split_origin(piece.origin, part, piece.amount)
    taken = piece.source_amount * part // piece.amount
    return (
        piece.with_(part, first, taken),
        piece.with_(piece.amount - part, rest, piece.source_amount - taken),
    )


def cut(queue: deque[Lot], amount: int) -> tuple[list[Lot], int]:
    """Take ``amount`` units from the front, splitting the last lot; also what was not there."""
    taken: list[Lot] = []
    need = amount
    while need > 0 and queue:
        lot = queue[0]
        if lot.amount <= need:
            taken.append(queue.popleft())
            need -= lot.amount
        else:
            first, queue[0] = split_lot(lot, need)
            taken.append(first)
            need = 0
    return taken, need


def append(queue: deque[Lot], lots: Iterable[Lot]) -> None:
    """Append lots as the newest. Neighbouring clean lots become one."""
    for lot in lots:
        if lot.origin is None:
            if not lot.amount:
                continue
            if queue and queue[-1].origin is None:
                queue[-1] = Lot(queue[-1].amount + lot.amount)
                continue
        queue.append(lot)


def deal(pieces: deque[Piece], amount: int) -> list[Piece]:
    """Take ``amount`` units of the pieces laid end to end; what is missing is clean."""
    dealt: list[Piece] = []
    need = amount
    while need > 0 and pieces:
        piece = pieces[0]
        if piece.amount <= need:
            dealt.append(pieces.popleft())
            need -= piece.amount
        else:
            first, pieces[0] = split_piece(piece, need)
            dealt.append(first)
            need = 0
    if need:
        dealt.append(Piece(need))
    return dealt


def settle_empty(pieces: list[Piece]) -> list[Piece]:
    """Pieces without units give their origin away, so that no origin is lost to rounding.

    It goes to the next piece, else to the one before, passing over pieces of other seeds; where
    every piece is of another seed it stays, as a piece of no units.
    """
    kept: list[Piece] = [piece for piece in pieces if piece.amount]
    place = 0  # index in ``kept`` of the first non-empty piece behind the current one
    stuck: list[tuple[int, Piece]] = []
    for piece in pieces:
        if piece.amount:
            place += 1
            continue
        if piece.origin is None:
            continue
        order = [*range(place, len(kept)), *range(place - 1, -1, -1)]
        heir = next((kept[i] for i in order if _may_inherit(kept[i], piece.origin)), None)
        if heir is None:
            stuck.append((place, piece))
        else:
            _inherit(heir, piece, piece.origin)
    for at, piece in reversed(stuck):
        kept.insert(at, piece)
    return kept


def _may_inherit(piece: Piece, origin: Origin) -> bool:
    return piece.origin is None or piece.origin.seed == origin.seed


def _inherit(heir: Piece, empty: Piece, origin: Origin) -> None:
    if heir.origin is None:
        heir.origin, heir.via, heir.depth = origin, empty.via, empty.depth
        heir.source, heir.source_amount = empty.source, empty.source_amount
        heir.estimated = empty.estimated
    else:
        total = heir.origin.amount + origin.amount
        heir.origin = Origin(heir.origin.seed, heir.origin.asset, total)
        if heir.source == empty.source:
            heir.source_amount += empty.source_amount
