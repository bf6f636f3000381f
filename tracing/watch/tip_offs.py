"""Who hears that an issuer is about to freeze: people that are named for it.

The commander and operations of the affected parties and of the coordinator, and the people of the
trace's own organization who hold such a role. Where nobody holds one: whoever began the trace, and
whoever stands in for no role cannot be told. Nobody is told who does not see the trace.
"""

from __future__ import annotations

from incidents import access
from incidents.access import Actor
from incidents.choices import Capacity, RoomRole
from incidents.models import Membership, Participation, Person, Role
from incidents.services import hold_offs
from tracing.models import Trace

_TOLD = (RoomRole.COMMANDER, RoomRole.OPERATIONS)
_PARTIES = (Capacity.AFFECTED, Capacity.COORDINATOR)


def people(trace: Trace, chain: str, address: str) -> list[int]:
    """Primary keys of the people who are told, for an audience. Never empty.

    Where law enforcement asked to hold off, those who asked are told and nobody else.
    """
    asked = hold_offs.people(trace.incident, chain, address)
    if asked is not None:
        return sorted(asked)
    roles = Role.objects.filter(incident=trace.incident_id, role__in=_TOLD, ended_at__isnull=True)
    seats = {
        seat.organization_id: seat
        for seat in Participation.objects.filter(
            incident=trace.incident_id, capacity__in=_PARTIES, removed_at__isnull=True
        ).select_related("organization", "incident")
    }
    named = [
        person
        for role in roles.filter(organization__in=seats).select_related("person", "backup")
        for person in (role.person, role.backup)
        if person is not None and _sees(person, seats[role.organization_id], trace)
    ]
    return sorted({person.pk for person in named} or _otherwise(trace, seats))


def _sees(person: Person, seat: Participation, trace: Trace) -> bool:
    actor: Actor = access.actor_of(seat, person)
    return actor.has_consented and access.may_see(actor, trace)


def _otherwise(trace: Trace, seats: dict[int, Participation]) -> set[int]:
    """Nobody was named: the people of the trace's owner who see it."""
    seat = seats.get(trace.owner_id or 0)
    members = Membership.objects.filter(organization=trace.owner_id, ended_at__isnull=True)
    found = {
        one.person_id
        for one in members.select_related("person")
        if seat is not None and _sees(one.person, seat, trace)
    }
    return found or ({trace.author_id} if trace.author_id else set()) or {0}
