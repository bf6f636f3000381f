"""Taking a seat: with link and code, or, for an organization that is known here, by one's word.

Joining, reading the terms and signing them are three acts (services/parties.py has the others).
The clock to sign runs from here.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Actor
from incidents.choices import Consent, Marking, Stage
from incidents.exceptions import (
    BadInput,
    IncidentClosed,
    InvitationInvalid,
    NotFound,
    WrongState,
)
from incidents.models import Incident, Invitation, Membership, Organization, Participation, Person
from incidents.services import timeline
from incidents.services.parties import bump_epoch, digest, new_organization
from incidents.services.timeline import seen_by

WRONG_CODES = 5
MISREAD = str.maketrans("OIL", "011", "- ")


@scope.trusted
def open_invitation(token: str) -> Invitation:
    """The invitation behind a link. Looking at it changes nothing.

    :raises InvitationInvalid: unknown, not approved, used, revoked, expired or burnt: the same
        words for all.
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
            approved_at__isnull=False,
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
    row = _locked(invitation)
    person = Person.objects.filter(email=row.email).first()
    if person is None:
        person = Person.objects.create_user(row.email, name.strip())
    if organization is None:
        organization = new_organization(row.organization_name)
        Membership.objects.create(person=person, organization=organization, is_administrator=True)
    elif not access.organizations_of(person).filter(pk=organization.pk).exists():
        raise BadInput("You do not speak for this organization.", field="organization")
    return person, _sit_down(row, organization, person)


@scope.trusted
@transaction.atomic
def take(public_id: UUID | str, *, person: Person) -> Participation:
    """A person of an organization that is known here takes the seat that was approved for it.

    :raises NotFound: absent, ended, or not for an organization of theirs.
    :raises IncidentClosed: it is over. :raises WrongState: it has a seat already.
    """
    found = access.invitations_for(person).filter(public_id=public_id).first()
    if found is None or found.organization is None:
        raise NotFound
    _require_open(timeline.lock(found.incident))
    return _sit_down(_locked(found), found.organization, person)


@scope.trusted
@transaction.atomic
def turn_down(public_id: UUID | str, *, person: Person) -> None:
    """The organization stays out; nobody is told more than that it did not come.

    :raises NotFound: absent, ended, or not for an organization of theirs.
    """
    found = access.invitations_for(person).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    timeline.lock(found.incident)
    row = _locked(found)
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])


def _locked(invitation: Invitation) -> Invitation:
    Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    return _live(pk=invitation.pk)


def _require_open(incident: Incident) -> None:
    if incident.stage == Stage.CLOSED:
        raise IncidentClosed


def _sit_down(row: Invitation, organization: Organization, person: Person) -> Participation:
    seat = _seat_for(row, organization, person)
    row.accepted_at = timezone.now()
    row.save(update_fields=["accepted_at"])
    bump_epoch(row.incident)
    timeline.record(
        row.incident,
        events.PartyJoined(organization=organization.name, capacity=row.capacity),
        actor=Actor(person, organization, seat, 0),
        marking=Marking.AMBER,
        audience=seen_by(seat),
    )
    return seat


def _seat_for(row: Invitation, organization: Organization, person: Person) -> Participation:
    """A new seat, or the one that the organization declined, left or lost: as if it were new.

    :raises WrongState: it sits there already.
    """
    seat = Participation.objects.filter(incident=row.incident, organization=organization).first()
    if seat is None:
        seat = Participation(incident=row.incident, organization=organization)
    elif seat.consent != Consent.DECLINED and seat.removed_at is None:
        raise WrongState(f"{organization.name} has a seat in this incident already.")
    now = timezone.now()
    # In the end by its own word: that of a party which it once let in itself.
    by_itself = row.sponsor_id == organization.pk
    fresh = {
        "capacity": row.capacity,
        "consent": Consent.INVITED,
        "terms_version": None,
        "signed_by": None,
        "signed_at": None,
        "joined_by": person,
        "joined_at": now,
        "read_by": None,
        "read_at": None,
        "read_digest": "",
        "respond_by": now + timedelta(minutes=row.respond_minutes),
        "silent_since": None,
        "is_confidential": row.is_confidential,
        "admitted_by": row.rule,
        "sponsor": None if by_itself else row.sponsor,
        "vouched_by": None,
        "removed_at": None,
        "removed_by": None,
    }
    for name, value in fresh.items():
        setattr(seat, name, value)
    seat.save()
    return seat
