"""A target as the page of its request shows it: amounts apart, each with by whose word; parts; the
log of what desks said and what happened besides, as far as this viewer may see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from incidents.choices import Channel, Confirmation, TargetState
from incidents.display import evidence
from incidents.display.evidence import ShownArrival
from incidents.models import FreezeAnswer, FreezeTarget, TargetStep

AMOUNTS = ("located", "held", "frozen", "seized", "returned")
# What happens to a target that is no state of it.
STEPS = {
    "added": "More was asked for",
    "evidence_changed": "Its evidence changed",
    "evidence_reviewed": "What is left of its evidence was read and stands",
    "taken_back": "An earlier line was taken back",
}
BY = {
    Confirmation.NONE: "not confirmed",
    Confirmation.DESK: "desk's statement",
    Confirmation.COURT: "court document",
    Confirmation.CHAIN: "on chain",
}


class Seen(Protocol):
    """What `answers.seen` gives."""

    @property
    def state(self) -> TargetState: ...

    @property
    def held_until(self) -> datetime | None: ...

    @property
    def answers(self) -> Sequence[FreezeAnswer]: ...

    @property
    def by(self) -> Mapping[str, Confirmation]: ...


@dataclass(frozen=True)
class ShownAmount:
    """One of the amounts of a target. They are never added together."""

    name: str
    units: int
    by: str  # by whose word; "" where there is nothing
    tone: str


@dataclass(frozen=True)
class Line:
    """One line of a target's log."""

    at: datetime
    state: str  # for its tone
    words: str
    amount: int | None
    by: str
    who: str  # a person, an organization, "the chain", "the clock": text from outside
    reason: str
    tx: str
    block: int | None


@dataclass(frozen=True)
class ShownTarget:
    """All of it."""

    row: FreezeTarget
    seen: Seen
    arrivals: list[ShownArrival]
    amounts: list[ShownAmount]
    log: list[Line]  # newest first


def shown(row: FreezeTarget, seen: Seen, steps: Iterable[TargetStep]) -> ShownTarget:
    """``seen`` and ``steps`` as the viewer may see them."""
    told = [step for step in steps if _may_tell(step, seen)]
    lines = [*((a.seq, _said(a)) for a in seen.answers), *((s.seq, _step(s)) for s in told)]
    lines.sort(key=lambda one: (one[0], one[1].at), reverse=True)
    return ShownTarget(
        row=row,
        seen=seen,
        arrivals=evidence.arrivals(row.evidence, row.chain),
        amounts=_amounts(seen),
        log=[line for _, line in lines],
    )


def _may_tell(step: TargetStep, seen: Seen) -> bool:
    """That a hold lapsed is for those who know of the hold: an answer that they see gave it."""
    if step.kind != TargetState.LAPSED:
        return True
    given = [a for a in seen.answers if a.held_until and a.held_until <= step.created_at]
    return any(step.part in (0, a.seq, a.part) for a in given)


def _amounts(seen: Seen) -> list[ShownAmount]:
    tones = {Confirmation.CHAIN: "good", Confirmation.COURT: "good", Confirmation.DESK: "wait"}
    found = []
    for name in AMOUNTS:
        units = int(getattr(seen, name))
        by = Confirmation(seen.by.get(name, Confirmation.NONE))
        found.append(ShownAmount(name, units, BY[by] if units else "", tones.get(by, "bad")))
    return found


def _said(answer: FreezeAnswer) -> Line:
    state = answer.outcome
    return Line(
        at=answer.created_at,
        state=state,
        words=answer.get_outcome_display(),
        amount=answer.amount,
        by=claim(answer),
        who=answer.owner.name if answer.owner and answer.channel != Channel.PAGE else "the desk",
        reason=answer.text,
        tx=answer.onward,
        block=None,
    )


def claim(answer: FreezeAnswer) -> str:
    """By whose word an answer is: said of every one of them."""
    if answer.is_claimed and answer.confirmed_at is None:
        if answer.channel == Channel.PAGE:
            return "claimed by link holder"
        return f"claimed ({answer.get_channel_display().lower()})"
    if answer.is_claimed:
        return "confirmed by call-back"
    return BY[Confirmation(answer.confirmation)]


def _step(step: TargetStep) -> Line:
    states = dict(TargetState.choices)
    by = Confirmation(step.confirmation)
    who = str(step.by) if step.by else ("the chain" if by is Confirmation.CHAIN else "Holdfast")
    return Line(
        at=step.created_at,
        state=step.kind,
        words=STEPS.get(step.kind) or str(states.get(step.kind, step.kind.replace("_", " "))),
        amount=step.amount,
        by=BY[by] if by is not Confirmation.NONE else "",
        who=who,
        reason=step.reason,
        tx=step.tx,
        block=step.block,
    )
