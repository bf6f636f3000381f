"""What an address did before a block: token transfers of a window of blocks, and who ever acted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from tracing.chains.errors import RetryableChainError, Unsupported
from tracing.chains.evm_json import data, quantity
from tracing.chains.evm_logs import TRANSFER, ZERO, read_log, token_moves
from tracing.chains.evm_rpc import JsonRpc, state_or_none
from tracing.chains.evm_windows import Logs, Told, Windows
from tracing.core import caip
from tracing.core.inference.hubs import Past

MOST_LOGS = 10_000  # of one direction; the newest are kept
MOST_WINDOWS = 8  # of one direction: how much a hub may cost to judge


def token_history(
    windows: Windows, chain: str, address: str, last: int, blocks: int
) -> list[Past] | None:
    """ERC-20 transfers from and to an address in the ``blocks`` up to ``last``, or in the newest
    part of them that the endpoint is willing to tell in a few requests, which is then complete;
    None where it tells nothing."""
    return _history(windows, chain, address, (max(0, last - blocks + 1), last), (None, None))


def token_histories(
    windows: Windows, chain: str, addresses: Sequence[str], last: int, blocks: int
) -> list[list[Past] | None]:
    """As `token_history`, of each of them; what is asked first is asked together."""
    span = max(0, last - blocks + 1), last
    told = iter(windows.newest_told(*span, [one for who in addresses for one in _asked(who)]))
    return [
        _history(windows, chain, address, span, (next(told), next(told))) for address in addresses
    ]


def _asked(address: str) -> list[dict[str, Any]]:
    word = "0x" + address.removeprefix("0x").rjust(64, "0")
    return [{"topics": [TRANSFER, word]}, {"topics": [TRANSFER, None, word]}]


def _history(
    windows: Windows,
    chain: str,
    address: str,
    span: tuple[int, int],
    told: tuple[Told | None, Told | None],
) -> list[Past] | None:
    found = []
    for wanted, first in zip(_asked(address), told, strict=True):
        try:
            found.append(windows.newest_logs(*span, wanted, most=MOST_WINDOWS, told=first))
        except (RetryableChainError, Unsupported):
            return None
    since = max(reached for _, reached in found)
    return [row for logs, _ in found for row in _rows(chain, address, logs, since)]


def _rows(chain: str, address: str, logs: Logs, since: int) -> list[Past]:
    found = []
    for entry in logs[-MOST_LOGS:]:
        if quantity(entry.get("blockNumber"), "a log's block") < since:
            continue
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
