"""One world: the room as it stands at the beginning, and the means to act in it.

A history is played inside a transaction that is rolled back, with the database's sequences set
back too, so that the second world begins where the first did.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import _lru_cache_wrapper
from typing import Any

import psycopg
from django.core.cache import cache
from django.db import connection, transaction

from incidents.access import Actor
from incidents.exceptions import HoldfastError
from incidents.models import Organization, Person
from tests import services
from tests.access.worlds.frozen import Frozen
from tests.cast import Cast


@dataclass
class World:
    """The room, the clock, and what was made in it, by the name of the act that made it."""

    cast: Cast
    frozen: Frozen
    chair: Person  # the coordinator's second person
    made: dict[str, Any] = field(default_factory=dict)

    def actor(self, role: str) -> Actor:
        """Somebody of the cast, as access.py sees them now."""
        return self.cast.again(self.cast.actors[role])

    def organizations(self, roles: tuple[str, ...]) -> list[int]:
        """Primary keys, for an audience."""
        found = [self.cast.actors[role].organization for role in roles]
        return [one.pk for one in found if isinstance(one, Organization)]

    def people(self, roles: tuple[str, ...]) -> list[int]:
        """Primary keys, for an audience."""
        return [self.person(role).pk for role in roles]

    def person(self, role: str) -> Person:
        """Somebody of the cast."""
        return self.cast.people[role]


@dataclass(frozen=True)
class Refused:
    """What a service said no with: part of what the one who acted was told."""

    code: str
    words: str


def attempt(world: World, act: Any) -> object:
    """Carry out one act in a savepoint, and what hangs on its commit. A refusal is an answer."""
    try:
        with transaction.atomic():
            done = act(world)
    except HoldfastError as error:
        done = Refused(type(error).__name__, str(error.detail))
        connection.run_on_commit = []
    committed()
    return done


def committed() -> None:
    """Run what waits for a commit that never comes: we roll back in the end."""
    while connection.run_on_commit:
        waiting, connection.run_on_commit = connection.run_on_commit, []
        for _, callback, _ in waiting:
            callback()


@contextmanager
def undone(sequences: dict[str, int | None]) -> Iterator[None]:
    """The database as it was before, sequences and our own caches included."""
    _set_back(sequences)
    _forget()
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined] # "durable" blocks may stand inside
    with block:
        yield
        transaction.set_rollback(True)
    connection.run_on_commit = []


def sequences_now() -> dict[str, int | None]:
    """Where every sequence of the database stands."""
    with psycopg.connect(services.cluster().super_url(services.database_name())) as superuser:
        rows = superuser.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall()
    return {str(name): value for name, value in rows}


def _set_back(sequences: dict[str, int | None]) -> None:
    with psycopg.connect(services.cluster().super_url(services.database_name())) as superuser:
        rows = [(name, value or 1, value is not None) for name, value in sequences.items()]
        with superuser.cursor() as cursor:
            cursor.executemany("SELECT setval(%s, %s, %s)", rows)


def _forget() -> None:
    """What this process remembers from the world before."""
    cache.clear()
    for name, module in list(sys.modules.items()):
        if name.startswith(("incidents.", "tracing.services")) and name != "incidents.queue":
            for one in vars(module).values():
                if isinstance(one, _lru_cache_wrapper):
                    one.cache_clear()
