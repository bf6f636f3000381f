"""For whom the database is being read at this moment. Everything that is marked asks this.

Three fences stand behind each other (docs/adr/0024): a read for a person goes through access.py; a
query that did not is refused by the model's manager; and PostgreSQL's row level security shows
nothing that the scope of the connection does not reach. Services run as the installation itself,
after they have checked permission: `trusted`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Kind(StrEnum):
    """Who reads."""

    NOBODY = "nobody"
    PERSON = "person"
    PUBLIC = "public"  # what anybody may read: published, TLP:CLEAR
    SYSTEM = "system"  # the installation: services, the watcher, commands


@dataclass(frozen=True)
class Scope:
    """Who reads. ``person`` and ``organization``: primary keys, for a person in a seat."""

    kind: Kind
    person: int | None = None
    organization: int | None = None


NOBODY, SYSTEM, PUBLIC = Scope(Kind.NOBODY), Scope(Kind.SYSTEM), Scope(Kind.PUBLIC)
# A process begins as the installation: workers, beat, commands. The web takes that away from every
# request and every socket (config/asgi.py) before anything of ours runs.
_scope: ContextVar[Scope] = ContextVar("scope", default=SYSTEM)


def current() -> Scope:
    """For whom it is now."""
    return _scope.get()


@contextmanager
def within(scope: Scope) -> Iterator[None]:
    """For somebody else until the block ends. Holds for this thread or task alone."""
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


def trusted(function: Callable[P, T]) -> Callable[P, T]:
    """Decorator of services: what they read to do their work is not what somebody gets to see.

    A service checks permission itself (`access.require`), and gives back only what its caller may
    have.
    """

    @functools.wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> T:
        with within(SYSTEM):
            return function(*args, **kwargs)

    return inside
