"""Who may read what: by the policy's second reading (tests/access/matrix/reference.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from incidents.access import Actor
from incidents.choices import DESKS, Capacity, Consent
from incidents.models import FreezeRequest, Incident, Organization, Participation
from tests.access.canaries.tokens import Rule, Viewer
from tests.access.matrix import reference

Find = Callable[[], Any]  # the row, once it is there


def seen_by_text(actor: Actor | None) -> reference.Viewer | None:
    """A seat in the plain words of the reference."""
    if actor is None or actor.participation is None:
        return None
    return reference.Viewer(
        person=actor.person.pk if actor.person else None,
        party=actor.organization.pk if actor.organization else None,
        capacity=actor.participation.capacity,
        has_signed=actor.has_consented,
    )


def sees(viewer: Viewer, incident: Incident, row: Any) -> bool:
    """Whether the text lets somebody see a marked row in its room, or on the public page."""
    item = reference.Item(
        row.marking,
        row.owner_id,
        row.author_id,
        None if row.audience_organizations is None else frozenset(row.audience_organizations),
        None if row.audience_people is None else frozenset(row.audience_people),
    )
    if getattr(row, "published_at", None) and reference.sees(None, item, "public"):
        return True
    actor = viewer.actor(incident)
    if not reference.sees(seen_by_text(actor), item):
        return False
    if isinstance(row, FreezeRequest) and actor and actor.capacity in DESKS:
        return row.sent_at is not None and row.desk_id == item_party(actor)
    return True


def item_party(actor: Actor) -> int | None:
    """The party of a seat."""
    return actor.organization.pk if actor.organization else None


def marked(incident: Incident, *find: Find) -> Rule:
    """Who sees every one of the rows."""
    return lambda viewer: all(sees(viewer, incident, row()) for row in find)


def nobody(viewer: Viewer) -> bool:
    """Not even who wrote it: digests and secrets are all that is kept."""
    return False


def signed(incident: Incident) -> Rule:
    """Every party that signed the terms in force."""

    def rule(viewer: Viewer) -> bool:
        actor = viewer.actor(incident)
        return actor is not None and actor.has_consented

    return rule


def seated(incident: Incident) -> Rule:
    """Everybody who was invited, consent or not."""
    return lambda viewer: viewer.actor(incident) is not None


def administrators(viewer: Viewer) -> bool:
    """Who runs the installation."""
    return viewer.is_administrator


def one_of(*rules: Rule) -> Rule:
    """Any of them."""
    return lambda viewer: any(rule(viewer) for rule in rules)


def person_is(email: Callable[[], str]) -> Rule:
    """One person alone."""
    return lambda viewer: viewer.person is not None and viewer.person.email == email()


def member(organization: Organization) -> Rule:
    """The organization's own people, whatever rooms they are in."""

    def rule(viewer: Viewer) -> bool:
        person = viewer.person
        if person is None:
            return False
        rows = person.memberships.filter(organization=organization, ended_at__isnull=True)
        return bool(rows.exists())

    return rule


def party(find: Callable[[], Organization]) -> Rule:
    """Who may know of an organization and its people: their own, and who may know of a seat."""

    def rule(viewer: Viewer) -> bool:
        organization = find()
        if viewer.person and viewer.person.memberships.filter(organization=organization).exists():
            return True
        seats = Participation.objects.filter(organization=organization).select_related("incident")
        return any(_knows(viewer, seat) for seat in seats)

    return rule


def _may_know(seen: reference.Viewer, seat: Participation) -> bool:
    """Of one's own party; of an open one, once one has signed; of a confidential one coordinators
    alone."""
    if seen.party == seat.organization_id:
        return True
    if not seen.has_signed:
        return False
    return not seat.is_confidential or seen.capacity == Capacity.COORDINATOR


def _knows(viewer: Viewer, seat: Participation) -> bool:
    actor = viewer.actor(seat.incident)
    seen = seen_by_text(actor)
    if actor is None or seen is None:
        return False
    # Who came in and left again stays on the record that the room's parties read.
    if _may_know(seen, seat):
        return True
    if not seat.is_confidential and seat.consent == Consent.SIGNED and not actor.has_consented:
        # The terms are offered by somebody: the party that opened the room.
        first = Participation.objects.filter(incident=seat.incident).order_by("pk").first()
        return first is not None and first.pk == seat.pk
    return False
