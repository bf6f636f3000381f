"""What `make soak` kills, and how: nobody is asked, nothing is flushed, no goodbye is said."""

from __future__ import annotations

import contextlib
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import psycopg
import redis

from config.embedded.errors import EmbeddedError
from config.embedded.postgres import DATABASE
from config.embedded.room import Room

#: Processes of the room; the services; one session of the database; everything that Redis holds.
WORKERS = ("worker", "watcher")
BACKEND, EMPTIED = "backend", "flushall"
VICTIMS = (*WORKERS, "beat", "web", "postgres", BACKEND, "redis", EMPTIED)
# Whoever watches a chain is held up by these.
HOLDING_UP = frozenset({"watcher", "postgres", BACKEND})


def process_of(victim: str) -> str:
    """The supervised process that must run for this victim to be struck."""
    return {BACKEND: "postgres", EMPTIED: "redis"}.get(victim, victim)


def strike(victim: str, room: Room, chance: Random) -> None:
    """Kill it now. ``chance`` picks the session of the database.

    :raises EmbeddedError: it does not run.
    """
    if victim == "postgres":
        _fell(room.stack.supervisor.pid("postgres"))
    elif victim == BACKEND:
        _end_a_session(room, chance)
    elif victim == EMPTIED:
        _empty(room)
    else:
        room.stack.supervisor.kill(victim)


def _fell(server: int) -> None:
    """The server with all its children at once. Each child has a process group of its own: killing
    the server's would leave them to end in order."""
    os.kill(server, signal.SIGSTOP)  # it must not see the first child die, nor start another
    for pid in (*_children(server), server):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found.append(int(entry.name))
    return found


def _end_a_session(room: Room, chance: Random) -> None:
    """One session alone: the server then ends all others and recovers, as after any crash."""
    postgres = room.stack.postgres
    assert postgres is not None  # noqa: S101 (a scratch stack has one)
    query = (
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
        " AND pid <> pg_backend_pid() ORDER BY backend_start"
    )
    try:
        with psycopg.connect(postgres.super_url(), connect_timeout=5) as connection:
            pids = [row[0] for row in connection.execute(query)]
    except psycopg.OperationalError as error:
        raise EmbeddedError(f"PostgreSQL does not answer: {error}") from error
    if pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(pids), signal.SIGKILL)


def has_followed(room: Room, since: datetime) -> bool:
    """Whether a watcher has applied a block, or found none to apply, after this moment."""
    postgres = room.stack.postgres
    assert postgres is not None  # noqa: S101 (a scratch stack has one)
    query = "SELECT max(verified_at) > %s FROM tracing_chain"
    try:
        with psycopg.connect(postgres.super_url(DATABASE), connect_timeout=2) as connection:
            found = connection.execute(query, (since,)).fetchone()
    except psycopg.OperationalError:
        return False
    return bool(found and found[0])


def _empty(room: Room) -> None:
    client = client_of(room)
    try:
        client.flushall()
    except redis.RedisError as error:
        raise EmbeddedError(f"Redis does not answer: {error}") from error
    finally:
        client.close()


def client_of(room: Room) -> redis.Redis:
    """A connection of our own to the room's Redis."""
    server = room.stack.redis
    assert server is not None  # noqa: S101 (a scratch stack has one)
    return redis.Redis.from_url(server.url(), socket_timeout=2)


def is_served(room: Room, since: datetime) -> bool:
    """Whether Redis answers and all workers wait for tasks there, one of them anew since then."""
    client = client_of(room)
    try:
        waiting = [row for row in client.client_list() if row["cmd"] == "brpop"]
    except redis.RedisError:
        return False
    finally:
        client.close()
    seconds = (datetime.now(UTC) - since).total_seconds()
    is_new = any(int(row["age"]) <= seconds for row in waiting)
    return is_new and len(waiting) >= len(WORKERS)
