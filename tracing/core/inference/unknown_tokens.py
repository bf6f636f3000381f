"""Swaps into tokens that nobody vouched for: the trail may go on there, and nothing is moved.

Anybody can make a token. If every token carried origin through a swap, a thief would pay himself
with one and keep the stolen coins as clean ones; so the engine lets none but known tokens do that
(docs/taint.md). What it refuses must be seen, or a real token that is not in the directory would
be a way out.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from tracing.core.types import AccountKey, BlockMovements, Hop, HopKind, Transaction

_LEFT = frozenset({HopKind.TRANSFER, HopKind.ARRIVAL, HopKind.CROSSING, HopKind.MIX, HopKind.DUST})


@dataclass(frozen=True, slots=True)
class Swap:
    """``address`` gave stolen units of ``gave`` to ``to`` and got ``amount`` of ``token``, in base
    units."""

    tx: str
    address: str
    to: str
    gave: str
    token: str
    amount: int


def swaps(block: BlockMovements, hops: Iterable[Hop], known: Container[str]) -> Iterator[Swap]:
    """What stolen value may have become in this block, where the token is not known.

    Only who gave stolen value in a transaction and gained in it counts: tokens that strangers
    scatter over an address say nothing.
    """
    gave: dict[str, dict[str, AccountKey]] = {}  # transaction -> giver -> what was paid
    got: set[tuple[str, str, str]] = set()  # (transaction, address, asset) that taint reached
    for hop in hops:
        if hop.frm is not None and hop.kind in _LEFT:
            gave.setdefault(hop.tx, {}).setdefault(hop.frm.address, hop.to)
        got.add((hop.tx, hop.to.address, hop.to.asset))
    for tx in block.transactions:
        givers = gave.get(tx.tx)
        for (address, token), amount in (_gains(tx, known) if givers else {}).items():
            if givers and amount > 0 and address in givers and (tx.tx, address, token) not in got:
                paid = givers[address]
                yield Swap(tx.tx, address, paid.address, paid.asset, token, amount)


def _gains(tx: Transaction, known: Container[str]) -> dict[tuple[str, str], int]:
    """Net changes of tokens that are not known, by address and token, in order."""
    net: dict[tuple[str, str], int] = {}
    for movement in tx.movements:
        if "/erc20:" not in movement.asset or movement.asset in known:
            continue
        for address, change in ((movement.frm, -movement.amount), (movement.to, movement.amount)):
            if address is not None:
                place = (address, movement.asset)
                net[place] = net.get(place, 0) + change
    return net
