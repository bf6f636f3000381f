"""The log of a target: writing steps, and the columns that keep what all of it says.

Answers and steps share one sequence, given out under the incident's lock. Who shows a target to a
person folds what that person may see (`answers.seen`); the columns know everything and are for the
installation alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from incidents import scope
from incidents.access import Actor
from incidents.choices import Channel, Confirmation, TargetState
from incidents.models import FreezeAnswer, FreezeRequest, FreezeTarget, TargetStep
from incidents.services import parts, transitions
from incidents.services.parts import Fold, Row

LONGEST_REASON = 500
# Answers from before there was a log have no place in it: they come first, in their own order.
_BEFORE_THE_LOG = 2**62


@scope.trusted
def step(
    target: FreezeTarget,
    kind: str,
    *,
    actor: Actor,
    part: int = 0,
    amount: int | None = None,
    confirmation: str = Confirmation.NONE,
    reason: str = "",
    chain: str = "",
    tx: str = "",
    block: int | None = None,
    block_hash: str = "",
) -> TargetStep:
    """One step of a target: ``kind`` is a state, or a name of services/transitions.py.

    The caller holds the incident's lock, has saved what else of the target it changed, and records
    the timeline's entry.
    """
    row = TargetStep.objects.create(
        target=target,
        seq=number(target),
        part=part,
        kind=kind,
        amount=amount,
        confirmation=confirmation,
        by=actor.person,
        reason=reason[:LONGEST_REASON],
        chain=chain,
        tx=tx,
        block=block,
        block_hash=block_hash,
    )
    refresh(target)
    return row


@scope.trusted
def added(target: FreezeTarget, amount: int, *, actor: Actor) -> None:
    """The step of more being asked for, where the caller gave it its number already: it changes no
    column that the log decides."""
    TargetStep.objects.create(
        target=target,
        seq=target.last_seq,
        kind=transitions.ADDED,
        amount=amount,
        by=actor.person,
    )


@scope.trusted
def step_all(request: FreezeRequest, kind: str, *, actor: Actor, reason: str = "") -> None:
    """The same step of every target of a request."""
    for target in request.targets.order_by("pk"):
        step(target, kind, actor=actor, reason=reason)


@scope.trusted
def number(target: FreezeTarget) -> int:
    """The next place in the log. Under the incident's lock."""
    last = FreezeTarget.objects.values_list("last_seq", flat=True).get(pk=target.pk)
    target.last_seq = last + 1
    target.save(update_fields=["last_seq"])
    return target.last_seq


@scope.trusted
def folded(target: FreezeTarget, *, now: datetime | None = None) -> Fold:
    """The target as all of its log tells it: for the installation, never for a person."""
    said = FreezeAnswer.objects.filter(target=target)
    return fold_of(target, said, TargetStep.objects.filter(target=target), now=now)


@scope.trusted
def refresh(target: FreezeTarget) -> Fold:
    """Keep what the whole log says in the target's columns."""
    told = folded(target)
    columns = columns_of(told)
    for name, value in columns.items():
        setattr(target, name, value)
    target.save(update_fields=list(columns))
    return told


def columns_of(told: Fold) -> dict[str, Any]:
    """The columns of a target that a fold decides."""
    amounts = {name: told.totals[name].units for name in parts.AMOUNTS}
    return {
        "state": told.state,
        "evidence_state": told.evidence_state,
        "held_until": told.held_until,
        **amounts,
    }


def fold_of(
    target: FreezeTarget,
    answers: Iterable[FreezeAnswer],
    steps: Iterable[TargetStep],
    *,
    now: datetime | None = None,
) -> Fold:
    """The target as these rows of its log tell it."""
    logged = [_step_row(one) for one in steps]
    rows = sorted([*(answer_row(one) for one in answers), *logged], key=lambda row: row.seq)
    begins = TargetState.DRAFT
    if target.request.sent_at is not None and not any(row.kind == "sent" for row in logged):
        begins = TargetState.SENT
    return parts.fold(rows, target.requested, begins=begins, now=now)


def answer_row(one: FreezeAnswer) -> Row:
    """An answer as the fold reads it. What a member wrote down for a desk rests on nobody's word
    until somebody called back; what came over a desk's own page does."""
    claimed = one.is_claimed and one.confirmed_at is None and one.channel != Channel.PAGE
    return Row(
        seq=one.seq or one.pk - _BEFORE_THE_LOG,
        kind=one.outcome,
        part=one.part,
        amount=one.amount,
        by=Confirmation.NONE if claimed else Confirmation(one.confirmation),
        held_until=one.held_until,
        at=one.created_at or timezone.now(),
    )


def _step_row(one: TargetStep) -> Row:
    return Row(
        seq=one.seq,
        kind=one.kind,
        part=one.part,
        amount=one.amount,
        by=Confirmation(one.confirmation),
        at=one.created_at,
        is_step=True,
    )
