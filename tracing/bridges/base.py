"""The contract of a bridge: logs of one transaction in, departures and landings out. Pure.

A bridge's file knows its contracts, its events and how its two sides share a key. It never says
that a crossing is certain: that takes both sides (tracing.core.crossings). Departure and Landing
live in the core and are named here for those who build on a bridge.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, TypeAlias

from tracing.bridges import _facts
from tracing.bridges._events import BadLog, amount
from tracing.bridges._facts import Contract, Facts
from tracing.bridges._words import caip2
from tracing.core.logs import Log
from tracing.core.sides import Departure, Landing

__all__ = ["BadLog", "Bridge", "Departure", "Landing", "Reader", "Receipt"]


@dataclass(frozen=True)
class Receipt:
    """One transaction of a chain with the logs that took effect, in order.

    ``also`` names contracts that the decoders' own data does not know (address -> slug): what a
    sourced label says, or a drill's own bridge. They count like the bridge's own.
    """

    chain: str  # CAIP-2
    tx: str
    sender: str | None
    to: str | None
    logs: Sequence[Log]
    value: int = 0  # native base units that the transaction itself carries
    also: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _by_topic(self) -> dict[str, list[Log]]:
        found: dict[str, list[Log]] = {}
        for log in self.logs:
            if log.topics:
                found.setdefault(log.topics[0], []).append(log)
        return found

    @cached_property
    def read_before(self) -> dict[tuple[str, ...], Any]:
        """What decoders found in this transaction already: companions are decoded once, however
        many events ask for them, or a transaction of a thousand of them would cost a million."""
        return {}

    def with_topic(self, topic: str) -> Sequence[Log]:
        """Its logs with that first topic, in order: the companions of an event."""
        return self._by_topic.get(topic, ())


ANY_ROLE = Contract(role="", holds=True)

Reader: TypeAlias = "Callable[[Receipt, Log], Departure | Landing | None]"
Decoder: TypeAlias = "Callable[[Told], Departure | Landing | None]"


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a bridge's own contract: its values by name, and where they were logged."""

    receipt: Receipt
    log: Log
    contract: Contract
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


class Bridge(ABC):
    """One protocol. ``slug`` is what a crossing names as its bridge, and its file of facts.

    ``is_front``: it hands over to another bridge in the same transaction (an aggregator); its
    departure and that one's are one crossing.
    """

    slug: ClassVar[str]
    is_front: ClassVar[bool] = False

    @cached_property
    def facts(self) -> Facts:
        """Contracts, events, chain numbers and whom to ask, each with its source."""
        return _facts.load(self.slug)

    @abstractmethod
    def readers(self) -> Mapping[str, Reader]:
        """By first topic: what reads such a log.

        A reader is called once per log. It answers None for what is not this bridge's (another
        contract's log, another kind of message) and raises BadLog for a log of the bridge's own
        contract that is not what its topic says.
        """

    def own(self, receipt: Receipt, address: str, *roles: str) -> Contract | None:
        """The bridge's contract at the address on that chain, if it has one of the roles."""
        known = self.facts.contracts.get(receipt.chain, {}).get(address)
        if known is not None:
            return known if not roles or known.role in roles else None
        return ANY_ROLE if receipt.also.get(address) == self.slug else None

    def on(self, event: str, decoder: Decoder, *roles: str) -> tuple[str, Reader]:
        """A row of ``readers``: an event by its name in the facts, if a contract of a role logs it.

        Other events that share the first topic stay apart: their contracts are not the bridge's.
        """
        declared = self.facts.events[event]

        def reader(receipt: Receipt, log: Log) -> Departure | Landing | None:
            contract = self.own(receipt, log.address, *roles)
            if contract is None:
                return None
            return decoder(Told(receipt, log, contract, declared.read(log)))

        return declared.topic, reader

    def beside(self, receipt: Receipt, event: str, *roles: str) -> Sequence[Told]:
        """That event's logs in the same transaction, of the bridge's own contracts, in order."""
        key = (self.slug, event, *roles)
        if key not in receipt.read_before:
            declared = self.facts.events[event]
            receipt.read_before[key] = [
                Told(receipt, log, contract, declared.read(log))
                for log in receipt.with_topic(declared.topic)
                if (contract := self.own(receipt, log.address, *roles)) is not None
            ]
        told: Sequence[Told] = receipt.read_before[key]
        return told

    def far(self, number: int | str) -> str:
        """CAIP-2 by the bridge's own number or name of a chain; "" not known."""
        return self.facts.chains.get(str(number), "")

    def far_or_evm(self, number: int) -> str:
        """CAIP-2 where the bridge writes EIP-155 numbers but for some. Raises BadLog."""
        return self.far(number) or caip2(number)

    def near(self, chain: str) -> str:
        """The bridge's own number or name of a chain; "" not known."""
        return next((number for number, known in self.facts.chains.items() if known == chain), "")

    def left(
        self,
        told: Told,
        *,
        sender: str = "",
        asset: str = "",
        sent: int | None = None,
        to_chain: str = "",
        to_address: str = "",
        to_asset: str = "",
        to_amount: int | None = None,
        key: str = "",
        ask: str = "",
        escrow: str = "",
    ) -> Departure:
        """A departure told by an event. Without a recipient it says whom to ask.

        :raises BadLog: an amount that no asset can have.
        """
        return Departure(
            bridge=self.slug,
            chain=told.receipt.chain,
            tx=told.receipt.tx,
            index=told.log.index,
            contract=told.log.address,
            sender=sender or told.receipt.sender or "",
            asset=asset,
            amount=None if sent is None else amount(sent),
            to_chain=to_chain,
            to_address=to_address,
            to_asset=to_asset,
            to_amount=None if to_amount is None else amount(to_amount),
            match_key=key,
            data_request=ask or ("" if to_address else self.facts.ask),
            escrow=escrow or (told.log.address if told.contract.holds else ""),
        )

    def came(
        self,
        told: Told,
        *,
        key: str,
        from_chain: str = "",
        to_address: str = "",
        asset: str = "",
        got: int | None = None,
        is_refund: bool = False,
    ) -> Landing:
        """A landing told by an event.

        :raises BadLog: an amount that no asset can have.
        """
        return Landing(
            bridge=self.slug,
            chain=told.receipt.chain,
            tx=told.receipt.tx,
            index=told.log.index,
            contract=told.log.address,
            from_chain=from_chain,
            to_address=to_address,
            asset=asset,
            amount=None if got is None else amount(got),
            match_key=key,
            is_refund=is_refund,
        )
