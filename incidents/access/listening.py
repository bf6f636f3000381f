"""Many people of many rooms at once: what `reading.get_actor` says of one, in a few queries.

Open sockets are asked about again and again, all of them together; the number of queries here does
not depend on how many there are. A test holds both ways equal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, Q, QuerySet

from incidents.access.policy import SHOWN_TO_THE_ROOM, Actor, Proof
from incidents.access.reading import BELONGS, SEATED
from incidents.choices import RoomRole
from incidents.models import (
    FreezeRequest,
    Incident,
    LedgerEntry,
    Membership,
    Organization,
    Participation,
    Person,
    Role,
    TimelineEntry,
)
from incidents.models.marked import Marked


@dataclass(frozen=True)
class Place:
    """A person in a room, and the public id of the seat that they chose there; "": none."""

    incident: int
    person: int
    seat: str = ""


def get_actors(places: Collection[Place]) -> dict[Place, Actor]:
    """Who sits there by now, consent or not. A place that is missing is nobody's any more."""
    rooms = Incident.objects.in_bulk({place.incident for place in places})
    seats: dict[int, list[Participation]] = defaultdict(list)
    found = Participation.objects.filter(SEATED, incident__in=rooms)
    for seat in found.select_related("organization").order_by("pk"):
        seat.incident = rooms[seat.incident_id]
        seats[seat.incident_id].append(seat)
    people, members = _members({place.person for place in places}, seats.values())
    roles = _roles(people, rooms)
    actors: dict[Place, Actor] = {}
    for place in places:
        theirs = [s for s in seats[place.incident] if (place.person, s.organization_id) in members]
        if not theirs:
            continue
        taken = next((s for s in theirs if str(s.public_id) == place.seat), theirs[0])
        actors[place] = Actor(
            people[place.person],
            taken.organization,
            taken,
            taken.incident.terms_version,
            proof=Proof.SESSION,
            roles=frozenset(roles[place.incident, place.person, taken.organization_id]),
        )
    return actors


def _members(
    wanted: Collection[int], seats: Iterable[Iterable[Participation]]
) -> tuple[dict[int, Person], set[tuple[int, int]]]:
    """The people who belong to a seated organization, and to which."""
    organizations = {seat.organization_id for room in seats for seat in room}
    rows = Membership.objects.filter(
        BELONGS, person__in=wanted, organization__in=organizations
    ).select_related("person")
    people: dict[int, Person] = {}
    members: set[tuple[int, int]] = set()
    for row in rows:
        people[row.person_id] = row.person
        members.add((row.person_id, row.organization_id))
    return people, members


def _roles(
    people: Collection[int], rooms: Collection[int]
) -> dict[tuple[int, int, int], list[RoomRole]]:
    """Roles that have not ended, by room, person and organization."""
    rows = Role.objects.filter(person__in=people, incident__in=rooms, ended_at__isnull=True)
    found: dict[tuple[int, int, int], list[RoomRole]] = defaultdict(list)
    for room, person, organization, role in rows.values_list(
        "incident", "person", "organization", "role"
    ):
        found[room, person, organization].append(RoomRole(role))
    return found


# --- who reads differently from their colleagues ------------------------------------------------


def apart_in_entries(incident: Incident, seq: int) -> set[int]:
    """People to whom the entries after ``seq`` may read differently than to their colleagues: a
    narrowed entry names them or is theirs. A desk reads an entry of a request as the request is
    narrowed, so requests count as well."""
    new = TimelineEntry.objects.filter(incident=incident, seq__gt=seq)
    return _apart([new, FreezeRequest.objects.filter(incident=incident)])


def apart(incident: Incident) -> set[int]:
    """The same for everything in the room that carries a marking, but for what was recorded."""
    return _apart(_shared(incident))


def _apart(tables: Iterable[QuerySet[Model]]) -> set[int]:
    narrowed = [
        rows.exclude(SHOWN_TO_THE_ROOM).order_by().values_list("author", "audience_people")
        for rows in tables
    ]
    found: set[int] = set()
    for author, people in narrowed[0].union(*narrowed[1:], all=True):
        found.update(people or ())
        if author is not None:
            found.add(author)
    return found


def _shared(incident: Incident) -> Iterator[QuerySet[Model]]:
    """The room's rows of each marked table; what belongs to no room (directory) is every room's."""
    for model, path, may_be_everybodys in _marked():
        room = Q(**{path: incident})
        if may_be_everybodys:
            room |= Q(**{f"{path}__isnull": True})
        yield model._default_manager.filter(room)


@cache
def _marked() -> tuple[tuple[type[Model], str, bool], ...]:
    """Every marked table with the way to its room, and whether a row may be of no room."""
    recorded = (TimelineEntry, LedgerEntry)
    return tuple(
        (model, *_way(model))
        for model in apps.get_models()
        if issubclass(model, Marked) and model not in recorded
    )


def _way(model: type[Model]) -> tuple[str, bool]:
    """Lookup of the room over foreign keys, the shortest.

    :raises ImproperlyConfigured: a marked table belongs to no room.
    """
    ways: list[tuple[type[Model], str, bool]] = [(model, "", False)]
    for at, path, is_open in ways:
        for field in at._meta.concrete_fields:
            to = field.related_model
            if not isinstance(to, type) or to in (Person, Organization, at):
                continue
            way = f"{path}__{field.name}" if path else field.name
            if to is Incident:
                return way, is_open or field.null
            if path.count("__") < 2:
                ways.append((to, way, is_open or field.null))
    raise ImproperlyConfigured(f"{model.__name__} is marked and belongs to no room")
