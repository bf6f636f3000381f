"""One room that stands beneath many tests: each gets it as it was made, and no trace is left.

Seating the cast takes some 500 statements, and a thousand tests want it. So it is made inside one
open transaction; every test runs in a savepoint of it and is rolled back, as always. It is given
up at the end of a file, before a test that wants no cast or commits, and when it grows old: its
clocks should be those of a room that was opened just now.
"""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cast import Cast

OLD = 30  # seconds


@dataclass
class _Room:
    cast: Cast
    beneath: Any
    path: str
    made: float


_room: _Room | None = None


def prepare(request: pytest.FixtureRequest) -> None:
    """Have the room ready for this test, or out of its way; call it before the test's own
    transaction begins."""
    path = str(request.node.path)
    wanted = "cast" in request.fixturenames and not _commits(request)
    if _room and (not wanted or _room.path != path or time.monotonic() - _room.made > OLD):
        give_up()
    if wanted and not _room:
        _make(path)


def cast() -> Cast:
    """The room for one test, whose changes reach no other. Who commits gets one of their own."""
    from tests.cast import make_cast

    return copy.deepcopy(_room.cast) if _room else make_cast()


def give_up() -> None:
    """Roll the room back, if one stands."""
    global _room
    room, _room = _room, None
    if room:
        from django.db import transaction

        transaction.set_rollback(True)
        room.beneath.__exit__(None, None, None)


def _make(path: str) -> None:
    global _room
    from django.db import transaction

    from tests.cast import make_cast

    beneath = transaction.atomic()
    beneath._from_testcase = True  # type: ignore[attr-defined] # what is durable may run in it
    beneath.__enter__()
    try:
        _room = _Room(make_cast(), beneath, path, time.monotonic())
    except BaseException:
        transaction.set_rollback(True)
        beneath.__exit__(None, None, None)
        raise


def _commits(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    names = {"transactional_db", "live_server"} & set(request.fixturenames)
    return bool(names or (marker and marker.kwargs.get("transaction")))
