"""ERC-20 movements beside a bridge's event: they tell the token where the event does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracing.bridges._events import BadLog
from tracing.bridges._words import ZERO
from tracing.bridges.base import Receipt
from tracing.core.caip import erc20

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"


@dataclass(frozen=True, slots=True)
class Moved:
    token: str
    source: str
    target: str
    amount: int
    index: int


def moved(receipt: Receipt) -> Iterator[Moved]:
    """ERC-20 transfers of a transaction, in order; others with that topic are passed over."""
    for log in receipt.with_topic(TRANSFER):
        source, target = log.address_at("topic1"), log.address_at("topic2")
        if len(log.topics) == 3 and len(log.data) == 66 and source and target:
            yield Moved(log.address, source, target, int(log.data, 16), log.index)


def taken(
    receipt: Receipt, holder: str, before: int, amount: int | None = None
) -> tuple[str, int] | None:
    """Asset and amount that ``holder`` last took in or burned before that log of the transaction.

    ``amount`` in base units must agree where it is known. A token that the attacker wrote may say
    so as well: then that token is what he sent, and it is not what was stolen.
    """
    found = None
    for one in moved(receipt):
        if one.index >= before or (amount is not None and one.amount != amount):
            continue
        if one.target == holder or (one.target == ZERO and holder in (one.source, one.token)):
            found = erc20(receipt.chain, one.token), one.amount
    return found


def take(data: bytes, *sizes: int) -> tuple[bytes, ...]:
    """Cut packed fields off the front of bytes. Raises BadLog where they are too few."""
    if len(data) < sum(sizes):
        raise BadLog("a packed message that is too short")
    parts, at = [], 0
    for size in sizes:
        parts.append(data[at : at + size])
        at += size
    return (*parts, data[at:])
