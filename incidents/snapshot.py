"""One moment of the database for several queries: what permission says and what it lets out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from psycopg import IsolationLevel


@contextmanager
def of_the_database() -> Iterator[None]:
    """Every query inside sees the same moment (REPEATABLE READ). For reading: a write may fail.

    Inside of a transaction that runs already, its own rules hold.
    """
    if connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    raw = connection.connection
    before = raw.isolation_level
    # Before the transaction begins: whatever is asked first in it would fix the moment.
    raw.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        with transaction.atomic():
            yield
    finally:
        if not raw.closed:
            raw.isolation_level = before
