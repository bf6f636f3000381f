"""News of new blocks over a WebSocket. Only news: what a block holds is read elsewhere, and whoever
is told nothing, or lies, is told of by nobody here."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, cast

import orjson
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from tracing.chains.evm_transport import Hidden

LARGEST = 64 * 2**20  # bytes of one message; the library's own limit of 1 MiB is too little
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds before the next try
_REFUSED_PAUSE = 300.0  # seconds, where the endpoint does not offer subscriptions
_LOOK_UP = 0.5  # seconds between two looks whether to stop
_OPEN_SECONDS = 10.0
_LONGEST_READ = 2**20  # bytes

# The library writes addresses and messages into its debug log.
_quiet = logging.getLogger("tracing.chains.sockets")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False
_quiet.setLevel(logging.CRITICAL)


class RefusedError(Exception):
    """The endpoint does not offer subscriptions to new blocks."""


class Listener:
    """Calls ``on_head`` for each new block that an endpoint tells of, on a thread of its own.

    ``silence``: seconds without news after which a connection is taken for dead. The connection is
    made anew as long as it is not closed; TLS certificates are checked.
    """

    def __init__(self, url: str, on_head: Callable[[], None], *, silence: float = 120.0) -> None:
        self._url = Hidden(url)
        self._on_head = on_head
        self._silence = silence
        self._closed = threading.Event()
        self._tries = 0
        self.heard_at: float | None = None  # monotonic
        self._thread = threading.Thread(target=self._run, name="heads", daemon=True)

    def __repr__(self) -> str:
        return "Listener(<endpoint>)"

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self) -> None:
        """Stop soon; nobody has to wait for it."""
        self._closed.set()

    def join(self, seconds: float) -> None:
        """Wait until it has stopped."""
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._closed.is_set():
            pause = min(_FIRST_PAUSE * 2.0**self._tries, _LONGEST_PAUSE)
            self._tries = min(self._tries + 1, 16)
            try:
                with self._connected() as connection:
                    self._listen(connection)
            except RefusedError:
                pause = _REFUSED_PAUSE
            except (OSError, WebSocketException, ValueError, EOFError, AssertionError):
                pass  # its words may hold the address
            self._closed.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311 (nothing secret)

    def _connected(self) -> AbstractContextManager[ClientConnection]:
        opened: Any = connect(
            self._url.text,
            open_timeout=_OPEN_SECONDS,
            close_timeout=1.0,
            max_size=LARGEST,
            logger=_quiet,
        )
        return cast("AbstractContextManager[ClientConnection]", opened)

    def _listen(self, connection: ClientConnection) -> None:
        asked = {"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"]}
        connection.send(orjson.dumps(asked), text=True)
        until = time.monotonic() + self._silence
        while not self._closed.is_set() and time.monotonic() < until:
            try:
                message = connection.recv(timeout=_LOOK_UP)
            except TimeoutError:
                continue
            # what is longer than any header is news too, and nobody reads it
            if len(message) > _LONGEST_READ or _is_news(orjson.loads(message)):
                self._tries = 0
                self.heard_at = time.monotonic()
                until = self.heard_at + self._silence
                self._on_head()


def _is_news(message: Any) -> bool:
    """Whether it tells of a block; the answer to the subscription is none.

    :raises RefusedError: the answer is an error.
    """
    if not isinstance(message, dict):
        return False
    if message.get("id") == 1 and message.get("error") is not None:
        raise RefusedError
    return message.get("method") == "eth_subscription"
