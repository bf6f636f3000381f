"""Bridges: what leaves a chain and what arrives on one, read from logs. One file per protocol."""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tracing.bridges._fronts import joined
from tracing.bridges._silent import Silent
from tracing.bridges._tokens import TRANSFER
from tracing.bridges.base import BadLog, Bridge, Departure, Landing, Reader, Receipt
from tracing.core.registry import discover

__all__ = [
    "BadLog",
    "Departure",
    "Departures",
    "Landing",
    "Landings",
    "Receipt",
    "Refused",
    "contracts",
    "departures",
    "landings",
    "places",
    "registry",
    "topics",
]


@dataclass(frozen=True, slots=True)
class Refused:
    """A log of a bridge's own contract that is not what its topic says. Others still count."""

    bridge: str
    tx: str
    index: int
    reason: str


class Departures(NamedTuple):
    found: list[Departure]
    refused: list[Refused]


class Landings(NamedTuple):
    found: list[Landing]
    refused: list[Refused]


@functools.cache
def registry() -> dict[str, Bridge]:
    """Every bridge by slug."""
    package = sys.modules[__name__]
    found = discover(package, Bridge)  # type: ignore[type-abstract]
    return {slug: bridge() for slug, bridge in found.items()}


def topics() -> frozenset[str]:
    """First topics that matter: a transaction with none of them, to none of ``places``, tells
    nothing of a bridge. ERC-20's Transfer is one, for the places that log nothing themselves."""
    return frozenset(_readers()) | {TRANSFER}


def places(chain: str) -> frozenset[str]:
    """Addresses on a chain that log nothing: what a transaction brings there is a departure."""
    return _silent().get(chain, frozenset())


def departures(receipt: Receipt) -> Departures:
    """Transfers to other chains in this transaction. Never raises for what a log holds.

    A front (LI.FI, Squid, Mayan) and the bridge below it are one departure, of the latter.
    """
    events, refused = _read(receipt)
    left = [event for event in events if isinstance(event, Departure)]
    left += _into_silent(receipt, refused)
    fronts = frozenset(slug for slug, bridge in registry().items() if bridge.is_front)
    return Departures(joined(left, fronts), refused)


def landings(receipt: Receipt) -> Landings:
    """Transfers from other chains that arrived in this transaction. Never raises likewise."""
    events, refused = _read(receipt)
    return Landings([event for event in events if isinstance(event, Landing)], refused)


@functools.cache
def contracts() -> Mapping[str, Mapping[str, str]]:
    """Chain -> address -> slug of the contracts that value goes into when it leaves: labels.

    Value that reaches one of them is *in crossing*, whether or not a log told where it goes.
    """
    found: dict[str, dict[str, str]] = {}
    for slug, bridge in registry().items():
        for chain, addresses in bridge.facts.contracts.items():
            for address, contract in addresses.items():
                if contract.holds:
                    found.setdefault(chain, {}).setdefault(address, slug)
    return found


@functools.cache
def _readers() -> dict[str, tuple[tuple[str, Reader], ...]]:
    found: dict[str, tuple[tuple[str, Reader], ...]] = {}
    for slug, bridge in registry().items():
        for topic, reader in bridge.readers().items():
            found[topic] = (*found.get(topic, ()), (slug, reader))
    return found


def _read(receipt: Receipt) -> tuple[Sequence[Departure | Landing], list[Refused]]:
    """Each log's events, in order: one look-up by first topic, and only bridges' own logs cost."""
    readers = _readers()
    events: list[Departure | Landing] = []
    refused: list[Refused] = []
    for log in receipt.logs:
        for slug, reader in readers.get(log.topics[0], ()) if log.topics else ():
            try:
                event = reader(receipt, log)
            except BadLog as error:
                refused.append(Refused(slug, receipt.tx, log.index, str(error)))
                continue
            if event is not None:
                events.append(event)
    return events, refused


@functools.cache
def _silent() -> dict[str, frozenset[str]]:
    """Chain -> addresses of places without events."""
    found: dict[str, set[str]] = {}
    for bridge in registry().values():
        if isinstance(bridge, Silent):
            for chain, addresses in bridge.facts.contracts.items():
                found.setdefault(chain, set()).update(addresses)
    return {chain: frozenset(addresses) for chain, addresses in found.items()}


def _into_silent(receipt: Receipt, refused: list[Refused]) -> list[Departure]:
    """What reached a place without events: one look-up per transfer, more only where one is met."""
    known = places(receipt.chain)

    def is_place(address: str | None) -> bool:
        return address in known or address in receipt.also

    if not is_place(receipt.to) and not any(
        is_place(log.address_at("topic2")) for log in receipt.with_topic(TRANSFER)
    ):
        return []
    found: list[Departure] = []
    for slug, bridge in registry().items():
        if isinstance(bridge, Silent):
            try:
                found += bridge.into(receipt)
            except BadLog as error:
                refused.append(Refused(slug, receipt.tx, 0, str(error)))
    return found
