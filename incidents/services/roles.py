"""Who does what in a room: given, handed over, taken over by whoever stands in, ended.

Commander and scribe are one each for the room; a party has one external communicator, and then only
that person and who stands in publish for it. A row is ended and never changed, so that the record
tells who was in charge when. Nobody is named whom the one who names cannot see, and nobody of a
party that is here confidentially, but for what that party does among itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import Capacity, Marking, RoomRole
from incidents.exceptions import BadInput, NotFound, NotYours, WrongState
from incidents.models import Incident, Membership, Participation, Person, Role
from incidents.services import rules, timeline
from incidents.services.parties import bump_epoch
from incidents.services.timeline import seen_by

OF_THE_ROOM = frozenset({RoomRole.COMMANDER, RoomRole.SCRIBE})
OF_A_PARTY = frozenset({RoomRole.COMMUNICATOR, RoomRole.OBSERVER})  # it names its own


@dataclass(frozen=True)
class Given:
    """What somebody is to do. ``seat``: for which party."""

    role: RoomRole
    seat: Participation
    person: Person
    backup: Person | None = None


@scope.trusted
@transaction.atomic
def give(incident: Incident, given: Given, *, actor: Actor) -> Role:
    """Name somebody for a role.

    :raises BadInput: nobody of that party, or no backup of it. :raises NotYours: another party's
        own matter, or a confidential party would show itself. :raises WrongState: somebody
        has it. :raises NotFound: no party that they see.
    """
    incident = timeline.lock(incident)
    access.require(actor, incident, Act.GIVE_ROLE)
    seat = _seat(incident, given.seat, actor)
    rules.require_open(actor, seat.organization)
    _check(seat, given, actor)
    taken = Role.objects.filter(incident=incident, role=given.role, ended_at__isnull=True)
    if given.role not in OF_THE_ROOM:
        taken = taken.filter(organization=seat.organization)
        if given.role is not RoomRole.COMMUNICATOR:
            taken = taken.filter(person=given.person)
    if taken.exists():
        raise WrongState("Somebody has this role: it is handed over, or ended first.")
    row = _create(seat, given, actor)
    event = events.RoleGiven(**_about(row), backup=_name(row.backup))
    _record(row, seat, event, actor)
    return row


@scope.trusted
@transaction.atomic
def hand_over(role: Role, person: Person, *, actor: Actor, backup: Person | None = None) -> Role:
    """Somebody else of the same party from now on, or the same one with another backup.

    By who has the role, who stands in, or anybody who could have given it.

    :raises BadInput: nobody of that party. :raises NotYours: not theirs to hand over.
        :raises NotFound: ended, or not theirs to see.
    """
    old, seat = _held(role, actor)
    if actor.person not in (old.person, old.backup):
        _require_giving(old, seat, actor)
    given = Given(RoomRole(old.role), seat, person, backup)
    _check_people(seat, given)
    row = _succeed(old, seat, given, actor)
    event = events.RoleHandedOver(**_about(row), before=_name(old.person), backup=_name(row.backup))
    _record(row, seat, event, actor)
    return row


@scope.trusted
@transaction.atomic
def take_over(role: Role, *, actor: Actor) -> Role:
    """Who stands in steps in, without being asked: who has the role may be asleep.

    :raises NotYours: they do not stand in. :raises NotFound: ended, or not theirs to see.
    """
    old, seat = _held(role, actor)
    if old.backup is None or actor.person != old.backup or actor.organization != old.organization:
        raise NotYours("Who stands in takes a role over.")
    _check_people(seat, Given(RoomRole(old.role), seat, old.backup))
    row = _succeed(old, seat, Given(RoomRole(old.role), seat, old.backup, old.person), actor)
    _record(row, seat, events.RoleTakenOver(**_about(row), before=_name(old.person)), actor)
    return row


@scope.trusted
@transaction.atomic
def end(role: Role, *, actor: Actor) -> Role:
    """Nobody does it any longer. By who has it, or anybody who could have given it.

    :raises NotYours: not theirs to end. :raises NotFound: ended, or not theirs to see.
    """
    old, seat = _held(role, actor)
    # An observer does nothing, so that others of the party end that.
    if actor.person != old.person or old.role == RoomRole.OBSERVER:
        _require_giving(old, seat, actor)
    _end(old, actor)
    bump_epoch(old.incident)
    _record(old, seat, events.RoleEnded(**_about(old)), actor)
    return old


def _seat(incident: Incident, seat: Participation, actor: Actor) -> Participation:
    row = access.parties(actor, incident).filter(pk=seat.pk).first()
    if row is None:
        raise NotFound
    return row


def _check(seat: Participation, given: Given, actor: Actor) -> None:
    is_own = seat.organization == actor.organization
    if given.role in OF_A_PARTY and not is_own:
        raise NotYours("A party names its own communicator and its own observers.")
    if seat.is_confidential and (given.role in OF_THE_ROOM or not is_own):
        raise NotYours("That party is here confidentially: a role in the room would show it.")
    _check_people(seat, given)
    if given.role is RoomRole.OBSERVER and not _others_act(seat, given.person):
        raise BadInput("Somebody of the party has to be able to act.", field="person")


def _check_people(seat: Participation, given: Given) -> None:
    if not seat.has_consented(seat.incident.terms_version):
        raise WrongState("That party has not signed the terms in force.")
    if given.backup == given.person:
        raise BadInput("Nobody stands in for themselves.", field="backup")
    for field, person in (("person", given.person), ("backup", given.backup)):
        if person is not None and not _people(seat).filter(person=person).exists():
            raise BadInput("Not a person of that party.", field=field)


def _people(seat: Participation) -> QuerySet[Membership]:
    return Membership.objects.filter(
        organization=seat.organization, ended_at__isnull=True, person__is_active=True
    )


def _others_act(seat: Participation, person: Person) -> bool:
    watching = Role.objects.filter(
        incident=seat.incident,
        organization=seat.organization,
        role=RoomRole.OBSERVER,
        ended_at__isnull=True,
    )
    others = _people(seat).exclude(person=person)
    return others.exclude(person__in=watching.values("person")).exists()


def _held(role: Role, actor: Actor) -> tuple[Role, Participation]:
    incident = timeline.lock(role.incident)
    access.require(actor, incident, Act.EXPORT)  # a signed party's person, this moment
    if RoomRole.OBSERVER in actor.roles:
        raise NotYours
    found = access.roles(actor, incident).filter(pk=role.pk)
    row = found.select_for_update(of=("self",), no_key=True).first()
    if row is None:
        raise NotFound
    seat = access.parties(actor, incident).get(organization=row.organization)
    return row, seat


def _require_giving(row: Role, seat: Participation, actor: Actor) -> None:
    access.require(actor, row.incident, Act.GIVE_ROLE)
    rules.require_open(actor, row.organization)
    is_own = row.organization == actor.organization
    is_chair = actor.capacity is Capacity.COORDINATOR and row.role in OF_THE_ROOM
    if not is_own and not is_chair:
        raise NotYours("Its own party, or for a role of the room the coordinator, decides that.")


def _create(seat: Participation, given: Given, actor: Actor, after: Role | None = None) -> Role:
    assert actor.person is not None  # noqa: S101 (`access.require` let a person through)
    row = Role.objects.create(
        incident=seat.incident,
        organization=seat.organization,
        role=given.role,
        person=given.person,
        backup=given.backup,
        given_by=actor.person,
        after=after,
    )
    bump_epoch(seat.incident)
    return row


def _succeed(old: Role, seat: Participation, given: Given, actor: Actor) -> Role:
    _end(old, actor)
    return _create(seat, given, actor, after=old)


def _end(row: Role, actor: Actor) -> None:
    row.ended_at, row.ended_by = timezone.now(), actor.person
    row.save(update_fields=["ended_at", "ended_by"])


def _name(person: Person | None) -> str:
    return str(person) if person else ""


def _about(row: Role) -> dict[str, str]:
    return {
        "role": row.role,
        "organization": row.organization.name,
        "person": _name(row.person),
    }


def _record(row: Role, seat: Participation, event: events.Event, actor: Actor) -> None:
    timeline.record(row.incident, event, actor=actor, marking=Marking.AMBER, audience=seen_by(seat))
