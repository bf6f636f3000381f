"""A block's view in a form that two client programs which mean the same give the same of. Pure."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from tracing.chains.base import RawBlock
from tracing.chains.evm_decode import MADE_BLOCKS, assemble
from tracing.chains.evm_traces import read_traces
from tracing.chains.quorum import Digest


def digest(raw: RawBlock) -> Digest:
    """Raises BadAnswer for a block that cannot be decoded."""
    traces = "" if raw.traces is None else _hash(_native(raw))
    return Digest(raw.head.hash, _hash(_contents(raw)), traces)


def _contents(raw: RawBlock) -> list[Any]:
    parts = assemble(raw.header, raw.receipts, None)
    transactions = [
        [
            *(tx.index, tx.tx, tx.sender, tx.to, str(tx.value), str(tx.minted)),
            *(tx.ok, tx.created, str(tx.fee)),
            [[log.address, log.topics, log.data.hex(), log.index] for log in tx.logs],
        ]
        for tx in parts.transactions
    ]
    paid = [[who, str(amount)] for who, amount in parts.withdrawals]
    return [parts.number, parts.parent_hash, parts.timestamp, transactions, paid]


def _native(raw: RawBlock) -> list[Any]:
    """Everything that decoding takes from traces, by transaction, in the order of running. What
    the transaction itself carried is in it too, since a trace's word on it counts, and so is what
    the protocol is said to have paid, unless decoding makes nothing of it."""
    block = read_traces(raw.traces or [])
    found: list[Any] = []
    for tx in block.transactions:
        inner = [(frm, to, str(value)) for frm, to, value in tx.inner]
        ended = [(d.address, d.after, str(d.to_itself), d.fresh) for d in tx.destroyed]
        top = None if tx.top is None else (*tx.top[:2], str(tx.top[2]))
        if inner or ended or top or tx.contracts:
            found.append([tx.index, top, inner, ended, sorted(tx.contracts)])
    paid = sorted(
        (who, str(value))
        for who, value, kind in block.rewards
        if value and kind != "withdrawal" and kind not in MADE_BLOCKS
    )
    return [found, paid]


def _hash(value: list[Any]) -> str:
    return hashlib.sha256(orjson.dumps(value)).hexdigest()
