"""A front hands over to a bridge in the same transaction: what both log is one crossing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from tracing.core.sides import Departure


def joined(left: Sequence[Departure], fronts: Collection[str]) -> list[Departure]:
    """Departures of one transaction, those of fronts merged into the bridges' below them.

    Fronts log after the bridge (LI.FI, Mayan) or before it (Squid): each takes the nearest bridge's
    departure that agrees on the far chain, an earlier one first. The bridge's word stands; what it
    does not tell (Relay's destination) is taken from the front. A front without such a bridge
    stays a departure of its own.
    """
    below = [departure for departure in left if departure.bridge not in fronts]
    taken: set[int] = set()
    alone: list[Departure] = []
    for front in (departure for departure in left if departure.bridge in fronts):
        at = _nearest(front, below, taken)
        if at is None:
            alone.append(front)
        else:
            taken.add(at)
            below[at] = _merged(below[at], front)
    return sorted([*below, *alone], key=lambda departure: departure.index)


def _nearest(front: Departure, below: Sequence[Departure], taken: Collection[int]) -> int | None:
    fitting = [
        at
        for at, bridge in enumerate(below)
        if at not in taken
        and (front.to_chain == bridge.to_chain or not (front.to_chain and bridge.to_chain))
    ]
    return min(
        fitting,
        key=lambda at: (below[at].index > front.index, abs(below[at].index - front.index)),
        default=None,
    )


def _merged(bridge: Departure, front: Departure) -> Departure:
    told = bridge.to_chain or not front.to_chain
    return replace(
        bridge,
        via=front.bridge,
        sender=bridge.sender or front.sender,
        asset=bridge.asset or front.asset,
        amount=front.amount if bridge.amount is None else bridge.amount,
        to_chain=bridge.to_chain or front.to_chain,
        to_address=bridge.to_address if told else front.to_address,
    )
