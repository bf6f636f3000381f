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
from typing import ClassVar, TypeAlias

from tracing.bridges import _facts
from tracing.bridges._events import BadLog
from tracing.bridges._facts import Contract, Facts
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

    def with_topic(self, topic: str) -> Sequence[Log]:
        """Its logs with that first topic, in order: the companions of an event."""
        return self._by_topic.get(topic, ())


ANY_ROLE = Contract(role="", holds=True)

Reader: TypeAlias = "Callable[[Receipt, Log], Departure | Landing | None]"


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
