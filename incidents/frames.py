"""What a socket is told: entries since its position, cut by access.py, once per audience key.

Permission and what it lets out are read in one moment of the database. So no frame holds anything
that was recorded after its reader lost the right to it, however long the frame took to be made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import orjson

from incidents import access, scope, snapshot
from incidents.access import Actor
from incidents.listeners import Listener, Refusal, admitted
from incidents.models import Incident, Person
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
def start(slug: str, person: Person, session: str, seat: str, cursor: str) -> Listener:
    """The socket of a person who opens a room: from behind the cursor, or from the end.

    :raises HoldfastError: not theirs, or no consent.
    """
    incident, actor = access.get_incident(person, slug, seat=seat)
    position = incident.next_seq - 1
    if cursor:
        position = access.cursor_to_seq(actor, incident, cursor)
    own = str(actor.participation.public_id) if actor.participation else ""
    return Listener(incident.pk, slug, person.pk, session, own, position)


def resolve_many(listeners: Sequence[Listener]) -> list[Answer | Refusal]:
    """For each socket of one room: what to send, or why it must end."""
    with snapshot.of_the_database():
        verdicts = admitted(listeners)
        apart = _Apart(access.apart_in_entries)
        made: dict[tuple[str, int], Answer] = {}
        answers: list[Answer | Refusal] = []
        for one, viewer in zip(listeners, verdicts, strict=True):
            if isinstance(viewer, Refusal):
                answers.append(viewer)
                continue
            incident = _room(viewer)
            at = (apart.key(viewer, incident, one.position), one.position)
            if at not in made:
                with _seat_of(viewer):
                    made[at] = _entries(incident, viewer, one.position)
            answers.append(made[at])
        return answers


def states_for(listeners: Sequence[Listener]) -> list[str | Refusal]:
    """For each socket of one room: strip and watch state, or why it must end."""
    with snapshot.of_the_database():
        verdicts = admitted(listeners)
        apart = _Apart(lambda incident, _: access.apart(incident))
        made: dict[str, str] = {}
        answers: list[str | Refusal] = []
        for viewer in verdicts:
            if isinstance(viewer, Refusal):
                answers.append(viewer)
                continue
            incident = _room(viewer)
            key = apart.key(viewer, incident)
            if key not in made:
                with _seat_of(viewer):
                    made[key] = state_frame(incident, viewer)
            answers.append(made[key])
        return answers


class _Apart:
    """Who reads differently from their colleagues, looked up once per room and position."""

    def __init__(self, look: Callable[[Incident, int], set[int]]) -> None:
        self._look = look
        self._known: dict[tuple[int, int], set[int]] = {}

    def key(self, viewer: Actor, incident: Incident, position: int = 0) -> str:
        """Whose bytes the viewer may share."""
        place = (incident.pk, position)
        if place not in self._known:
            self._known[place] = _trusted(self._look, incident, position)
        is_apart = viewer.person is not None and viewer.person.pk in self._known[place]
        return access.audience_key(viewer, incident, has_person_audience=is_apart)


@scope.trusted
def _trusted(look: Callable[[Incident, int], set[int]], incident: Incident, at: int) -> set[int]:
    return look(incident, at)


def _room(viewer: Actor) -> Incident:
    """The room of a seat."""
    if viewer.participation is None:
        raise ValueError("nobody listens without a seat")
    return viewer.participation.incident


@contextmanager
def _seat_of(viewer: Actor) -> Iterator[None]:
    """Reading with what the viewer's seat reaches, and nothing else."""
    if viewer.person is None or viewer.organization is None:
        raise ValueError("nobody listens without a seat")
    whom = scope.Scope(scope.Kind.PERSON, viewer.person.pk, viewer.organization.pk)
    with scope.within(whom):
        yield


def _entries(incident: Incident, viewer: Actor, position: int) -> Answer:
    head = incident.next_seq - 1
    rows = access.entries_after(viewer, incident, position).filter(seq__lte=head)
    rows = rows.prefetch_related("entry__personal")
    lines = list(rows[: BATCH + 1])
    has_more = len(lines) > BATCH
    lines = lines[:BATCH]
    given, taken = access.with_told(viewer, incident, lines, position, BATCH, BATCH - 1)
    has_more, lines = has_more or taken < len(lines), lines[:taken]
    frames = tuple(_dump({"type": "entry", "entry": one}) for one in entries_json(given))
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
