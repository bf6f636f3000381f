"""Haircut: each movement carries the account's share of tainted units."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from tracing.core.pieces import Piece, split_lot, split_piece
from tracing.core.policies.base import Policy
from tracing.core.policies.names import PolicyName
from tracing.core.types import Lot, Origin

Held = TypeVar("Held", Lot, Piece)


class Haircut(Policy):
    """Of ``v`` units floor(T * v / B) are tainted; the remainder stays with the sender.

    The seeds of an account share those by cumulative floor, in the order in which they reached it.
    A queue holds its clean lot first, and one lot per seed and origin asset: however much passes
    through an account, it never falls into more parts. Such a lot names the hop that brought its
    first units.
    """

    name = PolicyName.HAIRCUT

    def take(self, lots: deque[Lot], amount: int) -> tuple[list[Lot], int]:
        if amount <= 0:
            return [], 0
        total = sum(lot.amount for lot in lots)
        if amount >= total:
            clean, taken = amount - total, list(lots)
            lots.clear()
            if clean:
                taken.insert(0, Lot(clean))
            return taken, clean
        return _divide(lots, total, amount, split_lot), 0

    def put(self, lots: deque[Lot], new: Iterable[Lot]) -> None:
        for lot in new:
            if lot.origin is not None:
                _merge(lots, lot, lot.origin)
            elif lot.amount and lots and lots[0].origin is None:
                lots[0] = Lot(lots[0].amount + lot.amount)
            elif lot.amount:
                lots.appendleft(lot)

    def deal(self, units: deque[Piece], amount: int) -> list[Piece]:
        """Each gainer gets the same share of every loser's every tainted piece, as exactly as whole
        units allow."""
        total = sum(piece.amount for piece in units)
        if amount >= total:  # the last gainer: pieces without units go along
            dealt = list(units)
            units.clear()
            return [*dealt, Piece(amount - total)] if amount > total else dealt
        return _divide(units, total, amount, split_piece)


def _divide(
    held: deque[Held], total: int, amount: int, split: Callable[[Held, int], tuple[Held, Held]]
) -> list[Held]:
    """Take each one's part of ``amount`` units; what is left stays in ``held``, in order."""
    taken: list[Held] = []
    left: list[Held] = []
    for one, part in zip(held, _parts(held, total, amount), strict=True):
        if part == one.amount and part:
            taken.append(one)
        elif not part:
            left.append(one)
        else:
            first, rest = split(one, part)
            taken.append(first)
            left.append(rest)
    held.clear()
    held.extend(left)
    return taken


def _parts(held: Iterable[Lot] | Iterable[Piece], total: int, amount: int) -> Sequence[int]:
    """How much of each lot is among ``amount`` units of ``total``, amount < total.

    No part is larger than its lot: the tainted ones divide at most T units in proportion, and the
    clean ones, taken in order, cover the rest since T - floor(T * v / B) <= B - v.
    """
    rows = [(one.amount, one.origin is not None) for one in held]
    tainted = sum(size for size, is_tainted in rows if is_tainted)
    share = tainted * amount // total
    clean = amount - share
    parts: list[int] = []
    passed = 0
    for size, is_tainted in rows:
        if is_tainted:
            start = share * passed // tainted if tainted else 0
            passed += size
            parts.append(share * passed // tainted - start if tainted else 0)
        else:
            parts.append(min(size, clean))
            clean -= parts[-1]
    return parts


def _merge(lots: deque[Lot], lot: Lot, origin: Origin) -> None:
    for at, held in enumerate(lots):
        own = held.origin
        if own is not None and (own.seed, own.asset) == (origin.seed, origin.asset):
            both = Origin(own.seed, own.asset, own.amount + origin.amount)
            lots[at] = Lot(held.amount + lot.amount, both, held.via, held.depth)
            return
    lots.append(lot)
