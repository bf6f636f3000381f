"""A server of recorded blocks: a node that answers at once. Run as a program it prints its port.

``python -m config.bench.replay FILE``: see `config.bench.recorded`. It ends when what started it
closes its standard input. An endpoint in tests and measurements, never a node to rely on.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson

from config.bench.recorded import CHAIN_ID
from config.embedded.node import ROOT
from config.embedded.ports import HOST

MOST = 64 * 2**20  # bytes of a request


class Replay:
    """The answers, each made once."""

    def __init__(self, blocks: list[list[Any]]) -> None:
        self._by_number = [[orjson.dumps(part) for part in parts] for parts in blocks]
        self._by_hash = {block["hash"]: at for at, (block, _, _) in enumerate(blocks)}
        self._heads = [
            orjson.dumps(block | {"transactions": [tx["hash"] for tx in block["transactions"]]})
            for block, _, _ in blocks
        ]
        self._answers: dict[str, Callable[[list[Any]], bytes]] = {
            "eth_chainId": lambda _: orjson.dumps(hex(CHAIN_ID)),
            "eth_blockNumber": lambda _: orjson.dumps(hex(len(blocks) - 1)),
            "eth_getBlockByNumber": self._block,
            "eth_getBlockByHash": self._block,
            "eth_getBlockReceipts": lambda params: self._part(params, 1),
            "trace_block": lambda params: self._part(params, 2),
            "eth_getBalance": lambda _: b'"0x0"',
            "eth_getCode": lambda _: b'"0x"',
            "eth_getTransactionCount": lambda _: b'"0x0"',
            "eth_call": lambda _: b'"0x"',
            "eth_getLogs": lambda _: b"[]",
            "web3_clientVersion": lambda _: b'"replay"',
        }

    def answer(self, body: bytes) -> bytes:
        """One HTTP body for another."""
        asked = orjson.loads(body)
        if isinstance(asked, list):
            return b"[" + b",".join(map(self._entry, asked)) + b"]"
        return self._entry(asked)

    def _entry(self, asked: Any) -> bytes:
        known = self._answers.get(asked["method"])
        name = orjson.dumps(asked["id"])
        if known is None:
            wrong = b'{"code":-32601,"message":"method not found"}'
            return b'{"jsonrpc":"2.0","id":%b,"error":%b}' % (name, wrong)
        return b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (name, known(asked.get("params", [])))

    def _block(self, params: list[Any]) -> bytes:
        at = self._place(params[0])
        if at is None:
            return b"null"
        return self._by_number[at][0] if params[1] else self._heads[at]

    def _part(self, params: list[Any], part: int) -> bytes:
        at = self._place(params[0])
        return b"null" if at is None else self._by_number[at][part]

    def _place(self, which: str) -> int | None:
        last = len(self._by_number) - 1
        if not which.startswith("0x"):
            return 0 if which == "earliest" else last
        if len(which) == 66:
            return self._by_hash.get(which)
        number = int(which, 16)
        return number if number <= last else None


async def _serve(replay: Replay, say: Callable[[int], None]) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.lower().split(b"\r\n")
                length = next(
                    int(line[15:]) for line in lines if line.startswith(b"content-length:")
                )
                answer = replay.answer(await reader.readexactly(length))
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                    + b"%d\r\n\r\n" % len(answer)
                )
                writer.write(answer)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, HOST, 0, limit=MOST)
    say(server.sockets[0].getsockname()[1])
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await ended
    server.close()


@contextmanager
def served(path: Path) -> Iterator[str]:
    """The URL of a server of these blocks, in a process of its own."""
    program = subprocess.Popen(
        [sys.executable, "-m", "config.bench.replay", str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdin is not None and program.stdout is not None  # noqa: S101, PT018
    try:
        yield f"http://{HOST}:{int(program.stdout.readline())}"
    finally:
        program.stdin.close()
        program.wait(timeout=10)


def main(path: str) -> None:
    """Serve until standard input ends."""
    replay = Replay(orjson.loads(Path(path).read_bytes()))
    asyncio.run(_serve(replay, lambda port: print(port, flush=True)))


if __name__ == "__main__":
    main(sys.argv[1])
