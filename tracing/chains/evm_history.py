"""What an address did before a block: token transfers of a window of blocks, and who ever acted."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tracing.chains.evm_json import data, objects, quantity
from tracing.chains.evm_logs import TRANSFER, ZERO, read_log, token_moves
from tracing.chains.evm_rpc import CallFailed, JsonRpc, state_or_none
from tracing.core import caip
from tracing.core.inference.hubs import Past

MOST_LOGS = 10_000  # of one direction; the newest are kept
_TRIES = 5  # with half of the window each: providers limit blocks and results, each its own way


def token_history(
    rpc: JsonRpc, chain: str, address: str, last: int, blocks: int
) -> list[Past] | None:
    """ERC-20 transfers from and to an address in the ``blocks`` up to ``last``, or in the newest
    part of them that the endpoint is willing to tell; None where it tells nothing."""
    word = "0x" + address.removeprefix("0x").rjust(64, "0")
    for _ in range(_TRIES):
        first = max(0, last - blocks + 1)
        asked = {"fromBlock": hex(first), "toBlock": hex(last)}
        calls = [
            ("eth_getLogs", ({**asked, "topics": topics},))
            for topics in ([TRANSFER, word], [TRANSFER, None, word])
        ]
        answers = rpc.batch(calls)
        if not any(isinstance(answer, CallFailed) for answer in answers):
            return [row for answer in answers for row in _rows(chain, address, answer)]
        blocks //= 2
    return None


def _rows(chain: str, address: str, answer: Any) -> list[Past]:
    found = []
    for entry in objects(answer, "a log")[-MOST_LOGS:]:
        for move in token_moves([read_log(entry)]):
            other = move.to if move.frm == address else move.frm
            if move.standard == "erc20" and other not in (address, ZERO):
                found.append(Past(other, caip.erc20(chain, move.contract), move.amount))
    return found


def acting(rpc: JsonRpc, addresses: Collection[str], block_hash: str) -> set[str]:
    """Those that are contracts, or had sent a transaction of their own, at a block.

    A delegation by EIP-7702 is a transaction's doing too. Where the node no longer has the block's
    state nobody is known to have acted.
    """
    at = {"blockHash": block_hash}
    wanted = sorted(addresses)
    calls = [
        (method, (address, at))
        for address in wanted
        for method in ("eth_getTransactionCount", "eth_getCode")
    ]
    answers = iter(rpc.batch(calls))
    found = set()
    for address in wanted:
        count = state_or_none("eth_getTransactionCount", next(answers)) or "0x0"
        code = state_or_none("eth_getCode", next(answers)) or "0x"
        if quantity(count, "a number of transactions") or data(code, "code"):
            found.add(address)
    return found
