"""What ends a watcher's idle moment early: news of a new block over a WebSocket.

Beneath it the watcher polls. News are a reason to look and nothing more, so a socket that is silent
makes it slower by `PAUSE_WITH_NEWS` at most, and one that lies makes it look in vain.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Self

from tracing.chains.evm_heads import Listener
from tracing.models import Chain
from tracing.services import endpoints

PAUSE = 0.1  # seconds between two looks
PAUSE_WITH_NEWS = 0.5  # the same while a socket tells of blocks
LOOK_AROUND = 0.5  # between two looks of a chain at rest at everything else, in the database
SHORTEST = 0.02  # however many news there are
_SILENT_AFTER = 4  # usual times between two blocks


class Alarm:
    """Listens to every endpoint of a chain that tells of new blocks, while it is open."""

    def __init__(self, chain: Chain) -> None:
        self._news = threading.Event()
        self._block_seconds = max(chain.block_seconds, 1.0)
        silence = max(60.0, 10 * self._block_seconds)
        self._listeners = [
            Listener(url, self._news.set, silence=silence) for url in endpoints.ws_urls(chain)
        ]

    def __enter__(self) -> Self:
        for listener in self._listeners:
            listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        for listener in self._listeners:
            listener.close()

    def wait(self) -> None:
        """Until there is news, or it is time to look anyway."""
        if not self._listeners:
            time.sleep(PAUSE)
            return
        time.sleep(SHORTEST)
        self._news.wait((PAUSE_WITH_NEWS if self.is_heard() else PAUSE) - SHORTEST)
        self._news.clear()

    def rest(self, is_ahead: Callable[[], bool]) -> None:
        """Until the chain goes on, or it is time to look at everything else again. Of many chains
        at rest each asks its node often and the database seldom."""
        until = time.monotonic() + LOOK_AROUND
        while time.monotonic() < until:
            self.wait()
            if is_ahead():
                return

    def is_heard(self) -> bool:
        """Whether some endpoint has told of a block not long ago."""
        since = time.monotonic() - _SILENT_AFTER * self._block_seconds
        return any(one.heard_at is not None and one.heard_at > since for one in self._listeners)
