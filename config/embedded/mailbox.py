"""A mail server of a drill's own: it takes every mail, counts it and forgets it.

As much of SMTP (RFC 5321) as a client needs to hand over a mail on this machine. Nothing of a drill
leaves the machine, and what is measured is a delivery and not a pretence of one.
"""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Self

from config.embedded.ports import HOST

LONGEST_LINE = 2**20
PATIENCE = 10.0  # seconds


class Mailbox:
    """Listens on a free port of this machine while it is entered."""

    def __init__(self) -> None:
        self.port = 0
        self.taken = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mailbox", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(PATIENCE)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._ready.set()
        self._loop.run_forever()
        self._loop.close()

    async def _listen(self) -> None:
        server = await asyncio.start_server(self._serve, HOST, 0, limit=LONGEST_LINE)
        self.port = server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (OSError, ValueError, asyncio.IncompleteReadError):
            pass  # a client that hangs up
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _say(writer, "220 drill")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"QUIT":
                await _say(writer, "221 bye")
                return
            if verb == b"DATA":
                await _say(writer, "354 go on")
                while (await reader.readline()).rstrip(b"\r\n") != b".":
                    if reader.at_eof():
                        return
                self.taken += 1
            await _say(writer, "250 OK")


async def _say(writer: asyncio.StreamWriter, words: str) -> None:
    writer.write(f"{words}\r\n".encode())
    await writer.drain()
