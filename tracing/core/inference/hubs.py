"""Hubs: addresses of many counterparties, where little of a theft tells little.

A hub raises the amount from which its account is followed to 1 % of the theft, counted over all
that was ever booked at the address, so that pieces below 1 % end no more than one such piece would.
All hubs of a trace together end less than 5 %: whoever can afford one false hub can afford many.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tracing.core.pieces import Piece
from tracing.core.state import TraceState

PARTS = 100  # a hub ends branches below 1/100 of the theft, never from there on
PARTS_OF_ALL = 20  # all hubs of a trace together: below 1/20

COUNTERPARTIES = 100  # that count, from which an address is a hub
SAMPLE = 50  # of them that are looked at more closely


@dataclass(frozen=True)
class Hubs:
    """Addresses that were found to be hubs when taint first reached them, and what was stolen.

    ``stolen``: base units by origin asset, of the whole theft. A theft of several assets reaches
    1 % as soon as one of them does: then the parts of all others are no excuse.
    """

    addresses: frozenset[str] = frozenset()
    stolen: Mapping[str, int] = field(default_factory=dict)

    def may_end(self, there: Mapping[str, int], everywhere: Mapping[str, int]) -> bool:
        """Whether a branch may end: with what ended at this hub (``there``) and at all hubs, by
        origin asset, what arrives included."""
        return self._below(there, PARTS) and self._below(everywhere, PARTS_OF_ALL)

    def _below(self, booked: Mapping[str, int], parts: int) -> bool:
        return all(
            amount * parts < self.stolen.get(asset, 0) for asset, amount in booked.items() if amount
        )


NO_HUBS = Hubs()


def origins(pieces: Sequence[Piece]) -> Counter[str]:
    """Origin amounts of pieces by origin asset."""
    sums: Counter[str] = Counter()
    for piece in pieces:
        if piece.origin is not None:
            sums[piece.origin.asset] += piece.origin.amount
    return sums


def booked_at_hubs(state: TraceState, chain: str, hubs: Hubs) -> dict[str, Counter[str]]:
    """What ended at each hub so far, by origin asset, over all accounts of its address."""
    found: dict[str, Counter[str]] = {address: Counter() for address in hubs.addresses}
    for key, account in state.accounts.items():
        if key.chain == chain and key.address in found:
            for lot in account.dust:
                if lot.origin is not None:
                    found[key.address][lot.origin.asset] += lot.origin.amount
    return found


@dataclass(frozen=True, slots=True)
class Past:
    """One token movement of an address before taint reached it."""

    other: str
    asset: str
    amount: int


def counterparties(
    past: Iterable[Past],
    known: Container[str],
    thresholds: Mapping[str, int],
    default_threshold: int,
) -> set[str]:
    """Who counts: distinct addresses that moved at least the asset's threshold of a known asset.

    Dust counts for nothing, and so does a made-up token: both cost an attacker next to nothing.
    """
    return {
        row.other
        for row in past
        if row.asset in known and row.amount >= thresholds.get(row.asset, default_threshold)
    }


def sample(addresses: Iterable[str], block_hash: str) -> list[str]:
    """At most SAMPLE of them, the same for everybody, and not to be foreseen before the block."""

    def order(address: str) -> bytes:
        return hashlib.sha256(f"{block_hash}:{address}".encode()).digest()

    return sorted(addresses, key=order)[:SAMPLE]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``counted``: counterparties that count, those that never acted themselves left out."""

    counted: int
    confidence: int  # percent

    @property
    def is_hub(self) -> bool:
        return self.counted >= COUNTERPARTIES


def judge(found: int, sampled: int, acting: int) -> Verdict:
    """``found`` counterparties, of which ``sampled`` were looked at and ``acting`` had sent a
    transaction of their own before, or are contracts. Fresh addresses that somebody only sent
    something to do not act: of a thousand made by one hand none counts.

    Confidence: 50 % at the least that makes a hub, 1 % more for each further 20, at most 95 %.
    """
    counted = found * acting // sampled if sampled else 0
    over = counted - COUNTERPARTIES
    return Verdict(counted, min(95, 50 + over // 20) if over >= 0 else 0)
