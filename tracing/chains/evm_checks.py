"""Whether a node's answers about a block belong together: an endpoint behind a load balancer may
mix two forks, or serve a block before it has its logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from eth_utils.crypto import keccak

from tracing.chains.base import Head
from tracing.chains.errors import BadAnswer
from tracing.chains.evm_json import data, hash32, items, mapping, quantity


def read_head(header: Mapping[str, Any]) -> Head:
    """Raises BadAnswer."""
    return Head(
        quantity(header.get("number"), "the block's number"),
        hash32(header.get("hash"), "the block's hash"),
        hash32(header.get("parentHash"), "the block's parent"),
        quantity(header.get("timestamp"), "the block's timestamp"),
    )


def check_receipts(header: Mapping[str, Any], receipts: Sequence[Mapping[str, Any]]) -> None:
    """Every transaction has its receipt, of this block, and the logs fill the block's bloom."""
    head = read_head(header)
    hashes = [
        hash32(mapping(tx, "a transaction").get("hash"), "a transaction's hash")
        for tx in items(header.get("transactions"), "transactions")
    ]
    if len(receipts) != len(hashes):
        raise BadAnswer(f"{len(receipts)} receipts for {len(hashes)} transactions")
    bloom = 0
    expected_index = 0
    for place, receipt in enumerate(receipts):
        if hash32(receipt.get("blockHash"), "a receipt's block") != head.hash:
            raise BadAnswer("a receipt of another block")
        if hash32(receipt.get("transactionHash"), "a receipt's transaction") != hashes[place]:
            raise BadAnswer("the receipts are not in the order of the transactions")
        for entry in items(receipt.get("logs"), "logs"):
            log = mapping(entry, "a log")
            if hash32(log.get("blockHash"), "a log's block") != head.hash:
                raise BadAnswer("a log of another block")
            if quantity(log.get("logIndex"), "a log's index") != expected_index:
                raise BadAnswer("the logs of the block have a gap")
            expected_index += 1
            bloom |= _bloom_of(str(log.get("address")).lower())
            for topic in items(log.get("topics"), "topics"):
                bloom |= _bloom_of(str(topic).lower())
    if bloom != int.from_bytes(data(header.get("logsBloom"), "the block's bloom")):
        raise BadAnswer("the logs are not those of the block's bloom filter")


@lru_cache(maxsize=65_536)
def _bloom_of(value: str) -> int:
    """The three bits of an address or topic in a block's 2048-bit filter (Yellow Paper, 4.3.1)."""
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
