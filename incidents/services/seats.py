"""Seats: given by the installation itself, vouched for, left and taken away."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import Capacity, Marking, Stage
from incidents.exceptions import (
    BadInput,
    IncidentClosed,
    NotFound,
    NotYours,
    SecondPersonRequired,
    WrongState,
)
from incidents.models import (
    Incident,
    Invitation,
    Organization,
    Participation,
    Person,
    Removal,
    Role,
)
from incidents.services import rules, terms, timeline
from incidents.services.admissions import rule_of, stand_up
from incidents.services.parties import bump_epoch
from incidents.services.timeline import seen_by

LONGEST_REASON = 300
ANOTHER = (
    "A second person has to agree: of another party, one of the two being affected; of yours only "
    "while no other affected party has signed. The party itself is not asked."
)


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
    """A seat given by the installation itself (a drill, a test); content stays shut until the
    organization consents. People propose and approve instead (admissions.py).

    :raises NotYours: a person asks. :raises WrongState: it has a seat already.
    """
    access.require(actor, incident, Act.INVITE)
    if not actor.is_system:
        raise NotYours("One person proposes an organization, another one approves it.")
    if Participation.objects.filter(incident=incident, organization=organization).exists():
        raise WrongState(f"{organization.name} has a seat in this incident already.")
    seat = Participation.objects.create(
        incident=incident,
        organization=organization,
        capacity=capacity,
        is_confidential=is_confidential,
        respond_by=terms.deadline(incident),
    )
    bump_epoch(incident)
    _record(seat, events.PartyInvited(organization=organization.name, capacity=capacity), actor)
    return seat


@scope.trusted
@transaction.atomic
def vouch(seat: Participation, *, actor: Actor) -> Participation:
    """A party that came independently of another one's sponsor stands by it: from now on the two
    count as two everywhere.

    :raises SecondPersonRequired: who vouches came by the same word. :raises WrongState: it needs
        nobody. :raises NotFound: not theirs to see.
    """
    seat = _locked(seat, actor)
    _, own = stand_up(actor, seat.incident, Act.INVITE)
    if seat.sponsor is None:
        raise WrongState("Nobody has to vouch for this party.")
    if rules.origin(seat.incident, own) == rules.origin(seat.incident, seat.organization):
        raise SecondPersonRequired(
            "Only a party that did not come in by the same word can vouch for this one."
        )
    sponsor = seat.sponsor
    seat.sponsor, seat.vouched_by = None, own
    seat.save(update_fields=["sponsor", "vouched_by"])
    bump_epoch(seat.incident)
    event = events.PartyVouched(
        organization=seat.organization.name, by=own.name, sponsor=_name(sponsor, seat, actor)
    )
    _record(seat, event, actor)
    return seat


def _name(sponsor: Organization, seat: Participation, actor: Actor) -> str:
    """A sponsor's name. It never sits confidentially when it lets somebody in, but may since."""
    return "" if rules.is_hidden(seat.incident, sponsor) else sponsor.name


@scope.trusted
@transaction.atomic
def leave(seat: Participation, *, person: Person, actor: Actor) -> Participation:
    """The party goes by itself; one of its people is enough. What it wrote stays.

    It may go whatever it has signed, and even when the incident is closed.

    :raises NotFound: not their seat. :raises WrongState: gone already.
    """
    timeline.lock(seat.incident)
    if actor.participation is None or actor.participation.pk != seat.pk or actor.person != person:
        raise NotFound
    access.require_proof(actor, Act.REMOVE_PARTY)
    row = Participation.objects.select_for_update(of=("self",), no_key=True).get(pk=seat.pk)
    if row.removed_at is not None:
        raise WrongState
    _record(row, events.PartyLeft(organization=row.organization.name), actor)
    return _gone(row, person)


@scope.trusted
@transaction.atomic
def ask_removal(seat: Participation, reason: str, *, actor: Actor) -> Removal:
    """The first word for taking a party out of the room. Nothing happens to it yet.

    :raises BadInput: no reason. :raises WrongState: asked already. :raises NotYours: one's own
        party. :raises NotFound: not theirs to see.
    """
    seat = _locked(seat, actor)
    person, own = _deciding(seat, actor)
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise BadInput(f"Say why, in at most {LONGEST_REASON} characters.", field="reason")
    if own == seat.organization:
        raise NotYours("Your own party leaves; it is not taken out.")
    if Removal.objects.filter(participation=seat, decided_at__isnull=True).exists():
        raise WrongState("Somebody asked for this already: approve or refuse that.")
    row = Removal.objects.create(participation=seat, reason=reason, asked_by=person, asked_for=own)
    _record_apart(seat, events.RemovalAsked(**_about(seat), by=own.name, reason=reason), actor)
    return row


@scope.trusted
@transaction.atomic
def approve_removal(removal: Removal, *, actor: Actor) -> Participation:
    """The second word: the party is out at once, with its roles and its open invitations.

    :raises SecondPersonRequired: the two are not the two that it takes. :raises NotFound: not
        theirs to see, or decided.
    """
    row, person, own = _open_removal(removal, actor)
    seat = row.participation
    if not _may_remove(row, actor):
        raise SecondPersonRequired(ANOTHER)
    _decide(row, person, own, is_carried_out=True)
    event = events.PartyRemoved(**_about(seat), by=own.name, reason=row.reason)
    _record(seat, event, actor)
    return _gone(seat, person)


def _may_remove(row: Removal, actor: Actor) -> bool:
    seat = row.participation
    if actor.person is None or actor.organization == seat.organization:
        return False
    if seat.is_confidential:
        # Nobody else knows of it: two people of coordinators.
        return actor.person != row.asked_by and actor.capacity is Capacity.COORDINATOR
    return rule_of(seat.incident, row.asked_by, row.asked_for, actor) is not None


@scope.trusted
@transaction.atomic
def refuse_removal(removal: Removal, *, actor: Actor) -> Removal:
    """It stays: by anybody who could agree, or taken back by the party that asked.

    :raises NotFound: not theirs to see, or decided.
    """
    row, person, own = _open_removal(removal, actor)
    _decide(row, person, own, is_carried_out=False)
    event = events.RemovalEnded(**_about(row.participation), by=own.name)
    _record_apart(row.participation, event, actor)
    return row


def _open_removal(removal: Removal, actor: Actor) -> tuple[Removal, Person, Organization]:
    incident = timeline.lock(removal.participation.incident)
    found = access.removals(actor, incident).filter(pk=removal.pk)
    row = found.select_for_update(of=("self",), no_key=True).first()
    if row is None:
        raise NotFound
    person, own = _deciding(row.participation, actor)
    return row, person, own


def _deciding(seat: Participation, actor: Actor) -> tuple[Person, Organization]:
    return stand_up(actor, seat.incident, Act.REMOVE_PARTY)


def _decide(row: Removal, person: Person, own: Organization, *, is_carried_out: bool) -> None:
    row.decided_by, row.decided_for, row.decided_at = person, own, timezone.now()
    row.is_carried_out = is_carried_out
    row.save(update_fields=["decided_by", "decided_for", "decided_at", "is_carried_out"])


def _gone(seat: Participation, person: Person) -> Participation:
    """Out: sockets, tokens and links end with the seat; roles and open invitations here."""
    now = timezone.now()
    seat.removed_at, seat.removed_by = now, person
    seat.save(update_fields=["removed_at", "removed_by"])
    own = {"incident": seat.incident, "organization": seat.organization}
    Role.objects.filter(**own, ended_at__isnull=True).update(ended_at=now, ended_by=person)
    waiting = Invitation.objects.filter(
        incident=seat.incident, accepted_at__isnull=True, revoked_at__isnull=True
    )
    waiting.filter(inviting=seat.organization).update(revoked_at=now)
    waiting.filter(organization=seat.organization).update(revoked_at=now)
    open_removals = Removal.objects.filter(participation=seat, decided_at__isnull=True)
    open_removals.update(decided_at=now, decided_by=person)
    bump_epoch(seat.incident)
    return seat


def _locked(seat: Participation, actor: Actor) -> Participation:
    """:raises NotFound: not theirs to see."""
    incident = timeline.lock(seat.incident)
    if incident.stage == Stage.CLOSED:
        raise IncidentClosed
    rows = access.parties_shown(actor, incident).filter(pk=seat.pk)
    row = rows.select_for_update(of=("self",), no_key=True).first()
    if row is None:
        raise NotFound
    return row


def _about(seat: Participation) -> dict[str, str]:
    return {"organization": seat.organization.name, "capacity": seat.capacity}


def _record(seat: Participation, event: events.Event, actor: Actor) -> None:
    timeline.record(
        seat.incident,
        event,
        actor=actor,
        owner=actor.organization or seat.organization,
        marking=Marking.AMBER,
        audience=seen_by(seat),
    )


def _record_apart(seat: Participation, event: events.Event, actor: Actor) -> None:
    """For those who decide, and not for the party that it is about."""
    deciding = access.parties(actor, seat.incident).filter(
        capacity__in=(Capacity.AFFECTED, Capacity.COORDINATOR)
    )
    if seat.is_confidential:
        deciding = deciding.filter(capacity=Capacity.COORDINATOR)
    named = set(deciding.values_list("organization_id", flat=True)) - {seat.organization_id}
    timeline.record(
        seat.incident,
        event,
        actor=actor,
        marking=Marking.AMBER,
        audience=timeline.Audience(organizations=named),
    )
