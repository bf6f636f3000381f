"""Clocks of requests that were sent: acknowledged, answered, held until; and who looks after them.

They run from what that desk published, and from settings where it did not. Whatever falls due is
recorded once: by a step of the target where its state changes, by the timeline's key everywhere.
A line about a hold goes to those who may read the answer that says so, and to nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import SYSTEM, Act, Actor
from incidents.choices import Marking, Outcome, RequestState, Stage, TargetState
from incidents.exceptions import BadInput, NotFound, WrongState
from incidents.models import FreezeAnswer, FreezeRequest, FreezeTarget, Person, TimelineEntry
from incidents.services import desk_profiles, rules, target_log, timeline
from incidents.services import freeze_lines as lines
from incidents.services.freeze_lines import about, about_target
from incidents.services.parts import Part
from incidents.services.timeline import Audience

# Nothing was said yet; and nothing that answers what was asked.
SILENT = (TargetState.SENT, TargetState.BOUNCED)
UNANSWERED = (*SILENT, TargetState.NO_REPLY, TargetState.ACKNOWLEDGED)
_RUNNING = Q(state=RequestState.SENT, incident__stage=Stage.OPEN)


def start(request: FreezeRequest, actor: Actor) -> None:
    """Set the clocks of a request that is being sent; the caller saves it. Who sends it watches it,
    unless somebody does already."""
    sent = request.sent_at or timezone.now()
    profile = desk_profiles.of(request.desk_slug, request.owner)
    hours = profile.get("acknowledge_hours", settings.FREEZE_ACKNOWLEDGE_HOURS)
    request.acknowledge_by = sent + timedelta(hours=hours)
    otherwise = timedelta(hours=settings.FREEZE_ANSWER_HOURS)
    request.answer_by = max(profile.answer_by(sent, otherwise), request.acknowledge_by)
    request.watched_by = request.watched_by or actor.person


@scope.trusted
@transaction.atomic
def watch(request: FreezeRequest, *, actor: Actor, person: Person | None = None) -> FreezeRequest:
    """Have its clocks looked after by ``person``; without one, by whoever does this.

    :raises NotFound: hidden from the actor. :raises WrongState: it is so already.
    :raises BadInput: the person cannot see the request.
    :raises NotYours: a confidential party would show itself.
    """
    timeline.lock(request.incident)
    row = (
        FreezeRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("incident", "owner")
        .get(pk=request.pk)
    )
    access.require(actor, row.incident, Act.REQUEST_FREEZE)
    rules.require_open(actor, row.owner)
    if not access.may_see(actor, row):
        raise NotFound
    chosen = person or actor.person
    if chosen is None or not _can_watch(chosen, row, actor):
        raise BadInput("Choose somebody of your party who sees this request.", field="person")
    if row.watched_by == chosen:
        raise WrongState("They look after it already.")
    row.watched_by = chosen
    row.save(update_fields=["watched_by"])
    lines.record(row, events.FreezeWatched(**about(row)), actor=actor)
    return row


def _can_watch(person: Person, request: FreezeRequest, actor: Actor) -> bool:
    if actor.person == person:
        return True
    seat = actor.participation
    if seat is None or not person.memberships.filter(
        organization=seat.organization, ended_at__isnull=True
    ):
        return False
    return access.may_see(access.actor_of(seat, person), request)


# -- what falls due -----------------------------------------------------------------------------


@scope.trusted
def sweep(limit: int = 1000) -> int:
    """Record what fell due; returns how much that was.

    Each in a transaction of its own, as in services/deadlines.py: of two at a time the second finds
    nothing to do, and whoever is killed leaves the rest to the next one.
    """
    now = timezone.now()
    late = FreezeRequest.objects.filter(_RUNNING)
    late = late.filter(
        Q(acknowledge_by__lte=now, targets__state__in=(*SILENT, TargetState.NO_REPLY))
        | Q(answer_by__lte=now, targets__state__in=UNANSWERED)
    ).distinct()
    requests = list(late.order_by("answer_by", "pk").values_list("pk", flat=True)[:limit])
    ending = FreezeTarget.objects.filter(
        request__state=RequestState.SENT,
        request__incident__stage=Stage.OPEN,
        held_until__isnull=False,
    )
    targets = list(ending.order_by("held_until", "pk").values_list("pk", flat=True)[:limit])
    return sum(_overdue(pk) for pk in requests) + sum(_holds(pk) for pk in targets)


@dataclass(frozen=True)
class _Due:
    """A clock of a request that ran out. ``silent``: states of targets that it is about."""

    clock: str
    due: datetime
    level: int
    silent: tuple[TargetState, ...]

    def key(self, request: FreezeRequest) -> str:
        when = int(self.due.timestamp())
        return f"overdue:{request.public_id}:{self.clock}:{when}:{self.level}"


def _clocks(request: FreezeRequest, now: datetime) -> Iterator[_Due]:
    """Those that ran out, with whom they are escalated to."""
    grace = timedelta(minutes=settings.FREEZE_ESCALATE_MINUTES)
    for clock, due, silent in (
        ("acknowledge", request.acknowledge_by, SILENT),
        ("answer", request.answer_by, UNANSWERED),
    ):
        if due is None or due > now:
            continue
        yield _Due(clock, due, 1, silent)
        if due + grace <= now:
            yield _Due(clock, due, 2, (*silent, TargetState.NO_REPLY))


@transaction.atomic
def _overdue(pk: int) -> int:
    request = FreezeRequest.objects.select_related("incident").get(pk=pk)
    timeline.lock(request.incident)
    row = (
        FreezeRequest.objects.select_for_update(of=("self",), no_key=True)
        .filter(_RUNNING, pk=pk)
        .select_related("incident", "owner")
        .first()
    )
    if row is None:
        return 0
    targets, told = list(row.targets.select_related("request")), 0
    due = list(_clocks(row, timezone.now()))
    known = TimelineEntry.objects.filter(incident=row.incident, key__in=[d.key(row) for d in due])
    keys = set(known.values_list("key", flat=True))
    for one in due:
        silent = [target for target in targets if target.state in one.silent]
        if not silent or one.key(row) in keys:
            continue
        for target in silent:
            if target.state != TargetState.NO_REPLY:
                target_log.step(target, TargetState.NO_REPLY, actor=SYSTEM, reason=one.clock)
        event = events.FreezeOverdue(
            **about(row), clock=one.clock, due=one.due.isoformat(), level=one.level
        )
        lines.record(row, event, actor=SYSTEM, key=one.key(row))
        told += 1
    return told


@transaction.atomic
def _holds(pk: int) -> int:
    """Remind of the holds of one target that end, and let lapse what is over."""
    target = FreezeTarget.objects.select_related("request__incident").get(pk=pk)
    timeline.lock(target.request.incident)
    row = (
        FreezeTarget.objects.select_for_update(of=("self",), no_key=True)
        .select_related("request__incident", "request__owner")
        .get(pk=pk)
    )
    now, done = timezone.now(), 0
    hours = reminders(row.request)
    for part in target_log.folded(row).parts:
        if part.held_until is None or not part.held.units:
            continue
        if part.held_until <= now:
            done += _lapse(row, part)
        else:
            done += _remind(row, part, part.held_until, hours, now)
    return done


def reminders(request: FreezeRequest) -> list[int]:
    """Hours before a hold of this desk ends at which somebody is reminded, longest first."""
    profile = desk_profiles.of(request.desk_slug, request.owner)
    hours: list[int] = profile.get("reminders_hours", settings.FREEZE_REMINDER_HOURS)
    return sorted({int(one) for one in hours}, reverse=True)


def _lapse(row: FreezeTarget, part: Part) -> int:
    if part.held_until is None:
        return 0
    target_log.step(row, TargetState.LAPSED, actor=SYSTEM, part=part.key, amount=part.size)
    until = part.held_until.isoformat()
    event = events.HoldLapsed(**about_target(row, part.held.units), held_until=until)
    return _tell(row, part, event, f"lapse:{_name(row, part)}")


def _remind(row: FreezeTarget, part: Part, until: datetime, hours: list[int], now: datetime) -> int:
    """The closest reminder that is due. One that was due before the hold was given is not: whoever
    gave it knew."""
    said = _word(row, part)
    given = said.created_at if said is not None else row.created_at
    due = [one for one in hours if given <= until - timedelta(hours=one) <= now]
    if not due:
        return 0
    event = events.HoldEnds(
        **about_target(row, part.held.units), held_until=until.isoformat(), hours=min(due)
    )
    return _tell(row, part, event, f"hold:{_name(row, part)}:{min(due)}")


def _name(row: FreezeTarget, part: Part) -> str:
    until = part.held_until
    return f"{row.public_id}:{part.key}:{int(until.timestamp()) if until else 0}"


def _word(row: FreezeTarget, part: Part) -> FreezeAnswer | None:
    """The newest answer that gave this hold its end."""
    said = FreezeAnswer.objects.filter(
        target=row,
        held_until=part.held_until,
        outcome__in=(Outcome.HELD, Outcome.RENEWED),
    )
    return said.select_related("owner").defer("proof").order_by("-seq").first()


def _tell(row: FreezeTarget, part: Part, event: events.Event, key: str) -> int:
    """A line for those who may read the answer that the hold rests on; whether it is a new one."""
    said = _word(row, part)
    if TimelineEntry.objects.filter(incident=row.request.incident, key=key).exists():
        return 0
    if said is None:
        lines.record(row.request, event, actor=SYSTEM, key=key)
        return 1
    timeline.record(
        row.request.incident,
        event,
        actor=SYSTEM,
        marking=said.marking or Marking.RED,
        audience=Audience(said.audience_organizations, said.audience_people),
        owner=said.owner,
        key=key,
    )
    return 1
