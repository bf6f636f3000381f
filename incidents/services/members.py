"""An organization's own people, run by its administrators."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Actor, Proof
from incidents.choices import Marking
from incidents.exceptions import BadInput, WrongState
from incidents.models import Enrolment, Membership, Organization, Participation, Person, Role
from incidents.services import coded_links, revocation, sessions, timeline
from incidents.services.coded_links import Coded
from incidents.services.joining import WRONG_CODES

LAST_ADMINISTRATOR = "The last administrator stays one: make somebody else one first."


@scope.trusted
@transaction.atomic
def invite(organization: Organization, *, email: str, name: str, by: Person, proof: Proof) -> Coded:
    """Let somebody in as a member: a link to pass on, and a code to tell.

    Whether the address is known here changes nothing that the inviter sees: somebody with passkeys
    signs in and takes it up, anybody else registers.

    :raises BadInput: no address, no name, or a member already.
    """
    access.require_administrator_of(by, organization, proof)
    email, name = email.strip().lower(), name.strip()[:120]
    try:
        validate_email(email)
    except ValidationError as error:
        raise BadInput("This is no e-mail address.", field="email") from error
    if not name:
        raise BadInput("Give the person's name.", field="name")
    if access.members(organization).filter(person__email=email).exists():
        raise BadInput("This person is a member already.", field="email")
    person = Person.objects.filter(email=email).first()
    if person is None:
        person = Person.objects.create_user(email, name)
    return coded_links.make(person, by=by, organization=organization)


@scope.trusted
@transaction.atomic
def withdraw(organization: Organization, invited: UUID, *, by: Person, proof: Proof) -> None:
    """End the invitation of a person (public id) that nobody took up; a repeat is harmless."""
    access.require_administrator_of(by, organization, proof)
    rows = Enrolment.objects.filter(
        person__public_id=invited, organization=organization, recovery__isnull=True
    )
    rows.filter(used_at__isnull=True, expires_at__gt=timezone.now()).update(
        expires_at=timezone.now()
    )


@scope.trusted
def invited(organization: Organization) -> list[Enrolment]:
    """Invitations that can still be taken up. Show the address only: the name is the person's."""
    rows = Enrolment.objects.filter(
        organization=organization,
        recovery__isnull=True,
        used_at__isnull=True,
        expires_at__gt=timezone.now(),
        wrong_codes__lt=WRONG_CODES,
    )
    return list(rows.select_related("person").order_by("pk"))


def enter(enrolment: Enrolment) -> Membership | None:
    """Make the person of an invitation a member; called where it is used up. None: it asks for no
    membership."""
    if enrolment.organization is None or enrolment.recovery_id is not None:
        return None
    membership, _ = Membership.objects.update_or_create(
        person=enrolment.person,
        organization=enrolment.organization,
        defaults={"ended_at": None, "ended_by": None},
        create_defaults={},
    )
    revocation.reaches(person=enrolment.person)
    return membership


@scope.trusted
@transaction.atomic
def end(membership: Membership, *, by: Person, proof: Proof) -> None:
    """The person speaks for the organization no more: roles, open pages and sockets end with it.

    What they did stays on the record under their name.

    :raises WrongState: the last administrator.
    """
    organization = _locked(membership.organization)
    access.require_administrator_of(by, organization, proof)
    row = access.get_member(organization, membership.person.public_id)
    if row.is_administrator and _administrators(organization) == 1:
        raise WrongState(LAST_ADMINISTRATOR)
    now = timezone.now()
    row.ended_at, row.ended_by, row.is_administrator = now, by, False
    row.save(update_fields=["ended_at", "ended_by", "is_administrator"])
    # What they asked for as a member is nobody's any more.
    Enrolment.objects.filter(
        Q(organization=organization) | Q(recovery__organization=organization),
        invited_by=row.person,
        used_at__isnull=True,
        expires_at__gt=now,
    ).update(expires_at=now)
    revocation.reaches(person=row.person)
    _end_roles(organization, row.person, by)
    sessions.look_again([row.person_id])


@scope.trusted
@transaction.atomic
def set_administrator(
    membership: Membership, is_administrator: bool, *, by: Person, proof: Proof
) -> Membership:
    """Make somebody an administrator of the organization, or no longer.

    :raises WrongState: the last administrator.
    """
    organization = _locked(membership.organization)
    access.require_administrator_of(by, organization, proof)
    row = access.get_member(organization, membership.person.public_id)
    if row.is_administrator and not is_administrator and _administrators(organization) == 1:
        raise WrongState(LAST_ADMINISTRATOR)
    row.is_administrator = is_administrator
    row.save(update_fields=["is_administrator"])
    return row


def _locked(organization: Organization) -> Organization:
    """Locked: two administrators must not end each other at once."""
    return Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)


def _administrators(organization: Organization) -> int:
    active = Membership.objects.filter(
        organization=organization,
        ended_at__isnull=True,
        is_administrator=True,
        person__is_active=True,
    )
    return active.count()


def _end_roles(organization: Organization, person: Person, by: Person) -> None:
    """Rooms learn who is in charge no longer, as far as the party is shown to them."""
    roles = Role.objects.filter(organization=organization, ended_at__isnull=True)
    roles.filter(backup=person).update(backup=None)
    for role in roles.filter(person=person).select_related("incident").order_by("incident__pk"):
        role.ended_at, role.ended_by = timezone.now(), by
        role.save(update_fields=["ended_at", "ended_by"])
        seat = Participation.objects.filter(incident=role.incident, organization=organization).get()
        timeline.record(
            role.incident,
            events.RoleEnded(role=role.role, organization=organization.name, person=str(person)),
            actor=Actor(by, organization, seat),
            marking=Marking.AMBER,
            audience=timeline.seen_by(seat),
        )
