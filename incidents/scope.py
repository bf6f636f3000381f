"""For whom the database is being read at this moment. Everything that is marked asks this.

Three fences stand behind each other (docs/adr/0024): a read for a person goes through access.py; a
query that did not is refused by the model's manager; and PostgreSQL's row level security shows
nothing that the scope of the connection does not reach. Services run as the installation itself,
after they have checked permission: `trusted`.
"""

from __future__ import annotations

import functools
import inspect
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
# A process begins as the installation: workers, beat, commands. A web process begins as nobody
# (config/asgi.py), so that a thread that inherits no context opens nothing.
_processes: list[Scope] = [SYSTEM]
_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)


def begin_as(scope: Scope) -> None:
    """What this process is wherever nobody says otherwise, in threads to come too."""
    _processes[:] = [scope]


def current() -> Scope:
    """For whom it is now."""
    return _scope.get() or _processes[0]


def is_system() -> bool:
    """Whether the installation itself reads and writes now."""
    return current().kind is Kind.SYSTEM


def enter(scope: Scope) -> None:
    """From here to the end of the request (or of the block around it) for ``scope``.

    Querysets are lazy, so a reading function cannot close its scope behind it. The installation
    stays what it is: a service that looks somebody up does not lose its rights.
    """
    if not is_system():
        _scope.set(scope)


def enter_person(person: int, organization: int | None = None) -> None:
    """`enter` as a person in the seat of an organization; without one, where they are no other
    seat's already: what is theirs outside every room (their list of rooms)."""
    now = current()
    if organization is None and now.kind is Kind.PERSON and now.person == person:
        return
    enter(Scope(Kind.PERSON, person, organization))


@contextmanager
def within(scope: Scope) -> Iterator[None]:
    """For somebody else until the block ends. Holds for this thread or task alone."""
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


def outside(function: Callable[P, T]) -> Callable[P, T]:
    """Decorator: it begins as nobody, whoever calls it, and the caller's scope is as before."""
    return _always(NOBODY, function)


def trusted(function: Callable[P, T]) -> Callable[P, T]:
    """Decorator of services: what they read to do their work is not what somebody gets to see.

    A service checks permission itself (`access.require`), and gives back only what its caller may
    have. Above ``@transaction.atomic``. A queryset that it returns is evaluated in its caller's
    scope.

    :raises TypeError: a generator or coroutine runs after it returned, so it cannot be trusted.
    """
    return _always(SYSTEM, function)


def _always(scope: Scope, function: Callable[P, T]) -> Callable[P, T]:
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        raise TypeError(f"{function.__qualname__} runs after its scope has ended")

    @functools.wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> T:
        with within(scope):
            return function(*args, **kwargs)

    return inside
