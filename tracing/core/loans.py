"""Lending as a position: a borrow re-labels what was borrowed, a repayment gives the origin back.

Step 7 of docs/taint.md. While a transaction is matched, the units that a lender pays out as a loan
carry a marker in the place of an origin; so they are found again wherever the transaction took
them (through a wrapper or a pool, too), and no arithmetic of its own is needed for them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from tracing.core.book import Book
from tracing.core.netting import Nets, Party, issuer, present, rescale
from tracing.core.pieces import Piece, settle_empty, split_origin
from tracing.core.positions import Receipt, assets_of, claim, give_back, spread
from tracing.core.types import (
    AccountKind,
    AssetRole,
    Assets,
    Lot,
    Movement,
    Origin,
    Prices,
)

MARK = "\0loan:"  # no seed's key starts so


@dataclass(slots=True)
class Arrival:
    """Units that reached somebody, to be booked there."""

    party: Party
    asset: str
    pieces: list[Piece]
    position: int


@dataclass(slots=True)
class LoanEvent:
    """A mint (borrow) or burn (repay) of a debt token."""

    position: int
    borrow: bool
    debtor: str
    debt_asset: str
    lender: str
    underlying: str
    amount: int
    reserve: Party = None  # repay: the lender's address that took it
    units: list[Piece] = field(default_factory=list)  # repay: what came back


def find_events(movements: Sequence[Movement], assets: Assets) -> list[LoanEvent]:
    """Debt token mints and burns in order; a transfer of a debt token is none."""
    events = []
    for movement in movements:
        info = assets.get(movement.asset)
        if info is None or info.role is not AssetRole.DEBT or not movement.amount:
            continue
        if info.lender is None or info.underlying is None:
            continue
        frm, to = present(movement.frm), present(movement.to)
        debtor = to if frm is None else frm
        if debtor is None or (frm is None) == (to is None):
            continue
        events.append(
            LoanEvent(
                movement.position,
                frm is None,
                debtor,
                movement.asset,
                info.lender,
                info.underlying,
                movement.amount,
            )
        )
    return events


class Loans:
    """The loans of one transaction."""

    def __init__(
        self, events: list[LoanEvent], nets: Nets, assets: Assets, prices: Prices, book: Book
    ) -> None:
        self.events = events
        self.nets = nets
        self.assets = assets
        self.prices = prices
        self.deal = book.policy.deal
        self.lent: dict[tuple[Party, str], int] = {}
        self.repaid: dict[tuple[Party, str], int] = {}
        self._lent_by: dict[tuple[Party, str], list[tuple[int, int]]] = {}
        self._repaid_by: dict[tuple[Party, str], list[tuple[int, int]]] = {}
        self._labelled: dict[str, deque[Piece]] = {}
        for number, event in enumerate(events):
            self._find_reserve(number, event, nets, book)

    def _find_reserve(self, number: int, event: LoanEvent, nets: Nets, book: Book) -> None:
        """Note which of the lender's addresses paid the loan out, or took the repayment.

        One that is followed itself, because it has no label, gives and takes as anybody does.
        """
        reserves = {
            issuer(info.asset, info) for info in self.assets.values() if info.lender == event.lender
        }
        sides, totals, by = (
            (nets.losers, self.lent, self._lent_by)
            if event.borrow
            else (nets.gainers, self.repaid, self._repaid_by)
        )
        need = event.amount
        for party, amount in sides.get(event.underlying, ()):
            key = (party, event.underlying)
            part = min(need, amount - totals.get(key, 0))
            if party in reserves and part > 0 and not book.is_followed(party):
                totals[key] = totals.get(key, 0) + part
                by.setdefault(key, []).append((number, part))
                need -= part

    def paid_out(self, party: Party, asset: str) -> list[Piece]:
        """The marked units that a lender pays out as loans."""
        return [
            Piece(part, Origin(f"{MARK}{number}", asset, part))
            for number, part in self._lent_by.get((party, asset), ())
        ]

    def collect(self, party: Party, asset: str, units: deque[Piece]) -> None:
        """Take what is a repayment out of the units that reached a lender."""
        for number, part in self._repaid_by.get((party, asset), ()):
            self.events[number].reserve = party
            self.events[number].units += self.deal(units, part)

    def settle(self, book: Book, waiting: Sequence[Arrival]) -> None:
        """Apply the events in order. ``waiting``: arrivals with marked units, not booked yet."""
        later: list[LoanEvent] = []
        for number, event in enumerate(self.events):
            if event.borrow:
                self._borrow(book, number, event, waiting)
            elif all(_mark(piece) in self._labelled for piece in event.units if _mark(piece)):
                self._repay(book, event)
            else:
                later.append(event)  # repaid with a loan that comes later in this transaction
        for event in later:
            self._repay(book, event)

    def resolve(self, units: Sequence[Piece]) -> list[Piece]:
        """Replace marked units by what the loan made of them; clean where it made nothing."""
        resolved: list[Piece] = []
        for piece in units:
            mark = _mark(piece)
            if mark is None or piece.origin is None:
                resolved.append(piece)
                continue
            labelled, borrowed = self._labelled.get(mark), piece.origin.amount
            if labelled is None or not borrowed:
                resolved.append(Piece(piece.amount))
            else:
                part = rescale(self.deal(labelled, borrowed), borrowed, piece.amount)
                resolved += settle_empty(part)
        return resolved

    def _borrow(
        self, book: Book, number: int, event: LoanEvent, waiting: Sequence[Arrival]
    ) -> None:
        if not book.is_followed(event.debtor):
            return
        debts = self._debts(book, event)
        book.set_debt(
            book.key(event.debtor, event.debt_asset), debts[event.debt_asset] + event.amount
        )
        paid = sum(part for by in self._lent_by.values() for n, part in by if n == number)
        receipts = self._receipts(book, event, waiting)
        if not paid or not any(lot.origin for r in receipts for lot in r.lots):
            return
        if not any(receipt.total for receipt in receipts):
            return  # an origin that no unit is left of secures nothing
        fraction = self._encumbered(event.underlying, paid, receipts, debts)
        share, whole = fraction or (1, 1)
        pieces: list[Piece] = []
        weights: list[int] = []
        for receipt in receipts:
            price = self.price(receipt.key.asset) or 1
            for at, lot in enumerate(receipt.lots):
                gave, rest = split_origin(lot.origin, share, whole)
                pieces.append(claim(lot, gave, receipt.key, estimated=fraction is None))
                weights.append(lot.amount * price)
                if lot.origin is not None:
                    receipt.lots[at] = Lot(lot.amount, rest, lot.via, lot.depth)
            if receipt.clean:
                pieces.append(Piece(receipt.clean))
                weights.append(receipt.clean * price)
        self._labelled[f"{MARK}{number}"] = deque(spread(pieces, weights, paid))

    def _encumbered(
        self, underlying: str, paid: int, receipts: Sequence[Receipt], debts: dict[str, int]
    ) -> tuple[int, int] | None:
        """The part of each origin that goes with the loan: B over C - D, at most all of it.

        None where a price is missing: then all of it goes, as an estimate.
        """
        prices = [self.price(underlying)]
        prices += [self.price(r.key.asset) for r in receipts if r.total]
        prices += [self.price(asset) for asset, amount in debts.items() if amount]
        if not all(prices):
            return None
        collateral = sum(r.total * (self.price(r.key.asset) or 0) for r in receipts)
        owed = sum(amount * (self.price(asset) or 0) for asset, amount in debts.items())
        borrowed, free = paid * (self.price(underlying) or 0), collateral - owed
        return (1, 1) if borrowed >= free else (borrowed, free)

    def _repay(self, book: Book, event: LoanEvent) -> None:
        debts = self._debts(book, event)
        if book.is_followed(event.debtor):
            left = max(0, debts[event.debt_asset] - event.amount)
            book.set_debt(book.key(event.debtor, event.debt_asset), left)
        units = self.resolve(event.units)
        if all(piece.origin is None for piece in units):
            return
        sink = book.kinds.get(event.debtor, AccountKind.FOLLOWED) is not AccountKind.FOLLOWED
        receipts = [] if sink else self._receipts(book, event, ())
        if not any(receipt.total for receipt in receipts):
            book.arrive(event.reserve, event.underlying, units, event.position)
            return
        for piece in units:
            if piece.origin is not None:
                give_back(book, piece, piece.origin, receipts, event.position)

    def _debts(self, book: Book, event: LoanEvent) -> dict[str, int]:
        """The debtor's debts at this lender before the event, per debt asset."""
        debts = {}
        for asset in assets_of(self.assets, event.lender, AssetRole.DEBT):
            key = book.key(event.debtor, asset)
            known = book.state.get(key)
            balance = book.balance_before(key)
            if balance is None:
                balance = known.debt if known is not None else 0
            else:
                balance += self._moved_before(event, asset)
            debts[asset] = max(0, balance)
        return debts

    def _moved_before(self, event: LoanEvent, asset: str) -> int:
        """What this transaction already added to a debt when the event comes."""
        return sum(
            other.amount if other.borrow else -other.amount
            for other in self.events
            if other.debt_asset == asset
            and other.debtor == event.debtor
            and other.position < event.position
        )

    def _receipts(self, book: Book, event: LoanEvent, waiting: Sequence[Arrival]) -> list[Receipt]:
        """The debtor's receipts of the lender, in order of their asset's identifier."""
        found = []
        for asset in assets_of(self.assets, event.lender, AssetRole.RECEIPT):
            key = book.key(event.debtor, asset)
            account = book.exposed(key)
            arriving = sum(
                piece.amount
                for arrival in waiting
                if (arrival.party, arrival.asset) == (event.debtor, asset)
                for piece in arrival.pieces
            )
            if account is not None:
                found.append(Receipt(key, account.lots, arriving))
            else:
                clean = (book.balance_before(key) or 0) + self.nets.of(event.debtor, asset)
                found.append(Receipt(key, deque(), max(0, clean)))
        return found

    def price(self, asset: str) -> int | None:
        """Price of an asset; a receipt and a debt are worth their underlying."""
        info = self.assets.get(asset)
        if info is not None and info.underlying is not None:
            asset = info.underlying
        return self.prices.get(asset) or None


def _mark(piece: Piece) -> str | None:
    origin = piece.origin
    return origin.seed if origin is not None and origin.seed.startswith(MARK) else None


def is_marked(piece: Piece) -> bool:
    """Whether these units were paid out as a loan in the transaction that is being matched."""
    return _mark(piece) is not None
