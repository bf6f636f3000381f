"""What a socket is told: entries since its position, cut by access.py, once per audience key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson
from django.db import close_old_connections

from incidents import access, scope
from incidents.access import Actor
from incidents.exceptions import HoldfastError
from incidents.models import Incident, Person, TimelineEntry
from incidents.ports import money
from incidents.serialized import entries_json, strip_json, watch_json

BATCH = 200


@dataclass(frozen=True)
class Answer:
    """At most BATCH + 1 frames, the position that they lead to, and whether more wait behind it."""

    frames: tuple[str, ...]
    position: int
    has_more: bool


@scope.outside
def start(slug: str, person: Person, cursor: str) -> tuple[Incident, int]:
    """The incident and the position to start from: behind the cursor, or at the end.

    :raises HoldfastError: not theirs, or no consent.
    """
    incident, _ = access.get_incident(person, slug)
    if cursor:
        return incident, access.cursor_to_seq(incident, cursor)
    return incident, incident.next_seq - 1


@scope.outside
def resolve_many(wanted: Iterable[tuple[str, int, int]]) -> list[Answer | None]:
    """For each (slug, person, position): what to send; None: this person may not listen."""
    close_old_connections()
    cache: dict[tuple[str, int], Answer] = {}
    heads: dict[int, int] = {}
    narrowed: dict[tuple[int, int], bool] = {}
    answers: list[Answer | None] = []
    for slug, person_pk, position in wanted:
        try:
            person = Person.objects.get(pk=person_pk, is_active=True)
            incident, viewer = access.get_incident(person, slug)
        except (HoldfastError, Person.DoesNotExist):
            answers.append(None)
            continue
        # One head for the whole round, read before we look for narrowed entries: what commits
        # meanwhile waits for its own pointer and cannot get into bytes that people share.
        head = heads.setdefault(incident.pk, incident.next_seq - 1)
        place = (incident.pk, position)
        if place not in narrowed:
            narrowed[place] = _is_narrowed(incident, position)
        key = access.audience_key(viewer, incident, has_person_audience=narrowed[place])
        if (key, position) not in cache:
            cache[key, position] = _entries(incident, viewer, position, head)
        answers.append(cache[key, position])
    return answers


@scope.outside
def states_for(wanted: Iterable[tuple[str, int]]) -> list[str | None]:
    """For each (slug, person): strip and watch state; None: this person may not listen."""
    close_old_connections()
    states: dict[str, str] = {}
    answers: list[str | None] = []
    for slug, person_pk in wanted:
        try:
            person = Person.objects.get(pk=person_pk, is_active=True)
            incident, viewer = access.get_incident(person, slug)
        except (HoldfastError, Person.DoesNotExist):
            answers.append(None)
            continue
        # Labels and answers behind the strip may name people though no new entry does.
        personal = access.audience_key(viewer, incident, has_person_audience=True)
        if personal not in states:
            states[personal] = state_frame(incident, viewer)
        answers.append(states[personal])
    return answers


@scope.trusted
def _is_narrowed(incident: Incident, position: int) -> bool:
    """Whether any new entry reads differently to two people of one organization."""
    return (
        TimelineEntry.objects.filter(incident=incident, seq__gt=position)
        .exclude(access.SHOWN_TO_THE_ROOM)
        .exists()
    )


def _entries(incident: Incident, viewer: Actor, position: int, head: int) -> Answer:
    rows = access.entries_after(viewer, incident, position).filter(seq__lte=head)
    rows = rows.prefetch_related("entry__personal")
    lines = list(rows[: BATCH + 1])
    has_more = len(lines) > BATCH
    lines = lines[:BATCH]
    frames = tuple(_dump({"type": "entry", "entry": one}) for one in entries_json(lines))
    return Answer(frames, lines[-1].seq if has_more else max(head, position), has_more)


def state_frame(incident: Incident, viewer: Actor) -> str:
    """Strip and watch state as this viewer may see them."""
    return _dump(
        {
            "type": "state",
            "strips": [strip_json(s) for s in money().strips(incident, viewer)],
            "watch": watch_json(money().watch_state(incident, viewer)),
        }
    )


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()
