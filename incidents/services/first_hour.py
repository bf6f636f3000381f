"""The second signature under a freeze request, and when one party alone may give it.

DESIGN.md section 4. Two people sign, always; of two affected parties where there are two. While one
alone has signed the terms, two of its people suffice, or one and the coordinator. Where another one
was asked and has not answered for `settings.FREEZE_WAIT_SECONDS`, the first goes on alone in the
same way; the request says so for ever, and the other party is told.

A confidential party neither delays nor appears: it is not asked (`rules.committed`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from incidents import scope
from incidents.access import Actor
from incidents.choices import Capacity, Marking
from incidents.exceptions import SecondPersonRequired
from incidents.models import FreezeRequest, Membership, Organization, Participation
from incidents.services import rules

NOBODY_ELSE = "nobody else was asked"
SIGNATURE = "Your party sits here confidentially: its signature would show that it does."


@dataclass(frozen=True)
class Asked:
    """Another affected party whose answer is awaited, and since when it could give it."""

    organization: Organization
    since: datetime


@dataclass(frozen=True)
class Second:
    """What a second signature makes of a request. ``is_first``: it takes the place of the
    coordinator's, and another one is still needed. ``alone``: the only party behind it."""

    is_first: bool = False
    alone: Organization | None = None
    because: str = ""


def wait() -> timedelta:
    """How long another affected party has to answer."""
    return timedelta(seconds=settings.FREEZE_WAIT_SECONDS)


@scope.trusted
def asked(request: FreezeRequest) -> list[Asked]:
    """The other affected parties that may see the request, for the party that signed it first."""
    started = request.first_at or request.created_at
    return [
        Asked(seat.organization, max(started, seat.signed_at or started))
        for seat in rules.committed(request.incident)
        if seat.organization_id != request.first_for_id and _reaches(request, seat)
    ]


@scope.trusted
def opens_at(request: FreezeRequest) -> datetime | None:
    """From when the first party may go on alone; None: nobody is waited for, or nobody can be."""
    since = [one.since for one in asked(request)]
    return max(since) + wait() if since else None


def first(request: FreezeRequest, actor: Actor) -> None:
    """Whether somebody's signature can stand on this request at all.

    :raises NotYours: a confidential party would show itself by its name on another's request.
    """
    rules.require_open(actor, request.owner, SIGNATURE)


def second(request: FreezeRequest, actor: Actor) -> Second:
    """What the signature of ``actor``, another person than the first, is worth.

    :raises SecondPersonRequired: another affected party has to agree, saying which and until when.
    """
    first(request, actor)
    if actor.capacity is Capacity.AFFECTED and actor.organization != request.first_for:
        if _is_affected(request, request.first_for):
            return Second()
        return _after_the_chair(request, actor)
    if not _is_affected(request, request.first_for) or request.first_for is None:
        raise SecondPersonRequired("An affected party has to agree.")
    return _alone(request, request.first_for)


def _after_the_chair(request: FreezeRequest, actor: Actor) -> Second:
    """The coordinator signed first: enough beside the only affected party, otherwise no party."""
    others = [s for s in rules.committed(request.incident) if s.organization != actor.organization]
    if others:
        return Second(is_first=True)
    return Second(alone=actor.organization, because=NOBODY_ELSE)


def _alone(request: FreezeRequest, party: Organization) -> Second:
    others = [s for s in rules.committed(request.incident) if s.organization != party]
    if not others:
        return Second(alone=party, because=NOBODY_ELSE)
    waiting, opens = asked(request), opens_at(request)
    if opens is None:
        raise SecondPersonRequired(
            "Another affected party has to agree, and none can see this request: widen its "
            "audience first."
        )
    names = _joined([one.organization.name for one in waiting])
    if timezone.now() < opens:
        raise SecondPersonRequired(
            f"Another affected party has to agree: {names} {_were(waiting)} asked. From "
            f"{opens:%H:%M:%S} UTC on, {party.name} may go on alone."
        )
    return Second(alone=party, because=f"{names} had not answered within {_duration()}")


def _is_affected(request: FreezeRequest, organization: Organization | None) -> bool:
    return Participation.objects.filter(
        incident=request.incident, organization=organization, capacity=Capacity.AFFECTED
    ).exists()


def _reaches(request: FreezeRequest, seat: Participation) -> bool:
    """Whether people of the party may see the request once it has signed the terms in force."""
    people, organizations = request.audience_people, request.audience_organizations
    if people and Membership.objects.filter(
        organization=seat.organization_id, person__in=people, ended_at__isnull=True
    ):
        return True
    if request.marking == Marking.RED or request.marking not in Marking.values:
        return False
    if people is None and organizations is None:
        return True
    inside = (*(organizations or ()), request.owner_id)
    return organizations is not None and seat.organization_id in inside


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _were(waiting: list[Asked]) -> str:
    return "was" if len(waiting) == 1 else "were"


def _duration() -> str:
    seconds = int(settings.FREEZE_WAIT_SECONDS)
    number, unit = (seconds, "second") if seconds % 60 else (seconds // 60, "minute")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
