"""The made-up nodes on HTTP: one small server for all of them, each at a path of its own.

The path is /<operator>/<client>. What a node knows of whoever asks is the client in the path, as a
provider knows its customers by the key in the URL.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

import orjson

from tests.liars.faults import Reply
from tests.liars.operators import Operator

WATCHER = "watcher"
_CHUNK = b" " * 65_536


class Server:
    """``operators`` may be replaced at any time. It runs in a thread of its own until closed."""

    def __init__(self) -> None:
        self.operators: dict[str, Operator] = {}
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        if not started.wait(10):
            raise RuntimeError("the simulator did not start")

    def url(self, operator: str, client: str = WATCHER) -> str:
        return f"http://127.0.0.1:{self.port}/{operator}/{client}"

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = server.sockets[0].getsockname()[1]
        started.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        for writer in tuple(self._writers):
            writer.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # whoever asked lost patience, or the server is closed
        finally:
            self._writers.discard(writer)
            with suppress(OSError):
                writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; False: the connection is over."""
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ", 2)[1].decode().strip("/").split("/")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        asked = orjson.loads(await reader.readexactly(length))
        operator = self.operators.get(path[0])
        if operator is None:
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return True
        client = path[1] if len(path) > 1 else ""
        return await _send(writer, operator.respond(asked, client))


async def _send(writer: asyncio.StreamWriter, reply: Reply) -> bool:
    if reply.hangs_up:
        return False
    body = reply.raw if reply.raw is not None else orjson.dumps(reply.body)
    length = reply.announced or len(body)
    headers = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
    start = f"HTTP/1.1 {reply.status} X\r\nContent-Type: application/json\r\n{headers}"
    writer.write(f"{start}Content-Length: {length}\r\n\r\n".encode())
    if reply.drip:
        for at in range(len(body)):
            writer.write(body[at : at + 1])
            await writer.drain()
            await asyncio.sleep(reply.drip)
    elif reply.announced:
        for _ in range(reply.announced // len(_CHUNK)):
            writer.write(_CHUNK)
            await writer.drain()
    else:
        writer.write(body)
    await writer.drain()
    return True
