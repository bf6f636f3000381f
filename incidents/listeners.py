"""Which of the open sockets may go on listening: asked for all of them at once.

A socket acts for a person in a seat, through a session. Each of them can end while it is open. The
number of queries here does not grow with the number of sockets.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from incidents import access, scope
from incidents.access import Actor, Place
from incidents.models import Incident
from incidents.services.signed import Signed, signed


class Refusal(StrEnum):
    """Why a socket may not go on."""

    ENDED = "ended"  # the session, the person, the membership, the seat or its consent
    CHANGED = "changed"  # the person took another seat in this room: the page shows the old one


@dataclass(frozen=True)
class Listener:
    """One open socket. ``seat``: the public id of the seat that it was opened for."""

    incident: int
    slug: str
    person: int
    session: str  # its key
    seat: str
    position: int = 0


@dataclass(frozen=True)
class Head:
    """What a room has come to. ``epoch`` rises with every change of what the policy reads."""

    epoch: int
    next_seq: int


@scope.trusted
def heads(incidents: Collection[int]) -> dict[int, Head]:
    """The rooms as they are now, in one query."""
    rows = Incident.objects.filter(pk__in=incidents).values_list("pk", "epoch", "next_seq")
    return {pk: Head(epoch, next_seq) for pk, epoch, next_seq in rows}


@scope.trusted
def refused(listeners: Sequence[Listener]) -> list[Refusal | None]:
    """For each: why it must end; None: it may go on."""
    return [v if isinstance(v, Refusal) else None for v in admitted(listeners)]


@scope.trusted
def admitted(listeners: Sequence[Listener]) -> list[Actor | Refusal]:
    """For each: as whom it listens, or why not any more. In five queries."""
    told = signed({one.session for one in listeners})
    places = {
        one: Place(one.incident, one.person, told[one.session].seat(one.slug))
        for one in listeners
        if one.session in told
    }
    actors = access.get_actors(set(places.values()))
    verdicts: list[Actor | Refusal] = []
    for one in listeners:
        actor = actors.get(places[one]) if one in places else None
        if actor is None:
            verdicts.append(Refusal.ENDED)
        else:
            verdicts.append(_verdict(one, actor, told[one.session]))
    return verdicts


def _verdict(one: Listener, actor: Actor, signed: Signed) -> Actor | Refusal:
    if actor.person is None or not signed.is_of(actor.person):
        return Refusal.ENDED
    if actor.participation is None or not actor.has_consented:
        return Refusal.ENDED
    if str(actor.participation.public_id) != one.seat:
        return Refusal.CHANGED
    return actor
