"""What a chain shows of targets, written into their logs by the watcher. Nobody else may.

Each step names its transaction and block. The hash pins it: where the block is dropped, a new step
takes the old one back.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from incidents import access, events, scope
from incidents.access import SYSTEM, Act
from incidents.choices import Confirmation, TargetState
from incidents.models import FreezeTarget, TargetStep, TimelineEntry
from incidents.services import freeze_lines as lines
from incidents.services import target_log, timeline, transitions
from incidents.services.freeze_lines import about_target


@dataclass(frozen=True)
class Seen:
    """Where on a chain something was seen. ``tx`` "": the token's view alone told it."""

    chain: str
    tx: str
    block: int
    block_hash: str


@scope.trusted
@transaction.atomic
def settle(target: FreezeTarget, state: TargetState, amount: int, seen: Seen) -> TargetStep | None:
    """The issuer froze, released or seized so much of a target. None: it is recorded already.

    ``amount``: base units, at most what is requested counts.
    """
    row = _locked(target)
    if _is_known(row, state, seen):
        return None
    amount = min(amount, row.requested)
    step = _step(row, state, amount, seen)
    event = events.TargetSettled(
        **about_target(row, amount), did=state, tx=seen.tx, block=seen.block
    )
    lines.record(row.request, event, actor=SYSTEM)
    return step


@scope.trusted
@transaction.atomic
def moved(target: FreezeTarget, amount: int, seen: Seen, *, to: str, key: str) -> TargetStep | None:
    """So much stolen value left the account, for ``to``. ``key`` names the movement, whoever found
    it: a repeat changes nothing and gives None."""
    row = _locked(target)
    key = f"moved:{row.public_id}:{key}"
    if TimelineEntry.objects.filter(incident=row.request.incident, key=key).exists():
        return None
    step = _step(row, TargetState.MOVED_ON, min(amount, row.requested), seen)
    event = events.TargetMoved(
        **about_target(row, amount), tx=seen.tx, block=seen.block, to=to[:200]
    )
    lines.record(row.request, event, actor=SYSTEM, key=key)
    return step


@scope.trusted
@transaction.atomic
def take_back(step: TargetStep) -> TargetStep | None:
    """The block of a step was dropped. None: it was taken back already."""
    row = _locked(step.target)
    if TargetStep.objects.filter(target=row, kind=transitions.TAKEN_BACK, part=step.seq).exists():
        return None
    made = target_log.step(
        row,
        transitions.TAKEN_BACK,
        actor=SYSTEM,
        part=step.seq,
        reason=f"block {step.block} was dropped by the chain",
        chain=step.chain,
        tx=step.tx,
        block=step.block,
        block_hash=step.block_hash,
    )
    event = events.ChainStepTakenBack(
        **about_target(row, step.amount or 0), did=step.kind, block=step.block or 0
    )
    lines.record(row.request, event, actor=SYSTEM)
    return made


@scope.trusted
def standing(targets: list[FreezeTarget]) -> list[TargetStep]:
    """Steps by the chain that nothing took back, in their order."""
    rows = TargetStep.objects.filter(target__in=targets).select_related("target")
    gone = set(rows.filter(kind=transitions.TAKEN_BACK).values_list("target_id", "part"))
    by_chain = rows.filter(confirmation=Confirmation.CHAIN).order_by("target_id", "seq")
    return [row for row in by_chain if (row.target_id, row.seq) not in gone]


def _locked(target: FreezeTarget) -> FreezeTarget:
    timeline.lock(target.request.incident)
    access.require(SYSTEM, target.request.incident, Act.WRITE)
    return (
        FreezeTarget.objects.select_for_update(of=("self",), no_key=True)
        .select_related("request__incident", "request__owner")
        .get(pk=target.pk)
    )


def _is_known(row: FreezeTarget, state: TargetState, seen: Seen) -> bool:
    return any(
        (step.kind, step.tx, step.block_hash) == (state, seen.tx, seen.block_hash)
        for step in standing([row])
    )


def _step(row: FreezeTarget, state: TargetState, amount: int, seen: Seen) -> TargetStep:
    return target_log.step(
        row,
        state,
        actor=SYSTEM,
        amount=amount,
        confirmation=Confirmation.CHAIN,
        chain=seen.chain,
        tx=seen.tx,
        block=seen.block,
        block_hash=seen.block_hash,
    )
