"""A history in the documented shape of Etherscan's API (version 2), made from a real node's blocks.

It reads the node's answers by itself, not through the code under test. What it does wrong is told
to it: how many records it gives at most, what it says instead, what it leaves out.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from config.embedded.node import Node

ZERO = "0x" + "00" * 20
# keccak256 of Transfer(address,address,uint256), TransferSingle(...) and TransferBatch(...)
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
SINGLE = "0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62"
Row = dict[str, str]
Mood = Callable[[dict[str, str], list[Row]], Any]


class Explorer:
    """Serves what happened on one node. ``most``: records of one answer, whatever is asked for."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.asked: list[dict[str, str]] = []
        self.most = 10_000
        self.moods: list[Mood] = []  # each for one answer; then the truth
        self.leaves_out: Callable[[str, Row], bool] = lambda action, row: False
        explorer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = dict(parse_qsl(urlsplit(self.path).query))
                status, body = explorer.answer(query)
                with suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v2/api?apikey=secret-key"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, query: dict[str, str]) -> tuple[int, bytes]:
        self.asked.append(query)
        rows = [row for row in self.records(query) if not self.leaves_out(query["action"], row)]
        size = int(query["offset"])
        at = int(query["page"])
        if at * size > 10_000:
            told: Any = refusal(
                "Result window is too large, PageNo x Offset size must be less than or equal to "
                "10000"
            )
        else:
            size = min(size, self.most)
            rows = rows[(at - 1) * size : at * size]
            told = {"status": "1", "message": "OK", "result": rows}
            if not rows:
                told = {"status": "0", "message": "No transactions found", "result": []}
        if self.moods:
            told = self.moods.pop(0)(query, rows)
        status = told if isinstance(told, int) else 200
        return status, told if isinstance(told, bytes) else json.dumps(told).encode()

    def records(self, query: dict[str, str]) -> list[Row]:
        """Everything of one action in the window, oldest first."""
        head = int(self.node.call("eth_blockNumber"), 16)
        last = min(int(query["endblock"]), head)
        make = {
            "txlist": self._normal,
            "txlistinternal": self._internal,
            "tokentx": self._tokens,
            "tokennfttx": self._nfts,
            "token1155tx": self._multi,
        }[query["action"]]
        found = []
        for number in range(int(query["startblock"]), last + 1):
            for row in make(number):
                if query["address"] in (row["from"], row["to"], row["contractAddress"]):
                    if query["action"].startswith("token") and query["address"] not in (
                        row["from"],
                        row["to"],
                    ):
                        continue
                    found.append(row)
        return found

    def _receipts(self, number: int) -> list[dict[str, Any]]:
        return list(self.node.call("eth_getBlockReceipts", hex(number)))

    def _normal(self, number: int) -> Iterator[Row]:
        block = self.node.call("eth_getBlockByNumber", hex(number), True)
        for tx, receipt in zip(block["transactions"], self._receipts(number), strict=True):
            failed = receipt["status"] == "0x0"
            yield {
                **self._place(number, tx["hash"]),
                "from": tx["from"],
                "to": tx["to"] or "",
                "value": str(int(tx["value"], 16)),
                "contractAddress": receipt.get("contractAddress") or "",
                "isError": "1" if failed else "0",
                "txreceipt_status": "0" if failed else "1",
            }

    def _internal(self, number: int) -> Iterator[Row]:
        failed: set[tuple[str, tuple[int, ...]]] = set()
        for trace in self.node.call("trace_block", hex(number)):
            tx, path = trace.get("transactionHash"), tuple(trace["traceAddress"])
            if tx is None:
                continue
            if trace.get("error"):
                failed.add((tx, path))
            if not path:
                continue
            is_error = any((tx, path[:depth]) in failed for depth in range(len(path) + 1))
            action = trace["action"]
            yield {
                **self._place(number, tx),
                "from": action["from"],
                "to": action.get("to") or "",
                "value": str(int(action.get("value", "0x0"), 16)),
                "contractAddress": (trace.get("result") or {}).get("address") or "",
                "type": action.get("callType") or trace["type"],
                "traceId": "_".join(map(str, path)),
                "isError": "1" if is_error else "0",
                "errCode": "",
            }

    def _logs(self, number: int) -> Iterator[dict[str, Any]]:
        for receipt in self._receipts(number):
            yield from receipt["logs"]

    def _tokens(self, number: int) -> Iterator[Row]:
        for log in self._logs(number):
            if log["topics"][:1] == [TRANSFER] and len(log["topics"]) == 3:
                yield {
                    **self._place(number, log["transactionHash"]),
                    **sides(log["topics"][1], log["topics"][2]),
                    "contractAddress": log["address"],
                    "value": str(int(log["data"], 16)),
                    "tokenDecimal": "18",
                }

    def _nfts(self, number: int) -> Iterator[Row]:
        for log in self._logs(number):
            if log["topics"][:1] == [TRANSFER] and len(log["topics"]) == 4:
                yield {
                    **self._place(number, log["transactionHash"]),
                    **sides(log["topics"][1], log["topics"][2]),
                    "contractAddress": log["address"],
                    "tokenID": str(int(log["topics"][3], 16)),
                }

    def _multi(self, number: int) -> Iterator[Row]:
        for log in self._logs(number):
            if log["topics"][:1] == [SINGLE]:
                yield {
                    **self._place(number, log["transactionHash"]),
                    **sides(log["topics"][2], log["topics"][3]),
                    "contractAddress": log["address"],
                    "tokenID": str(int(log["data"][2:66], 16)),
                    "tokenValue": str(int(log["data"][66:], 16)),
                }

    def _place(self, number: int, tx: str) -> Row:
        return {"blockNumber": str(number), "timeStamp": "0", "hash": tx, "confirmations": "1"}


def sides(frm: str, to: str) -> Row:
    return {"from": "0x" + frm[-40:], "to": "0x" + to[-40:]}


def refusal(result: str) -> dict[str, Any]:
    """How every error comes: HTTP 200, status 0, the reason in the result."""
    return {"status": "0", "message": "NOTOK", "result": result}


def saying(told: Any) -> Mood:
    """A mood that says something else once."""
    return lambda query, rows: told
