"""Parties: who they are, and accepting and declining the terms."""

import hashlib
import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from incidents import access, events, scope
from incidents.access import Actor
from incidents.choices import Consent, Marking, Stage
from incidents.exceptions import (
    IncidentClosed,
    TextChanged,
)
from incidents.models import (
    Incident,
    Organization,
    Participation,
    Person,
)
from incidents.services import revocation, timeline
from incidents.services.incidents import terms_in_force
from incidents.services.timeline import seen_by


def digest(secret: str) -> str:
    """What is stored of a link's token or a code: hex SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _require_open(incident: Incident) -> None:
    """Seats are taken and left by people who may do nothing else here yet.

    :raises IncidentClosed: nothing can be added.
    """
    if incident.stage == Stage.CLOSED:
        raise IncidentClosed


@scope.trusted
def bump_epoch(incident: Incident) -> None:
    """What the policy reads of this room has changed: nobody's cached decision holds any longer."""
    revocation.reaches(incidents=[incident])


def people_of(viewer: Actor, incident: Incident) -> list[Person]:
    """The people of the parties that the viewer can see: whom an item can be narrowed to."""
    parties = access.parties(viewer, incident).values("organization")
    people = Person.objects.filter(
        is_active=True, memberships__organization__in=parties, memberships__ended_at__isnull=True
    )
    return list(people.distinct().order_by("name", "email"))


@scope.trusted
@transaction.atomic
def accept_terms(seat: Participation, *, person: Person, digest: str) -> Participation:
    """The organization signs the terms in force, as read (``digest`` of that text).

    :raises TextChanged: the terms changed after the page was shown.
    :raises IncidentClosed: it is over.
    """
    _require_open(timeline.lock(seat.incident))
    seat = Participation.objects.select_for_update(no_key=True).get(pk=seat.pk)
    access.actor_of(seat, person)
    terms = terms_in_force(seat.incident)
    if terms.digest != digest:
        raise TextChanged
    if seat.has_consented(terms.version):
        return seat
    seat.consent = Consent.SIGNED
    seat.terms_version = terms.version
    seat.signed_by, seat.signed_at = person, timezone.now()
    seat.save(update_fields=["consent", "terms_version", "signed_by", "signed_at"])
    bump_epoch(seat.incident)
    timeline.record(
        seat.incident,
        events.TermsAccepted(
            organization=seat.organization.name, version_of_terms=terms.version, digest=digest
        ),
        actor=Actor(person, seat.organization, seat, terms.version),
        marking=Marking.AMBER,
        audience=seen_by(seat),
    )
    return seat


@scope.trusted
@transaction.atomic
def decline(seat: Participation, *, person: Person) -> Participation:
    """The organization stays out. It can be invited again. :raises IncidentClosed: it is over."""
    _require_open(timeline.lock(seat.incident))
    actor = access.actor_of(seat, person)
    seat.consent = Consent.DECLINED
    seat.save(update_fields=["consent"])
    bump_epoch(seat.incident)
    timeline.record(
        seat.incident,
        events.InvitationDeclined(organization=seat.organization.name),
        actor=actor,
        marking=Marking.AMBER,
        audience=seen_by(seat),
    )
    return seat


def new_organization(name: str) -> Organization:
    """An organization under a slug of its own, made of the name."""
    stem = slugify(name)[:50] or "organization"
    # Drawn by lot: one that counts would tell that an organization of this name is here already.
    slug = f"{stem}-{secrets.token_hex(3)}"
    return Organization.objects.create(slug=slug, name=name)
