"""Who crawls: the cast, and those who are not, not yet, or no longer in the room."""

from __future__ import annotations

from contextlib import suppress

from django.utils import timezone

from incidents import access
from incidents.choices import Capacity, Consent, RoomRole
from incidents.exceptions import NotFound
from incidents.models import Organization, Participation, Person, Role
from incidents.services import parties
from tests import factories
from tests.access.canaries.fill import Filler
from tests.access.canaries.tokens import Viewer


def everybody(room: Filler) -> list[Viewer]:
    """Everybody, with the seats that they have."""
    cast = room.cast
    people: dict[str, Person | None] = {**cast.people, "anonymous": None}
    for role, consent in (("lapsed", Consent.LAPSED), ("declined", Consent.DECLINED)):
        people[role] = _seat(room, role, consent=consent)
    people["removed"] = _seat(room, "removed", removed_at=timezone.now())
    lead = cast.lead.organization
    assert lead
    assert cast.lead.person
    people["observer"] = observer = factories.person(lead, "observer")
    Role.objects.create(
        incident=cast.incident,
        organization=lead,
        role=RoomRole.OBSERVER,
        person=observer,
        given_by=cast.lead.person,
    )
    administrator = factories.person(factories.organization("Operators"), "administrator")
    Person.objects.filter(pk=administrator.pk).update(is_administrator=True)
    administrator.refresh_from_db()
    people["administrator"] = administrator
    parties.bump_epoch(cast.incident)
    return [_viewer(room, role, one) for role, one in people.items()]


def _seat(room: Filler, role: str, **state: object) -> Person:
    """Somebody of a party that has had a seat, and has it no longer."""
    newcomer: Organization = factories.organization(f"Once {role}")
    somebody = factories.person(newcomer, role)
    Participation.objects.create(
        incident=room.incident,
        organization=newcomer,
        capacity=Capacity.ANALYTICS,
        **{"consent": Consent.SIGNED, "terms_version": 1, **state},
    )
    return somebody


def _viewer(room: Filler, role: str, person: Person | None) -> Viewer:
    actors = {}
    if person is not None:
        with suppress(NotFound):
            actors[room.incident.pk] = access.get_actor(
                person, room.incident.slug, proof=access.Proof.CODE
            )[1]
    is_administrator = person is not None and person.is_administrator
    return Viewer(role, person, actors, is_administrator)
