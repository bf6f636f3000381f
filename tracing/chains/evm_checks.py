"""Whether a node's answers about a block belong together: an endpoint behind a load balancer may
mix two forks, or serve a block before it has its logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from eth_utils.crypto import keccak

from tracing.chains.base import Head
from tracing.chains.errors import BadAnswer
from tracing.chains.evm_json import address, data, hash32, items, mapping, objects, quantity
from tracing.chains.evm_traces import BlockTrace

HIGHEST = 2**53  # of a block's number: what every program reads
LATEST = 253_402_214_400  # Unix seconds, of a block's timestamp: the last day of the year 9999


def read_head(header: Mapping[str, Any]) -> Head:
    """Raises BadAnswer."""
    head = Head(
        quantity(header.get("number"), "the block's number"),
        hash32(header.get("hash"), "the block's hash"),
        hash32(header.get("parentHash"), "the block's parent"),
        quantity(header.get("timestamp"), "the block's timestamp"),
    )
    if head.number > HIGHEST or head.timestamp > LATEST:
        raise BadAnswer("no block has such a number or timestamp")
    return head


def check_receipts(header: Mapping[str, Any], receipts: Sequence[Mapping[str, Any]]) -> None:
    """Every transaction has its receipt, of this block, and the logs fill the block's bloom."""
    check_belonging(header, receipts)
    check_logs(header, receipts)


def check_belonging(header: Mapping[str, Any], receipts: Sequence[Mapping[str, Any]]) -> None:
    """Every transaction has its receipt, and everything in it names this block. Where this fails,
    two nodes or two moments were mixed; where it holds, the answers speak of one block."""
    head = read_head(header)
    transactions = items(header.get("transactions"), "transactions")
    if len(receipts) != len(transactions):
        raise BadAnswer(f"{len(receipts)} receipts for {len(transactions)} transactions")
    for entry, receipt in zip(transactions, receipts, strict=True):
        tx = mapping(entry, "a transaction")
        named = tx.get("blockHash")
        if named is not None and hash32(named, "a transaction's block") != head.hash:
            raise BadAnswer("a transaction of another block")
        if hash32(receipt.get("blockHash"), "a receipt's block") != head.hash:
            raise BadAnswer("a receipt of another block")
        tx_hash = hash32(tx.get("hash"), "a transaction's hash")
        if hash32(receipt.get("transactionHash"), "a receipt's transaction") != tx_hash:
            raise BadAnswer("the receipts are not in the order of the transactions")
        for log in objects(receipt.get("logs"), "a log"):
            if hash32(log.get("blockHash"), "a log's block") != head.hash:
                raise BadAnswer("a log of another block")
    # A node that has the receipts but not their logs yet gives none at all.
    full = int.from_bytes(data(header.get("logsBloom"), "the block's bloom"))
    if full and not any(receipt["logs"] for receipt in receipts):
        raise BadAnswer("a block with logs, told without any: its bloom filter is not empty")


def check_logs(header: Mapping[str, Any], receipts: Sequence[Mapping[str, Any]]) -> None:
    """The logs are numbered through the block, and fill its bloom filter."""
    bloom = 0
    expected_index = 0
    for receipt in receipts:
        logs = objects(receipt.get("logs"), "a log")
        for log in logs:
            if quantity(log.get("logIndex"), "a log's index") != expected_index:
                raise BadAnswer("the logs of the block have a gap")
            expected_index += 1
        bloom |= bloom_of_logs(logs)
    if bloom != int.from_bytes(data(header.get("logsBloom"), "the block's bloom")):
        raise BadAnswer("the logs are not those of the block's bloom filter")


def bloom_of_logs(logs: Sequence[Mapping[str, Any]]) -> int:
    """The 2048-bit filter of some logs, as a number."""
    bloom = 0
    for log in logs:
        bloom |= _bloom_of(address(log.get("address"), "a log's address"))
        for topic in items(log.get("topics"), "topics"):
            bloom |= _bloom_of(hash32(topic, "a topic"))
    return bloom


@lru_cache(maxsize=65_536)
def _bloom_of(value: str) -> int:
    """The three bits of a well-formed address or topic in a block's 2048-bit filter (Yellow Paper,
    4.3.1)."""
    digest = keccak(data(value, "an address or topic"))
    bits = 0
    for at in (0, 2, 4):
        bits |= 1 << (int.from_bytes(digest[at : at + 2]) & 2047)
    return bits


def check_flat_traces(header: Mapping[str, Any], traces: Sequence[Mapping[str, Any]]) -> None:
    """trace_block: every entry names this block, and every transaction has entries."""
    block_hash = hash32(header.get("hash"), "the block's hash")
    seen: set[str] = set()
    for entry in traces:
        if hash32(entry.get("blockHash"), "a trace's block") != block_hash:
            raise BadAnswer("a trace of another block")
        if entry.get("transactionHash") is not None:
            seen.add(hash32(entry["transactionHash"], "a trace's transaction"))
    if len(seen) != len(items(header.get("transactions"), "transactions")):
        raise BadAnswer("traces are missing for some transactions of the block")


def check_nested_traces(header: Mapping[str, Any], traces: Sequence[Mapping[str, Any]]) -> None:
    """debug_traceBlockByHash: one entry per transaction (it was asked for by the block's hash)."""
    if len(traces) != len(items(header.get("transactions"), "transactions")):
        raise BadAnswer("traces are missing for some transactions of the block")


def check_outcomes(receipts: Sequence[Mapping[str, Any]], traced: BlockTrace) -> None:
    """Each transaction's trace has its receipt, which says the same of whether it failed. What did
    not could be compared with other endpoints' words and never be decoded."""
    for trace in traced.transactions:
        if not 0 <= trace.index < len(receipts):
            raise BadAnswer("a trace of a transaction that the block does not have")
        receipt = receipts[trace.index]
        named = hash32(receipt.get("transactionHash"), "a receipt's transaction")
        if trace.tx is not None and trace.tx != named:
            raise BadAnswer("a trace belongs to another transaction than its place says")
        status = receipt.get("status")
        if status is not None and (quantity(status, "a receipt's status") == 1) != trace.ok:
            raise BadAnswer("a trace and a receipt disagree on whether a transaction failed")
