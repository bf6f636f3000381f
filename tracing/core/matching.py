"""Steps 4 to 7 of docs/taint.md for one transaction: who lost meets who gained, asset by asset."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from tracing.core.book import Book
from tracing.core.loans import Arrival, Loans, is_marked
from tracing.core.netting import (
    Converter,
    Nets,
    Party,
    convert,
    find_converters,
    matching_order,
    rescale,
)
from tracing.core.pieces import Piece, settle_empty
from tracing.core.types import AccountKind, Prices


class Matching:
    """The matching of one transaction. ``real``: assets that nobody made up; ``keeps``: who keeps
    what it gained, whatever it lost."""

    def __init__(
        self,
        book: Book,
        nets: Nets,
        loans: Loans,
        prices: Prices,
        real: Callable[[str], bool],
        keeps: Callable[[str], bool],
    ) -> None:
        self.book = book
        self.nets = nets
        self.loans = loans
        self.prices = prices
        self.real = real
        self.keeps = keeps
        found = find_converters(nets, self._may_convert, loans.lent, loans.repaid)
        self.converters = {who: one for who, one in found.items() if self._pays(who, one)}
        self.waiting: list[Arrival] = []

    def run(self) -> None:
        for asset in matching_order(self.nets, self.converters.values()):
            self._match(asset)
        if self.loans.events:
            self.loans.settle(self.book, self.waiting)
            for arrival in self.waiting:
                pieces = self.loans.resolve(arrival.pieces)
                self.book.arrive(arrival.party, arrival.asset, pieces, arrival.position)

    def _may_convert(self, address: str) -> bool:
        label = self.book.kinds.get(address, AccountKind.POOL)
        return (
            label in (AccountKind.POOL, AccountKind.FOLLOWED)
            and not self.book.is_followed(address)
            and not self.keeps(address)
        )

    def _pays(self, address: str, converter: Converter) -> bool:
        """Whether somebody whom no label calls a pool pays half the worth of what it takes at
        least. Where a price is missing nobody can tell: then it does."""
        if self.book.kinds.get(address) is AccountKind.POOL:
            return True
        taken, paid = self._worth(converter.gained), self._worth(converter.lost)
        return taken is None or paid is None or 2 * paid >= taken

    def _worth(self, amounts: Mapping[str, int]) -> int | None:
        worth = 0
        for asset, amount in amounts.items():
            price = self.loans.price(asset)
            if price is None:
                return None
            worth += amount * price
        return worth

    def _match(self, asset: str) -> None:
        """Lay the losers' units end to end and deal them to the gainers."""
        units: deque[Piece] = deque()
        deal = self.book.policy.deal
        for party, amount in self.nets.losers[asset]:
            units.extend(self._lost(party, asset, amount))
        if asset in self.nets.shrunk:
            units = self._shrunk(asset, units)
        for party, amount in self.nets.gainers[asset]:
            repaid = self.loans.repaid.get((party, asset), 0)
            own = deal(units, amount - repaid)
            converter = self.converters.get(party) if party is not None else None
            if own and converter is not None and converter.paid is None:
                converter.held[asset] = own
            elif own:
                self._arrive(party, asset, own)
            if repaid:
                self.loans.collect(party, asset, deque(deal(units, repaid)))
        # a policy that conserves nothing leaves marks, which are no units
        if units and (self.book.policy.conserves or any(piece.amount for piece in units)):
            self._arrive(None, asset, list(units))

    def _shrunk(self, asset: str, units: deque[Piece]) -> deque[Piece]:
        """The units of an asset of which less arrived than was sent, as they arrived."""
        sent = sum(piece.amount for piece in units)
        arrived = sum(amount for _, amount in self.nets.gainers[asset])
        return deque(settle_empty(rescale(units, sent, arrived))) if arrived else units

    def _lost(self, party: Party, asset: str, amount: int) -> list[Piece]:
        """The units that a loser gives, tainted or clean."""
        lent = self.loans.lent.get((party, asset), 0)
        own, given = amount - lent, []
        if own and party is not None:
            converter = self.converters.get(party)
            if converter is not None and asset in converter.lost:
                given = self._paid(converter, asset)
            else:
                key = self.book.key(party, asset)
                account = self.book.exposed(key)
                if account is not None:
                    given = self.book.take(key, account, own)
        if own and not given:
            given = [Piece(own)]
        return given + self.loans.paid_out(party, asset) if lent else given

    def _paid(self, converter: Converter, asset: str) -> list[Piece]:
        """What a converter made of its gains; decided for all it pays out when the first is due."""
        if converter.paid is None:
            gained = [(a, converter.gained[a], held) for a, held in converter.held.items()]
            tainted = any(piece.origin for _, _, held in gained for piece in held)
            lost = list(converter.lost.items())
            converter.paid = convert(gained, lost, self.prices, self.real) if tainted else {}
        return converter.paid.get(asset, [])

    def _arrive(self, party: Party, asset: str, pieces: list[Piece]) -> None:
        position = self.nets.first_in.get((asset, party), 0)
        if asset in self.nets.burnt and self.nets.burnt[asset] == party:
            party = None  # the issuer of an asset never holds what was burnt
        if any(is_marked(piece) for piece in pieces):
            self.waiting.append(Arrival(party, asset, pieces, position))
        else:
            self.book.arrive(party, asset, pieces, position)
