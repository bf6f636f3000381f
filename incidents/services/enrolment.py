"""First passkeys: links that let one person register one, and nothing else.

Whoever holds a link has no session and no rights until the passkey is registered; a try that is
broken off leaves the link as it was.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from incidents import scope
from incidents.exceptions import BadInput, EnrolmentInvalid, InvitationInvalid, SignInFirst
from incidents.models import (
    Enrolment,
    Invitation,
    Membership,
    Organization,
    Participation,
    Person,
)
from incidents.services import coded_links, joining, members, parties, passkeys, recoveries
from incidents.services.parties import digest

ENROLMENT_HOURS = 24


@dataclass(frozen=True)
class Enrolled:
    """A person who may now register the first passkey, with the link that is stored nowhere."""

    person: Person
    organization: Organization
    link: str


@dataclass(frozen=True)
class Entered:
    """A person with a passkey, and the seat taken on the way in, if there was one."""

    person: Person
    authenticator: Authenticator
    seat: Participation | None


def has_passkey(person: Person) -> bool:
    """Whether the person can sign in at all."""
    return passkeys.count(person) > 0


@scope.trusted
@transaction.atomic
def enroll_administrator(email: str, *, name: str, organization_name: str) -> Enrolled:
    """An administrator of this installation and of an organization, made from the console.

    A repeat before the first passkey gives a new link and ends the old one. An organization of
    exactly that name is joined, since the console's user may do anything anyway.

    :raises BadInput: bad address, missing name, or the person has a passkey already.
    """
    email, name, organization_name = email.strip().lower(), name.strip(), organization_name.strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise BadInput("This is no e-mail address.", field="email") from error
    if not name:
        raise BadInput("Give the person's name.", field="name")
    if not organization_name:
        raise BadInput("Name the organization.", field="organization")
    # Locked, as in `finish`: who registers a passkey at this moment must not get these rights.
    person = Person.objects.select_for_update(no_key=True).filter(email=email).first()
    if person is None:
        person = Person.objects.create_user(email, name)
    if has_passkey(person):
        raise BadInput(f"{email} has a passkey already and can sign in.", field="email")
    person.name, person.is_administrator, person.is_active = name, True, True
    person.save(update_fields=["name", "is_administrator", "is_active"])
    organization = Organization.objects.filter(name=organization_name).first()
    if organization is None:
        organization = parties.new_organization(organization_name)
    Membership.objects.update_or_create(
        person=person,
        organization=organization,
        defaults={"is_administrator": True, "ended_at": None},
    )
    _, token = issue(person)
    return Enrolled(person, organization, f"{settings.SITE_URL}/enrol/{token}/")


def issue(person: Person) -> tuple[Enrolment, str]:
    """A new enrolment and its token; older ones end, so that one link at most is live."""
    now = timezone.now()
    live(person).update(expires_at=now)
    token = secrets.token_urlsafe(32)
    enrolment = Enrolment.objects.create(
        person=person, digest=digest(token), expires_at=now + timedelta(hours=ENROLMENT_HOURS)
    )
    return enrolment, token


def live(person: Person) -> QuerySet[Enrolment]:
    """The person's enrolments that can still be used."""
    return Enrolment.objects.filter(
        person=person, used_at__isnull=True, expires_at__gt=timezone.now()
    )


def open_enrolment(token: str, code: str = "") -> Enrolment:
    """The enrolment behind a link, and behind the code where it takes one.

    :raises EnrolmentInvalid: unknown, used, expired or burnt, or a wrong code: in the same words.
    """
    row = _live(digest=digest(token))
    coded_links.check(row, code)
    return row


def resume(pk: int) -> Enrolment:
    """The live enrolment with this key, for registering a passkey.

    :raises EnrolmentInvalid: unknown, used or expired, in the same words.
    :raises SignInFirst: the person has passkeys and no recovery, or rights that the organization
        which invited them did not give: nobody else becomes them.
    """
    row = _live(pk=pk)
    if row.recovery is None and (has_passkey(row.person) or _is_of_others(row)):
        raise SignInFirst
    return row


def _is_of_others(enrolment: Enrolment) -> bool:
    """Whether a member's link would give whoever holds it more than that organization has to give.
    Its administrator gets link and code for any address, that of a person too who was enrolled
    from the console and has no passkey yet."""
    if enrolment.organization is None:
        return False
    elsewhere = enrolment.person.memberships.exclude(organization=enrolment.organization)
    return enrolment.person.is_administrator or elsewhere.exists()


def _live(**conditions: object) -> Enrolment:
    row = (
        Enrolment.objects.filter(
            used_at__isnull=True,
            expires_at__gt=timezone.now(),
            person__is_active=True,
            wrong_codes__lt=joining.WRONG_CODES,
            **conditions,
        )
        .select_related("person", "organization", "recovery")
        .first()
    )
    if row is None or (row.organization is None and has_passkey(row.person)):
        raise EnrolmentInvalid
    return row


@scope.trusted
@transaction.atomic
def take_up(enrolment: Enrolment, *, person: Person | None) -> Organization:
    """Somebody who is signed in becomes a member of the organization that invited them.

    :raises EnrolmentInvalid: used or expired meanwhile. :raises SignInFirst: it is for another.
    """
    Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
    enrolment = _live(pk=enrolment.pk)
    if enrolment.organization is None or enrolment.recovery is not None:
        raise EnrolmentInvalid
    if person is None or person.pk != enrolment.person_id:
        raise SignInFirst
    members.enter(enrolment)
    enrolment.used_at = timezone.now()
    enrolment.save(update_fields=["used_at"])
    return enrolment.organization


@scope.trusted
@transaction.atomic
def begin_joining(invitation: Invitation, *, name: str) -> Enrolment:
    """Let the invited person register a passkey. Call `joining.check_code` before.

    Only a newcomer: whoever invites knows link and code too, and must not become somebody who
    already has rights here.

    :raises BadInput: no name. :raises SignInFirst: the person is known here.
    """
    Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    if not name.strip():
        raise BadInput("Give your name.", field="name")
    person = Person.objects.filter(email=invitation.email).first()
    if person is None:
        person = Person.objects.create_user(invitation.email, name.strip()[:120])
    if person.memberships.exists() or has_passkey(person) or not person.is_active:
        raise SignInFirst
    person.name = name.strip()[:120]
    person.save(update_fields=["name"])
    return issue(person)[0]


@scope.trusted
@transaction.atomic
def finish(
    enrolment: Enrolment,
    *,
    credential: dict[str, Any],
    name: str,
    invitation_id: int | None = None,
) -> Entered:
    """Keep the passkey, use up the enrolment and, with ``invitation_id``, take the seat.

    ``credential`` is a registration that allauth's form has verified.

    :raises EnrolmentInvalid: used or expired meanwhile.
    :raises InvitationInvalid: taken, revoked or expired meanwhile.
    :raises NotFound, WrongState: a recovery that was stopped meanwhile.
    """
    Person.objects.select_for_update(no_key=True).get(pk=enrolment.person_id)
    Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
    enrolment = resume(enrolment.pk)
    recoveries.use(enrolment)
    members.enter(enrolment)
    authenticator = WebAuthn.add(enrolment.person, name, credential).instance
    enrolment.used_at = timezone.now()
    enrolment.save(update_fields=["used_at"])
    seat = None
    if invitation_id is not None:
        invitation = joining.reopen_invitation(invitation_id)
        if invitation.email != enrolment.person.email:
            raise InvitationInvalid
        _, seat = joining.join(invitation, name=enrolment.person.name)
    return Entered(enrolment.person, authenticator, seat)
