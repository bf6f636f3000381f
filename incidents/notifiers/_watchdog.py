"""An end for a connection whose every answer comes just in time."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def ends_after(seconds: float, of: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Shut ``of()`` down once ``seconds`` have passed: whoever waits on it gets an OSError.

    A timeout of a socket counts from byte to byte; a server that sends one now and then could hold
    a worker for ever.
    """

    def end() -> None:
        sock = of()
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
