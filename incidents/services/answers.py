"""What desks answer, and what of it still holds."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import SYSTEM, Act, Actor
from incidents.choices import DESKS, Marking, Outcome, RequestState, TargetState
from incidents.exceptions import BadInput, NotFound, WrongState
from incidents.models import FreezeAnswer, FreezeRequest, FreezeTarget, Incident, Membership
from incidents.services import timeline
from incidents.services.freezes import about_target
from incidents.services.timeline import EVERYONE, Audience

_WITH_AMOUNT = {Outcome.LOCATED, Outcome.HELD, Outcome.RELEASED, Outcome.RETURNED}


@scope.trusted
@transaction.atomic
def answer(
    target: FreezeTarget,
    outcome: str,
    *,
    actor: Actor,
    marking: str,
    amount: int | None = None,
    held_until: datetime | None = None,
    text: str = "",
    audience: Audience = EVERYONE,
) -> FreezeAnswer:
    """A desk's word on one target. Opening the page answers nothing; this does.

    :raises NotFound: the request is not this desk's. :raises WrongState: it was not sent.
    :raises BadInput: unknown outcome, a negative amount, or one above what was requested.
    """
    timeline.lock(target.request.incident)
    row = (
        FreezeTarget.objects.select_for_update(of=("self",), no_key=True)
        .select_related("request__incident", "request__desk")
        .get(pk=target.pk)
    )
    access.require(actor, row.request.incident, Act.ANSWER_FREEZE)
    if actor.capacity in DESKS and row.request.desk != actor.organization:
        raise NotFound
    if row.request.state != RequestState.SENT:
        raise WrongState("This request was not sent.")
    if outcome not in Outcome.values:
        raise BadInput("Unknown answer.", field="outcome")
    timeline.check_marking(marking, audience)
    asking = [row.request.owner_id] if row.request.owner_id else []
    audience = timeline.reach(actor, audience, besides=asking)
    marking, audience = _no_wider(row.request, marking, audience)
    amount = _checked(row, Outcome(outcome), amount)
    if held_until is not None and held_until <= timezone.now():
        raise BadInput("The hold would have lapsed already.", field="held_until")
    given = FreezeAnswer.objects.create(
        target=row,
        outcome=outcome,
        amount=amount,
        held_until=held_until,
        text=text,
        marking=marking,
        owner=actor.organization,
        author=actor.person,
        audience_organizations=audience.organizations,
        audience_people=audience.people,
    )
    _apply(row, Outcome(outcome), amount, held_until)
    timeline.record(
        row.request.incident,
        events.FreezeAnswered(
            **about_target(row, amount or 0),
            outcome=outcome,
            held_until=held_until.isoformat() if held_until else None,
            text=text,
            answer=str(given.public_id),
        ),
        actor=actor,
        marking=marking,
        audience=audience,
    )
    return given


def _no_wider(request: FreezeRequest, marking: str, audience: Audience) -> tuple[str, Audience]:
    """An answer names its request, and what that asks for: nobody reads it who may not read that.

    Marking and audience as stated, cut down to those of the request.
    """
    strictest = min((marking, request.marking or Marking.RED), key=Marking.values.index)
    parties, people = request.audience_organizations, request.audience_people
    if parties is None and people is None:
        return strictest, audience
    if audience.organizations is None and audience.people is None:
        return strictest, Audience(parties, people)
    named = set(people or ())
    if strictest != Marking.RED:
        together = Membership.objects.filter(organization__in=parties or (), ended_at__isnull=True)
        named |= set(together.values_list("person_id", flat=True))
    kept = [pk for pk in audience.organizations or () if pk in (parties or ())]
    return strictest, Audience(kept, [pk for pk in audience.people or () if pk in named])


def _checked(row: FreezeTarget, outcome: Outcome, amount: int | None) -> int | None:
    if outcome not in _WITH_AMOUNT:
        return None
    if amount is None:
        amount = row.requested
    if amount < 0:
        raise BadInput("An amount cannot be negative.", field="amount")
    if amount > row.requested:
        raise BadInput("More than was requested: ask for a new target.", field="amount")
    return amount


def _apply(
    row: FreezeTarget, outcome: Outcome, amount: int | None, held_until: datetime | None
) -> None:
    changed = _changes(outcome, amount, held_until)
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(update_fields=list(changed))


def _changes(outcome: Outcome, amount: int | None, held_until: datetime | None) -> dict[str, Any]:
    """What one answer makes of a target."""
    changed: dict[str, Any] = {"state": TargetState(outcome.value)}
    if outcome is Outcome.LOCATED:
        changed["located"] = amount
    elif outcome is Outcome.HELD:
        changed.update(held=amount, held_until=held_until)
    elif outcome is Outcome.RELEASED:
        changed.update(held=0, held_until=None)
    elif outcome is Outcome.RETURNED:
        changed.update(returned=amount, held=0, held_until=None)
    return changed


@dataclass(frozen=True)
class SeenTarget:
    """A target as one viewer may know it. Amounts in base units, never added together."""

    state: TargetState
    located: int
    held: int
    returned: int
    held_until: datetime | None
    answers: tuple[FreezeAnswer, ...]  # oldest first


def seen(viewer: Actor, targets: Iterable[FreezeTarget]) -> dict[int, SeenTarget]:
    """Targets by primary key, told from the answers that the viewer may see.

    The columns of a target know every answer, also one that was meant for others: show people
    this instead. A hold whose time is over reads as lapsed.
    """
    rows = {row.pk: row for row in targets}
    visible = access.visible(viewer, FreezeAnswer.scoped.filter(target__in=rows))
    given: dict[int, list[FreezeAnswer]] = defaultdict(list)
    for answer_row in visible.select_related("owner").order_by("pk"):
        given[answer_row.target_id].append(answer_row)
    return {pk: _seen(row, given[pk]) for pk, row in rows.items()}


def _seen(row: FreezeTarget, given: list[FreezeAnswer]) -> SeenTarget:
    sent = row.request.sent_at is not None
    told: dict[str, Any] = {
        "state": TargetState.SENT if sent else TargetState.DRAFT,
        "located": 0,
        "held": 0,
        "returned": 0,
        "held_until": None,
    }
    for said in given:
        told.update(_changes(Outcome(said.outcome), said.amount, said.held_until))
    if told["held_until"] is not None and told["held_until"] <= timezone.now():
        told.update(state=TargetState.LAPSED, held=0)
    if row.state == TargetState.FROZEN:  # the chain says so, to everybody
        told["state"] = TargetState.FROZEN
    return SeenTarget(**told, answers=tuple(given))


@scope.trusted
def held_amounts(incident: Incident, viewer: Actor = SYSTEM) -> dict[tuple[str, str, str], int]:
    """What desks say they hold now: (chain, address, asset) -> base units.

    Counts the newest answer of each target that the viewer may see, while it has not lapsed.
    """
    now = timezone.now()
    rows = FreezeAnswer.objects.filter(target__request__incident=incident)
    rows = access.visible(viewer, rows).select_related("target").order_by("pk")
    newest: dict[int, FreezeAnswer] = {row.target_id: row for row in rows}
    held: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in newest.values():
        lapsed = row.held_until is not None and row.held_until <= now
        if row.outcome == Outcome.HELD and not lapsed:
            target = row.target
            held[target.chain, target.address, target.asset] += row.amount or 0
    return dict(held)
