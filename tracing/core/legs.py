"""What a crossing brings to the far side: lots in the far asset's units, with their origins.

Pure. The rules are those of "Crossings and legs" in docs/taint.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tracing.core.pieces import Piece, settle_empty, split_lot
from tracing.core.types import Lot, Origin

# A bridge that keeps more than this share of what went in did something else than take a fee.
FEE_PERCENT = 10


@dataclass(frozen=True, slots=True)
class Landed:
    """What of a crossing's lots arrived. ``kept``: seed and origin asset -> origin amount that the
    bridge kept as its fee; with the lots' origins it adds up to what went in."""

    lots: tuple[Lot, ...]
    kept: Mapping[tuple[str, str], int]

    @property
    def amount(self) -> int:
        """Tainted units that arrived."""
        return sum(lot.amount for lot in self.lots)


def land(lots: Sequence[Lot], left: int, landed: int, *, same_unit: bool) -> Landed:
    """Lots of a crossing as they arrive on the far side.

    ``left``: all units that went in with it, clean ones too (never taken as less than the lots);
    ``landed``: all units that came out. ``same_unit``: one unit is the same money on both sides,
    so that the difference is the bridge's fee.
    """
    tainted = sum(lot.amount for lot in lots)
    left = max(left, tainted)
    arrives = tainted * landed // left if left else 0
    has_fee = same_unit and landed < left and landed * 100 >= left * (100 - FEE_PERCENT)
    pieces: list[Piece] = []
    kept: dict[tuple[str, str], int] = {}
    start = 0
    for lot in lots:
        origin = lot.origin
        if origin is None:
            raise ValueError("a crossing holds tainted lots only")
        if has_fee:
            goes = origin.amount * landed // left
            key = (origin.seed, origin.asset)
            kept[key] = kept.get(key, 0) + origin.amount - goes
            origin = Origin(origin.seed, origin.asset, goes)
        end = start + lot.amount
        units = end * arrives // tainted - start * arrives // tainted if tainted else 0
        pieces.append(Piece(units, origin, via=lot.via, depth=lot.depth))
        start = end
    settled = settle_empty(pieces)
    return Landed(tuple(Lot(p.amount, p.origin, p.via, p.depth) for p in settled), kept)


def share_out(lots: Sequence[Lot], amounts: Sequence[int | None]) -> list[list[Lot]]:
    """Lots of one account divided among the departures that took them there, in order: each takes
    so many units as it says (None: all that is left), the last one what is left over."""
    queue = list(lots)
    shares: list[list[Lot]] = []
    for amount in amounts[:-1]:
        share: list[Lot] = []
        need = sum(lot.amount for lot in queue) if amount is None else amount
        while queue and need > 0:
            lot = queue.pop(0)
            if lot.amount > need:
                lot, rest = split_lot(lot, need)
                queue.insert(0, rest)
            share.append(lot)
            need -= lot.amount
        shares.append(share)
    return [*shares, queue]


def without(lots: Iterable[Lot], gone: Iterable[Lot]) -> list[Lot]:
    """What is left of an account's lots when those that a leg took over are taken out, each from
    the lot that the same hop brought."""
    taken: dict[str | None, tuple[int, int]] = {}
    for lot in gone:
        amount, origin = taken.get(lot.via, (0, 0))
        taken[lot.via] = (amount + lot.amount, origin + (lot.origin.amount if lot.origin else 0))
    left = []
    for lot in lots:
        amount, origin = taken.get(lot.via, (0, 0))
        if lot.origin is None or lot.via not in taken:
            left.append(lot)
        elif lot.amount > amount or lot.origin.amount > origin:
            rest = Origin(lot.origin.seed, lot.origin.asset, lot.origin.amount - origin)
            left.append(Lot(lot.amount - amount, rest, lot.via, lot.depth))
    return left
