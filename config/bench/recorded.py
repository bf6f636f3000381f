"""Blocks that a real node made once, as its answers: what the replay server serves.

Every transaction is signed by the node with a key of its own, so that all that a header commits to
can be computed again, as on a real chain.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from config.embedded.node import Node, NodeOptions
from config.embedded.ports import HOST

CHAIN_ID = 31337
PEOPLE = 50
TOKEN = "0x" + "70" * 20
OPTIONS = NodeOptions(
    chain_id=CHAIN_ID, accounts=PEOPLE, balance=1_000_000, base_fee=0, gas_limit=100_000_000
)
# Called with a selector, an address and an amount, it logs a Transfer of that amount from its
# caller to that address, and sends the call's value on to it.
_TRANSFER = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
_CODE = (
    "0x602435600052"  # MSTORE(0, amount)
    f"600435337f{_TRANSFER}60206000a3"  # LOG3(0, 32, Transfer, caller, to)
    "60006000600060003460043562010000f1"  # CALL(65536, to, value)
    "00"
)
_AT_ONCE = 30  # blocks of one request

Send = tuple[str, str, int, int]  # from, to, wei, units of the token


class Recorder:
    """A fresh chain whose blocks are written down."""

    def __init__(self, node: Node) -> None:
        self._connection = http.client.HTTPConnection(HOST, node.port, timeout=120)
        self.people: list[str] = [str(one).lower() for one in self._call("eth_accounts")]
        self._nonces: dict[str, int] = {}
        self._call("anvil_setCode", TOKEN, _CODE)

    def mine(self, block: list[Send]) -> None:
        """One block of these transactions, in this order."""
        self._batch([("eth_sendTransaction", [self._numbered(*send)]) for send in block])
        self._call("evm_mine")

    def _numbered(self, frm: str, to: str, value: int, units: int) -> dict[str, str]:
        """With the sender's next nonce: the node takes the calls of one request in any order."""
        nonce = self._nonces.get(frm, 0)
        self._nonces[frm] = nonce + 1
        return _transaction(frm, to, value, units) | {"nonce": hex(nonce)}

    def write(self, path: Path) -> int:
        """All blocks as the node tells them, the first first; how many."""
        count = int(self._call("eth_blockNumber"), 16) + 1
        found: list[list[Any]] = []
        for first in range(0, count, _AT_ONCE):
            numbers = range(first, min(count, first + _AT_ONCE))
            answers = iter(self._batch([call for number in numbers for call in _asked(number)]))
            found += ([next(answers), next(answers), next(answers)] for _ in numbers)
        path.write_bytes(orjson.dumps(found))
        return count

    def close(self) -> None:
        self._connection.close()

    def _call(self, method: str, *params: Any) -> Any:
        return self._batch([(method, list(params))])[0]

    def _batch(self, calls: list[tuple[str, list[Any]]]) -> list[Any]:
        body = [
            {"jsonrpc": "2.0", "id": at, "method": method, "params": params}
            for at, (method, params) in enumerate(calls)
        ]
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", "/", orjson.dumps(body), headers)
        answers = orjson.loads(self._connection.getresponse().read())
        return [one["result"] for one in sorted(answers, key=lambda one: int(one["id"]))]


def _transaction(frm: str, to: str, value: int, units: int) -> dict[str, str]:
    asked = {"from": frm, "to": to, "value": hex(value), "gas": "0x30d40", "gasPrice": "0x0"}
    if units:
        asked |= {"to": TOKEN, "data": f"0xa9059cbb{to[2:]:0>64}{units:064x}"}
    return asked


def _asked(number: int) -> Iterator[tuple[str, list[Any]]]:
    yield "eth_getBlockByNumber", [hex(number), True]
    yield "eth_getBlockReceipts", [hex(number)]
    yield "trace_block", [hex(number)]


def address(number: int) -> str:
    """Somebody who has never had anything."""
    return f"0x{0x5EED << 140 | number:040x}"


def light(recorder: Recorder, blocks: int) -> None:
    """Blocks of a handful of transactions each: three of ether, two of a token, one of both."""
    people = recorder.people
    for number in range(blocks):
        sent = [
            (people[(number + at) % len(people)], address(8 * number + at), *amounts)
            for at, amounts in enumerate([(9, 0), (8, 0), (7, 0), (0, 5), (0, 6), (4, 3)])
        ]
        recorder.mine(sent)


def busy(recorder: Recorder, blocks: int, transactions: int, tainted: int) -> None:
    """Busy blocks, of which the first ``tainted`` transactions come from the first ten people, who
    send to addresses of their own; so do all others."""
    people = recorder.people
    fresh = iter(range(10**6, 10**9))
    for _ in range(blocks):
        sent = []
        for at in range(transactions):
            frm = people[at % 10] if at < tainted else people[10 + at % (len(people) - 10)]
            amounts = [(10**15 + at, 0), (0, 500 + at), (10**14 + at, 700)][at % 3]
            sent.append((frm, address(next(fresh)), *amounts))
        recorder.mine(sent)


def record(node: Node, path: Path, play: Callable[[Recorder], None]) -> int:
    """Have the blocks made and written to a file; the number of the last."""
    recorder = Recorder(node)
    try:
        play(recorder)
        return recorder.write(path) - 1
    finally:
        recorder.close()


def people(path: Path) -> list[str]:
    """Who sent something in the recorded blocks, in the order of their first transactions."""
    blocks = orjson.loads(path.read_bytes())
    return list(
        dict.fromkeys(tx["from"].lower() for block, _, _ in blocks for tx in block["transactions"])
    )
