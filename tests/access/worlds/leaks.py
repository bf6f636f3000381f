"""Leaks that are put in on purpose, and a history in which the harness must find each.

One low actor and one hidden note suffice: were the harness blind, nothing would differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from incidents import access, frames, scope
from incidents.models import Incident, TimelineEntry
from incidents.services import addresses
from incidents.services import notes as note_service
from incidents.services.timeline import Audience
from incidents.views import room
from tests.access.worlds.history import STRIDE, Deed, History
from tests.access.worlds.visible import own
from tests.access.worlds.world import World
from tests.factories import ADDRESS, CHAIN

# Where the leaks below are, and no page else: the whole site is read in random histories.
ONLY = ("/{room}/", "/api/v1/{room}/timeline/")
HIDDEN = "what the analyst may not see"


def hidden_note(world: World) -> object:
    people = Audience(people=world.people(("rival",)))
    return note_service.post(
        world.cast.incident, HIDDEN, actor=world.actor("rival"), marking="TLP:RED", audience=people
    )


def hidden_address(world: World) -> object:
    people = Audience(people=world.people(("rival",)))
    return addresses.record(
        world.cast.incident,
        CHAIN,
        ADDRESS,
        actor=world.actor("rival"),
        marking="TLP:RED",
        audience=people,
    )


def _open_note(world: World) -> object:
    return note_service.post(
        world.cast.incident, "Seen.", actor=world.actor("rival"), marking="TLP:AMBER"
    )


def _own_address(world: World) -> object:
    asked = (
        "POST",
        "{room}/addresses/",
        {"chain": CHAIN, "address": ADDRESS, "marking": "TLP:AMBER"},
    )
    return own("analyst", asked)(world)


def history(hidden: Callable[[World], object], *, low: str = "analyst") -> History:
    """One hidden act between two that the low actor sees, the last their own."""
    deeds = (
        Deed("visible-0", STRIDE, False, _open_note),
        Deed("hidden-0", STRIDE * 1.5, True, hidden),
        Deed("visible-1", STRIDE * 2, False, _own_address, by_low=True),
        Deed("visible-2", STRIDE * 3, False, _open_note),
    )
    return History(0, low, deeds)


# -- leaks that were put in -------------------------------------------------------------------

_json = frames.entries_json
_page = room.room_page


@contextmanager
def a_count() -> Iterator[None]:
    """How many entries there are."""

    def page(request: Any, template: str, incident: Incident, actor: Any, **more: Any) -> Any:
        with scope.within(scope.SYSTEM):
            count = TimelineEntry.objects.filter(incident=incident).count()
        answer = _page(request, template, incident, actor, **more)
        answer.content += f"<!-- {count} -->".encode()
        return answer

    with mock.patch.object(room, "room_page", page):
        yield


@contextmanager
def a_sequence_number() -> Iterator[None]:
    """The place of an entry in the ledger."""

    def told(rows: Any) -> Any:
        rows = list(rows)
        return [{**one, "seq": row.seq} for one, row in zip(_json(rows), rows, strict=True)]

    with mock.patch.object(frames, "entries_json", told):
        yield


@contextmanager
def a_version() -> Iterator[None]:
    """A version of the room, as caches compare it."""

    def page(request: Any, template: str, incident: Incident, actor: Any, **more: Any) -> Any:
        answer = _page(request, template, incident, actor, **more)
        with scope.within(scope.SYSTEM):
            answer["ETag"] = str(Incident.objects.get(pk=incident.pk).next_seq)
        return answer

    with mock.patch.object(room, "room_page", page):
        yield


@contextmanager
def an_epoch_in_frames() -> Iterator[None]:
    """A frame although nothing came that may be read."""
    real = frames.resolve_many

    def resolved(wanted: Any) -> Any:
        answers = real(wanted)
        return [replace(one, frames=one.frames or ("{}",)) for one in answers]

    with mock.patch.object(frames, "resolve_many", resolved):
        yield


@contextmanager
def an_order() -> Iterator[None]:
    """An order that a hidden row takes part in."""
    real = access.entries

    def entries(viewer: Any, incident: Incident) -> Any:
        with scope.within(scope.SYSTEM):
            is_odd = TimelineEntry.objects.filter(incident=incident).count() % 2
        rows = real(viewer, incident)
        return rows.order_by("happened_at" if is_odd else "-happened_at")

    with mock.patch.object(access, "entries", entries):
        yield


@contextmanager
def known_already() -> Iterator[None]:
    """A hidden row answers somebody's own."""

    def known(incident: Incident, chain: str, address: str, *rest: Any) -> Any:
        with scope.within(scope.SYSTEM):
            rows = addresses.TrackedAddress.objects.filter(incident=incident, address=address)
            return rows.first()

    with mock.patch.object(addresses, "_known", known):
        yield


LEAKS: list[tuple[Callable[[], Any], Callable[[World], object]]] = [
    (a_count, hidden_note),
    (a_sequence_number, hidden_note),
    (a_version, hidden_note),
    (an_epoch_in_frames, hidden_note),
    (an_order, hidden_note),
    (known_already, hidden_address),
]
