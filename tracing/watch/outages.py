"""The database may be away for a moment. Whoever works here waits and goes on where it was."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)
T = TypeVar("T")
# What a lost connection raises; a deadlock raises one of them too, over a connection that is fine.
GONE = (OperationalError, InterfaceError)
LONGEST = 600.0
PAUSE = 0.1
_never = threading.Event()


def is_broken() -> bool:
    """Whether this thread's connection is of no use any more."""
    return connection.connection is None or bool(connection.connection.closed)


def is_gone(error: Exception) -> bool:
    """Whether an error tells of a lost connection; by itself, since another query may have opened
    a new one meanwhile. Classes 08 and 57P of PostgreSQL's error codes, or no code at all."""
    if not isinstance(error, GONE):
        return False
    code = getattr(error.__cause__, "sqlstate", None)
    return is_broken() or code is None or code.startswith(("08", "57P"))


def wait(stop: threading.Event = _never, timeout: float = LONGEST) -> bool:
    """Return True as soon as the database takes connections; False: stopped, or it never did."""
    until = time.monotonic() + timeout
    while time.monotonic() < until and not stop.is_set():
        connection.close()
        try:
            connection.ensure_connection()
        except OperationalError:
            stop.wait(PAUSE)
            continue
        return True
    return False


def endure(work: Callable[[], T]) -> T:
    """``work``, again from its beginning after an outage: whatever it does may be done twice.

    :raises OperationalError: the database stays away, or the fault is another.
    """
    while True:
        try:
            return work()
        except GONE as error:
            if not is_gone(error):
                raise
            logger.warning("the database is away (%s); waiting for it", type(error).__name__)
            if not wait():
                raise
