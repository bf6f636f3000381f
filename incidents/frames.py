"""What a socket is told: entries since its position, cut by access.py, once per audience key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson
from django.db import close_old_connections
from django.db.models import Q

from incidents import access
from incidents.access import Actor
from incidents.choices import Marking
from incidents.exceptions import HoldfastError
from incidents.models import Incident, Person, TimelineEntry
from incidents.ports import money
from incidents.serialized import entry_json, strip_json, watch_json

BATCH = 200


@dataclass(frozen=True)
class Answer:
    """Frames to send, and the position that they lead to."""

    frames: tuple[str, ...]
    position: int


def start(slug: str, person: Person, cursor: str) -> tuple[Incident, int]:
    """The incident and the position to start from: behind the cursor, or at the end.

    :raises HoldfastError: not theirs, or no consent.
    """
    incident, _ = access.get_incident(person, slug)
    if cursor:
        return incident, access.cursor_to_seq(incident, cursor)
    return incident, incident.next_seq - 1


def resolve_many(wanted: Iterable[tuple[str, int, int]]) -> list[Answer | None]:
    """For each (slug, person, position): what to send; None: this person may not listen."""
    close_old_connections()
    cache: dict[tuple[str, int], Answer] = {}
    narrowed: dict[tuple[int, int], bool] = {}
    answers: list[Answer | None] = []
    for slug, person_pk, position in wanted:
        try:
            person = Person.objects.get(pk=person_pk, is_active=True)
            incident, viewer = access.get_incident(person, slug)
        except (HoldfastError, Person.DoesNotExist):
            answers.append(None)
            continue
        place = (incident.pk, position)
        if place not in narrowed:
            narrowed[place] = _is_narrowed(incident, position)
        key = access.audience_key(viewer, incident, has_person_audience=narrowed[place])
        if (key, position) not in cache:
            cache[key, position] = _frames(incident, viewer, position)
        answers.append(cache[key, position])
    return answers


def _is_narrowed(incident: Incident, position: int) -> bool:
    """Whether any new entry reads differently to two people of one organization."""
    return (
        TimelineEntry.objects.filter(incident=incident, seq__gt=position)
        .filter(
            Q(audience_people__isnull=False)
            | Q(audience_organizations__isnull=False)
            | Q(marking__isnull=True)
            | Q(marking=Marking.RED)
        )
        .exists()
    )


def _frames(incident: Incident, viewer: Actor, position: int) -> Answer:
    # The head is read first: entries that commit meanwhile come with the next pointer.
    head = incident.next_seq - 1
    frames: list[str] = []
    lines = access.entries_after(viewer, incident, position).filter(seq__lte=head)
    for line in lines.iterator(chunk_size=BATCH):
        frames.append(_dump({"type": "entry", "entry": entry_json(line)}))
    if frames:
        frames.append(state_frame(incident, viewer))
    return Answer(tuple(frames), max(head, position))


def state_frame(incident: Incident, viewer: Actor) -> str:
    """Strip and watch state as this viewer may see them."""
    return _dump(
        {
            "type": "state",
            "strips": [strip_json(s) for s in money().strips(incident, viewer)],
            "watch": watch_json(money().watch_state(incident)),
        }
    )


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()
