"""Who may come into a room: one person proposes an organization, another one approves it.

Of two parties, one of them affected; or, in the first hour, of the only affected one (rules.py).
Before that there is neither link nor code, and no mail leaves. Who approves tells the code over
another channel. A party that is here confidentially neither proposes nor approves: the others
would learn of it by counting words.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import AdmissionRule, Capacity, Marking
from incidents.exceptions import BadInput, NotFound, NotYours, SecondPersonRequired, WrongState
from incidents.models import Incident, Invitation, Membership, Organization, Person
from incidents.services import mail, rules, timeline
from incidents.services.parties import digest
from incidents.services.timeline import EVERYONE, Audience

INVITATION_HOURS = 48
LONGEST_DEADLINE = 7 * 24 * 60  # minutes
LONGEST_NAME = 120
# Crockford's alphabet: no letter that is read as another over the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
HIDDEN = "Your party is here confidentially: what it decides about others would show it."
ANOTHER = (
    "A second person has to agree: of another party, one of the two being affected; of yours only "
    "while no other affected party has signed."
)


@dataclass(frozen=True)
class Proposed:
    """Who is to come in. Either ``organization``, known here, or a name and a mail address.

    ``asked``: of a confidential one, the party that is asked to approve it.
    """

    capacity: Capacity
    organization: Organization | None = None
    organization_name: str = ""
    email: str = ""
    is_confidential: bool = False
    respond_minutes: int = 60
    asked: Organization | None = None


@dataclass(frozen=True)
class Invited:
    """An approved invitation with its secrets, which are stored nowhere else. Both are empty for an
    organization that is known here."""

    invitation: Invitation
    link: str = ""
    code: str = ""


@scope.trusted
@transaction.atomic
def propose(incident: Incident, wanted: Proposed, *, actor: Actor) -> Invitation:
    """Ask that an organization be let in. Nothing leaves the room.

    :raises BadInput: no name, no address, or a deadline of no length. :raises WrongState: it sits
        here already. :raises NotYours: the party is here confidentially.
    """
    incident = timeline.lock(incident)
    person, own = stand_up(actor, incident, Act.INVITE)
    name = wanted.organization.name if wanted.organization else wanted.organization_name.strip()
    _check(wanted, name)
    if wanted.asked and not sits(incident, wanted.asked, actor):
        raise BadInput("No party of this room.", field="asked")
    if wanted.organization and sits(incident, wanted.organization, actor):
        raise WrongState(f"{name} has a seat in this incident already.")
    row = Invitation.objects.create(
        incident=incident,
        invited_by=person,
        inviting=own,
        organization=wanted.organization,
        organization_name=name,
        capacity=wanted.capacity,
        is_confidential=wanted.is_confidential,
        email="" if wanted.organization else wanted.email.strip().lower(),
        respond_minutes=wanted.respond_minutes,
        approving=wanted.asked if wanted.is_confidential else None,
        mail_state="none",
        expires_at=timezone.now() + timedelta(hours=INVITATION_HOURS),
    )
    _record(row, events.PartyProposed(organization=name, capacity=wanted.capacity), actor)
    return row


def _check(wanted: Proposed, name: str) -> None:
    if not name:
        raise BadInput("Name the organization.", field="organization_name")
    if len(name) > LONGEST_NAME:
        raise BadInput(f"At most {LONGEST_NAME} characters.", field="organization_name")
    if wanted.organization is None and not wanted.email.strip():
        raise BadInput("Give the address of its first person.", field="email")
    if not 1 <= wanted.respond_minutes <= LONGEST_DEADLINE:
        raise BadInput("From one minute to a week.", field="respond_minutes")


@scope.trusted
@transaction.atomic
def approve(invitation: Invitation, *, actor: Actor) -> Invited:
    """The second word. From now on link and code let it in; the caller sends the mail.

    :raises SecondPersonRequired: the two are not the two that it takes. :raises WrongState: it was
        decided, or ended. :raises NotFound: not theirs to see.
    """
    row, person, own = _pending(invitation, actor)
    rule = rule_of(row.incident, row.invited_by, row.inviting, actor)
    if rule is None:
        raise SecondPersonRequired(ANOTHER)
    token = secrets.token_urlsafe(32)
    code = "".join(secrets.choice(ALPHABET) for _ in range(8))
    now = timezone.now()
    row.approved_by, row.approving, row.approved_at, row.rule = person, own, now, rule
    row.sponsor = _sponsor(row, own) if rule == AdmissionRule.ONE_PARTY else None
    row.expires_at = now + timedelta(hours=INVITATION_HOURS)
    if row.organization is None:
        row.token_digest, row.code_digest = digest(token), digest(code)
        row.mail_state = "pending" if mail.may_leave(row.incident) else "none"
    row.save()
    event = events.PartyInvited(organization=row.organization_name, capacity=row.capacity)
    _record(row, event, actor)
    if row.organization is not None:
        return Invited(row)
    return Invited(row, f"{settings.SITE_URL}/join/{token}/", f"{code[:4]}-{code[4:]}")


@scope.trusted
def rule_of(
    incident: Incident, first: Person, first_for: Organization, actor: Actor
) -> AdmissionRule | None:
    """By which rule two people let somebody in, or put somebody out; None: they may not.

    The first one must still speak for that organization. Where no affected party has signed yet, a
    coordinator opened the room: two of its people.
    """
    speaks = Membership.objects.filter(
        person=first, organization=first_for, ended_at__isnull=True, person__is_active=True
    )
    if not speaks.exists() or actor.person is None or actor.person.pk == first.pk:
        return None
    rule = rules.counts_as_two(incident, first, first_for, actor)
    is_alone = actor.capacity is Capacity.COORDINATOR and actor.organization == first_for
    if rule is None and is_alone and not rules.committed(incident):
        return AdmissionRule.ONE_PARTY
    return rule


def _sponsor(row: Invitation, approving: Organization) -> Organization | None:
    """The party by whose word alone it comes: in the end that of the affected one of the two."""
    ours = {seat.organization_id for seat in rules.committed(row.incident)}
    if not ours:
        return None  # the neutral chair opened the room
    word = row.inviting if row.inviting_id in ours else approving
    return rules.origin(row.incident, word)


@scope.trusted
@transaction.atomic
def refuse(invitation: Invitation, *, actor: Actor) -> Invitation:
    """Not this one: by anybody who could agree, or taken back by the party that proposed it.

    :raises WrongState: it was decided. :raises NotFound: not theirs to see.
    """
    row, person, own = _pending(invitation, actor)
    row.refused_by, row.refused_at = person, timezone.now()
    row.save(update_fields=["refused_by", "refused_at"])
    event = events.ProposalEnded(
        organization=row.organization_name, by=own.name, is_withdrawn=own == row.inviting
    )
    _record(row, event, actor)
    return row


@scope.trusted
@transaction.atomic
def revoke(invitation: Invitation, *, actor: Actor) -> Invitation:
    """End an invitation that nobody took up: by either of the two parties, or a coordinator.

    :raises WrongState: not approved, taken up, or ended. :raises NotYours: another party's.
    """
    row = _locked(invitation, actor)
    _, own = stand_up(actor, row.incident, Act.INVITE)
    if own.pk not in {row.inviting_id, row.approving_id} and (
        actor.capacity is not Capacity.COORDINATOR
    ):
        raise NotYours("The two parties that let it in, or the coordinator, may revoke it.")
    if row.approved_at is None or row.accepted_at is not None or row.revoked_at is not None:
        raise WrongState
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    _record(row, events.InvitationRevoked(organization=row.organization_name, by=own.name), actor)
    return row


def stand_up(actor: Actor, incident: Incident, act: Act) -> tuple[Person, Organization]:
    """Who decides about other parties: a person of a party that all others know of.

    :raises NotYours: nobody in person, or a party that is here confidentially.
    """
    access.require(actor, incident, act)
    if actor.person is None or actor.organization is None or actor.participation is None:
        raise NotYours("People decide who sits in a room.")
    rules.require_open(actor, words=HIDDEN)
    return actor.person, actor.organization


def sits(incident: Incident, organization: Organization, viewer: Actor) -> bool:
    """Whether an organization has a seat that the viewer may know of."""
    return access.parties(viewer, incident).filter(organization=organization).exists()


def known_to(row: Invitation) -> Audience:
    """Who may know of an invitation."""
    if not row.is_confidential:
        return EVERYONE
    named = {row.inviting_id, *access.coordinators(row.incident)}
    return Audience(organizations=named | ({row.approving_id} if row.approving_id else set()))


def _locked(invitation: Invitation, actor: Actor) -> Invitation:
    """:raises NotFound: not theirs to see."""
    timeline.lock(invitation.incident)
    rows = access.invitations(actor, invitation.incident)
    row = rows.filter(pk=invitation.pk).select_for_update(of=("self",), no_key=True).first()
    if row is None:
        raise NotFound
    return row


def _pending(invitation: Invitation, actor: Actor) -> tuple[Invitation, Person, Organization]:
    row = _locked(invitation, actor)
    person, own = stand_up(actor, row.incident, Act.INVITE)
    if row.approved_at or row.refused_at or row.revoked_at or row.expires_at <= timezone.now():
        raise WrongState
    return row, person, own


def _record(row: Invitation, event: events.Event, actor: Actor) -> None:
    timeline.record(
        row.incident,
        event,
        actor=actor,
        owner=row.inviting,
        marking=Marking.AMBER,
        audience=known_to(row),
    )
