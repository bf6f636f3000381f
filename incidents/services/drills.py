"""The doors of a drill. Only views that exist in drill mode call this."""

import uuid
from dataclasses import dataclass

from allauth.mfa.models import Authenticator

from incidents import scope
from incidents.exceptions import NotFound
from incidents.models import Membership, Participation, Person


@dataclass(frozen=True)
class Door:
    """A seat in a drill and the person who enters for it."""

    seat: Participation
    person: Person


@scope.trusted
def doors() -> list[Door]:
    """One door per person of each seat of each incident that is a drill.

    Nobody who also belongs to a real incident has one: entering as them would open that too. Nor
    has a person with a passkey: that is somebody real, and the session would outlive drill mode.
    """
    real = set(Authenticator.objects.values_list("user_id", flat=True)) | set(
        Membership.objects.filter(organization__participations__incident__is_drill=False)
        .filter(ended_at__isnull=True)
        .values_list("person_id", flat=True)
    )
    seats = (
        Participation.objects.filter(incident__is_drill=True, incident__stage="open")
        .select_related("incident", "organization")
        .prefetch_related("organization__memberships__person")
        .order_by("-incident__opened_at", "pk")
    )
    return [
        Door(seat, member.person)
        for seat in seats
        for member in seat.organization.memberships.all()
        if member.ended_at is None and member.person.is_active and member.person_id not in real
    ]


@scope.trusted
def door(person: str, slug: str) -> Door:
    """The door that was clicked.

    :raises NotFound: there is none: only seats of drills have doors.
    """
    try:
        wanted = uuid.UUID(person)
    except ValueError as error:
        raise NotFound from error
    for found in doors():
        if found.person.public_id == wanted and found.seat.incident.slug == slug:
            return found
    raise NotFound
