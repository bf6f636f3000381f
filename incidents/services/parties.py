"""Seats: inviting, joining, accepting and declining the terms."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import Capacity, Consent, Marking, Stage
from incidents.exceptions import (
    BadInput,
    IncidentClosed,
    InvitationInvalid,
    TextChanged,
    WrongState,
)
from incidents.models import (
    Incident,
    Invitation,
    Membership,
    Organization,
    Participation,
    Person,
)
from incidents.services import mail, revocation, timeline
from incidents.services.incidents import terms_in_force
from incidents.services.timeline import Audience, seen_by

INVITATION_HOURS = 48
WRONG_CODES = 5
# Crockford's alphabet: no letter that is read as another over the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD = str.maketrans("OIL", "011", "- ")


@dataclass(frozen=True)
class Invited:
    """A new invitation with its secrets, which are stored nowhere else."""

    invitation: Invitation
    link: str
    code: str


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
def seat_organization(
    incident: Incident,
    organization: Organization,
    capacity: Capacity,
    *,
    actor: Actor,
    is_confidential: bool = False,
) -> Participation:
    """A seat for an organization that is known here; content stays shut until it consents.

    :raises WrongState: it has a seat already.
    """
    access.require(actor, incident, Act.INVITE)
    if Participation.objects.filter(incident=incident, organization=organization).exists():
        raise WrongState(f"{organization.name} has a seat in this incident already.")
    seat = Participation.objects.create(
        incident=incident,
        organization=organization,
        capacity=capacity,
        is_confidential=is_confidential,
    )
    bump_epoch(incident)
    timeline.record(
        incident,
        events.PartyInvited(organization=organization.name, capacity=capacity),
        actor=actor,
        owner=actor.organization or organization,
        marking=Marking.AMBER,
        audience=seen_by(seat),
    )
    return seat


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


@scope.trusted
@transaction.atomic
def invite(
    incident: Incident,
    *,
    email: str,
    organization_name: str,
    capacity: Capacity,
    actor: Actor,
    is_confidential: bool = False,
) -> Invited:
    """Invite an organization by mail. The code is told over another channel, never by mail.

    :raises BadInput: no name.
    """
    access.require(actor, incident, Act.INVITE)
    if actor.person is None or actor.organization is None:
        raise BadInput("An invitation is given by a person.")
    if not organization_name.strip():
        raise BadInput("Name the organization.", field="organization_name")
    token = secrets.token_urlsafe(32)
    code = "".join(secrets.choice(ALPHABET) for _ in range(8))
    invitation = Invitation.objects.create(
        incident=incident,
        invited_by=actor.person,
        inviting=actor.organization,
        organization_name=organization_name.strip(),
        capacity=capacity,
        is_confidential=is_confidential,
        email=email.strip().lower(),
        token_digest=digest(token),
        code_digest=digest(code),
        mail_state="pending" if mail.may_leave(incident) else "none",
        expires_at=timezone.now() + timedelta(hours=INVITATION_HOURS),
    )
    audience = timeline.EVERYONE
    if is_confidential:
        audience = Audience(organizations=[actor.organization.pk])
    timeline.record(
        incident,
        events.PartyInvited(organization=invitation.organization_name, capacity=capacity),
        actor=actor,
        marking=Marking.AMBER,
        audience=audience,
    )
    return Invited(invitation, f"{settings.SITE_URL}/join/{token}/", f"{code[:4]}-{code[4:]}")


@scope.trusted
def open_invitation(token: str) -> Invitation:
    """The invitation behind a link. Looking at it changes nothing.

    :raises InvitationInvalid: unknown, used, revoked, expired or burnt: the same words for all.
    """
    return _live(token_digest=digest(token))


@scope.trusted
def reopen_invitation(pk: int) -> Invitation:
    """An invitation whose code was right, on the newcomer's way through the passkey.

    :raises InvitationInvalid: it ended meanwhile.
    """
    return _live(pk=pk)


def _live(**conditions: object) -> Invitation:
    row = (
        Invitation.objects.filter(
            accepted_at__isnull=True,
            revoked_at__isnull=True,
            expires_at__gt=timezone.now(),
            wrong_codes__lt=WRONG_CODES,
            **conditions,
        )
        .select_related("incident")
        .first()
    )
    if row is None:
        raise InvitationInvalid
    return row


@scope.trusted
def check_code(invitation: Invitation, code: str) -> None:
    """Compare the code; a wrong one counts even though the request fails.

    :raises InvitationInvalid: it does not fit.
    """
    plain = code.upper().translate(MISREAD)
    if not secrets.compare_digest(digest(plain), invitation.code_digest):
        Invitation.objects.filter(pk=invitation.pk).update(wrong_codes=F("wrong_codes") + 1)
        raise InvitationInvalid(field="code")


@scope.trusted
@transaction.atomic
def join(
    invitation: Invitation, *, name: str, organization: Organization | None = None
) -> tuple[Person, Participation]:
    """Seat the invited person's organization. Call `check_code` before.

    ``organization`` is one that the invited person speaks for already; without it a new one is
    made under the invitation's name, so that a typed name never joins an existing one by accident.

    :raises InvitationInvalid: somebody was quicker. :raises IncidentClosed: it is over.
    :raises BadInput: the organization is not theirs. :raises WrongState: it has a seat already.
    """
    _require_open(timeline.lock(invitation.incident))
    invitation = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    if invitation.accepted_at is not None:
        raise InvitationInvalid
    person = Person.objects.filter(email=invitation.email).first()
    if person is None:
        person = Person.objects.create_user(invitation.email, name.strip())
    if organization is None:
        organization = new_organization(invitation.organization_name)
        Membership.objects.create(person=person, organization=organization, is_administrator=True)
    elif not access.organizations_of(person).filter(pk=organization.pk).exists():
        raise BadInput("You do not speak for this organization.", field="organization")
    seat = _seat_for(invitation, organization)
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    bump_epoch(invitation.incident)
    timeline.record(
        invitation.incident,
        events.PartyJoined(organization=organization.name, capacity=invitation.capacity),
        actor=Actor(person, organization, seat, 0),
        marking=Marking.AMBER,
        audience=seen_by(seat),
    )
    return person, seat


def _seat_for(invitation: Invitation, organization: Organization) -> Participation:
    """A new seat, or the one that the organization once declined.

    :raises WrongState: it sits there already.
    """
    seat, is_new = Participation.objects.get_or_create(
        incident=invitation.incident,
        organization=organization,
        defaults={
            "capacity": invitation.capacity,
            "is_confidential": invitation.is_confidential,
        },
    )
    if is_new:
        return seat
    if seat.consent != Consent.DECLINED:
        raise WrongState(f"{organization.name} has a seat in this incident already.")
    seat.consent, seat.capacity = Consent.INVITED, invitation.capacity
    seat.is_confidential = invitation.is_confidential
    seat.save(update_fields=["consent", "capacity", "is_confidential"])
    return seat


def new_organization(name: str) -> Organization:
    """An organization under a slug that is still free."""
    stem = slugify(name)[:50] or "organization"
    slug, n = stem, 1
    while Organization.objects.filter(slug=slug).exists():
        n += 1
        slug = f"{stem}-{n}"
    return Organization.objects.create(slug=slug, name=name)
