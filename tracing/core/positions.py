"""A debtor's position at a lender: claims that give up origin to a loan and get it back."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from tracing.core.book import Book
from tracing.core.pieces import Piece, settle_empty
from tracing.core.types import AccountKey, AssetRole, Assets, HopKind, Lot, Origin


@dataclass(slots=True)
class Receipt:
    """A debtor's claim on a lender: its lots, and clean units that are in no queue."""

    key: AccountKey
    lots: deque[Lot]
    clean: int

    @property
    def total(self) -> int:
        return self.clean + sum(lot.amount for lot in self.lots)


def assets_of(assets: Assets, lender: str, role: AssetRole) -> list[str]:
    """A lender's receipts, or its debts, in order of their identifiers."""
    return sorted(a for a, info in assets.items() if info.lender == lender and info.role is role)


def claim(lot: Lot, gave: Origin | None, key: AccountKey, *, estimated: bool) -> Piece:
    """A lot's claim on what is borrowed: the origin that it gives up."""
    return Piece(
        lot.amount, gave, key, lot.amount, lot.via, lot.depth, estimated=estimated, loan=True
    )


def spread(claims: Sequence[Piece], weights: Sequence[int], amount: int) -> list[Piece]:
    """Divide ``amount`` borrowed units over the claims by cumulative floor of their weights."""
    total, cumulated, start = sum(weights), 0, 0
    spread: list[Piece] = []
    for claim, weight in zip(claims, weights, strict=True):
        cumulated += weight
        end = amount * cumulated // total
        spread.append(claim.with_(end - start, claim.origin, claim.source_amount))
        start = end
    return settle_empty(spread)


def _open_clean(book: Book, receipt: Receipt) -> deque[Lot]:
    """The queue of a receipt account that was not known, as it is after this transaction."""
    account = book.open(receipt.key)
    account.lots.clear()
    account.lots.append(Lot(receipt.clean))
    return account.lots


def give_back(
    book: Book, piece: Piece, origin: Origin, receipts: Sequence[Receipt], position: int
) -> None:
    """Add a repaid piece's origin to the oldest receipt lot of its seed, else to the oldest lot
    that is clean, else as a lot without units."""
    held = [receipt for receipt in receipts if receipt.total]
    for receipt in held:
        for at, lot in enumerate(receipt.lots):
            if lot.origin is not None and lot.origin.seed == origin.seed:
                total = Origin(origin.seed, origin.asset, lot.origin.amount + origin.amount)
                book.note(HopKind.REPAY, position, piece, receipt.key, lot.amount)
                receipt.lots[at] = Lot(lot.amount, total, lot.via, lot.depth)
                return
    for receipt in held:
        if not receipt.lots:
            receipt.lots = _open_clean(book, receipt)
        for at, lot in enumerate(receipt.lots):
            if lot.origin is None:
                via, depth = book.note(HopKind.REPAY, position, piece, receipt.key, lot.amount)
                receipt.lots[at] = Lot(lot.amount, origin, via, depth)
                return
    lots = held[0].lots  # every lot is of another seed
    via, depth = book.note(HopKind.REPAY, position, piece, held[0].key, 0)
    lots.appendleft(Lot(0, origin, via, depth))
