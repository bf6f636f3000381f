"""ERC-20 movements beside a bridge's event: they tell the token where the event does not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tracing.bridges._events import BadLog
from tracing.bridges._words import ZERO
from tracing.bridges.base import Receipt
from tracing.core.caip import erc20
from tracing.core.logs import Log

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
WRAP = "0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c"
_MOVED = ("moved",)
_WORD = re.compile(r"0x[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Moved:
    token: str
    source: str
    target: str
    amount: int
    index: int


def moved(receipt: Receipt) -> Sequence[Moved]:
    """ERC-20 transfers of a transaction in order, and coins that were wrapped; NFTs not."""
    if _MOVED not in receipt.read_before:
        transfers = [_transfer(log) for log in receipt.with_topic(TRANSFER)]
        wraps = [_wrap(log) for log in receipt.with_topic(WRAP)]
        found = [one for one in [*transfers, *wraps] if one is not None]
        receipt.read_before[_MOVED] = sorted(found, key=lambda one: one.index)
    known: Sequence[Moved] = receipt.read_before[_MOVED]
    return known


def _transfer(log: Log) -> Moved | None:
    source, target = log.address_at("topic1"), log.address_at("topic2")
    if len(log.topics) != 3 or not _WORD.fullmatch(log.data) or not source or not target:
        return None
    return Moved(log.address, source, target, int(log.data, 16), log.index)


def _wrap(log: Log) -> Moved | None:
    """Deposit(dst, wad) of a wrapped coin: it makes no Transfer."""
    target = log.address_at("topic1")
    if len(log.topics) != 2 or not _WORD.fullmatch(log.data) or not target:
        return None
    return Moved(log.address, ZERO, target, int(log.data, 16), log.index)


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


def paid_next(receipt: Receipt, payer: str, after: int) -> Moved | None:
    """The token that ``payer`` sent, or that was minted, in the very next log of a transaction.

    Only the next one: further on, anybody may write what he likes. Where a relayer's fee in the
    same token comes first, the larger of both is the payment.
    """
    near = {one.index: one for one in moved(receipt) if one.source in (payer, ZERO)}
    first, second = near.get(after + 1), near.get(after + 2)
    if first is None or second is None or first.token != second.token:
        return first
    return max(first, second, key=lambda one: one.amount)


def take(data: bytes, *sizes: int) -> tuple[bytes, ...]:
    """Cut packed fields off the front of bytes. Raises BadLog where they are too few."""
    if len(data) < sum(sizes):
        raise BadLog("a packed message that is too short")
    parts, at = [], 0
    for size in sizes:
        parts.append(data[at : at + size])
        at += size
    return (*parts, data[at:])
