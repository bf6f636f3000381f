"""The contract of a bridge: logs of one transaction in, departures and landings out. Pure.

A bridge's file knows its contracts, its events and how its two sides share a key. It never says
that a crossing is certain: that takes both sides (tracing.core.crossings).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tracing.core.logs import Log


class BadLog(ValueError):
    """A log has the topic of an event that it does not hold: truncated, or made up."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One transaction of a chain with the logs that took effect, in order."""

    chain: str  # CAIP-2
    tx: str
    sender: str | None
    to: str | None
    logs: Sequence[Log]


@dataclass(frozen=True, slots=True)
class Departure:
    """What the near side says of one transfer to another chain.

    Addresses are as tracing.core.addresses writes them; amounts in base units of their asset.
    """

    bridge: str
    tx: str
    index: int  # of the log
    contract: str  # that logged it
    sender: str  # "" not told
    asset: str  # CAIP-19; "" not told
    amount: int | None
    to_chain: str  # CAIP-2; "" not told on chain
    to_address: str  # "" not told on chain
    to_asset: str = ""  # CAIP-19; "" not told
    to_amount: int | None = None  # what must arrive at least
    match_key: str = ""  # what both sides show; "" the bridge has none
    data_request: str = ""  # whom to ask, and by what, where the chain does not tell


@dataclass(frozen=True, slots=True)
class Landing:
    """What the far side says of one transfer that arrived."""

    bridge: str
    tx: str
    index: int
    contract: str
    from_chain: str  # "" not told
    to_address: str  # "" not told
    asset: str  # CAIP-19; "" not told
    amount: int | None
    match_key: str


class Bridge(ABC):
    """One protocol. ``slug`` is what a crossing names as its bridge."""

    slug: ClassVar[str]
    name: ClassVar[str]

    @abstractmethod
    def topics(self) -> frozenset[str]:
        """First topics of the events that this bridge reads."""

    @abstractmethod
    def departures(self, receipt: Receipt) -> list[Departure]:
        """Transfers that leave in this transaction. Only logs of the bridge's own contracts count.

        :raises BadLog: a log is not what its topic says.
        """

    @abstractmethod
    def landings(self, receipt: Receipt) -> list[Landing]:
        """Transfers that arrive in this transaction.

        :raises BadLog: a log is not what its topic says.
        """
