"""Hubs: addresses of many counterparties, where little of a theft tells little.

A hub raises the amount from which its account is followed to 1 % of the theft, counted over all
that was ever booked at the address, so that pieces below 1 % end no more than one such piece would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tracing.core.pieces import Piece
from tracing.core.state import TraceState

PARTS = 100  # a hub ends branches below 1/100 of the theft, never from there on


@dataclass(frozen=True)
class Hubs:
    """Addresses that were found to be hubs when taint first reached them, and what was stolen.

    ``stolen``: base units by origin asset, of the whole theft. A theft of several assets reaches
    1 % as soon as one of them does: then the parts of all others are no excuse.
    """

    addresses: frozenset[str] = frozenset()
    stolen: Mapping[str, int] = field(default_factory=dict)

    def is_small(self, booked: Mapping[str, int]) -> bool:
        """Whether origin amounts are below 1 % of each asset that was stolen."""
        return all(
            amount * PARTS < self.stolen.get(asset, 0) for asset, amount in booked.items() if amount
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
