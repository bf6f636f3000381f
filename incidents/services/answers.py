"""What desks answer, and what of it still holds."""

from __future__ import annotations

import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import EVERY_PARTY, SYSTEM, Act, Actor
from incidents.choices import (
    DESKS,
    Channel,
    Confirmation,
    Marking,
    Outcome,
    RequestState,
    TargetState,
)
from incidents.exceptions import BadInput, NotFound, WrongState
from incidents.models import (
    DeskLink,
    FreezeAnswer,
    FreezeRequest,
    FreezeTarget,
    Incident,
    Membership,
    TargetStep,
)
from incidents.services import parts, rules, target_log, timeline, transitions
from incidents.services.freeze_lines import about_target
from incidents.services.parts import Amount, Fold, Part, Row
from incidents.services.timeline import EVERYONE, Audience

# What an answer speaks of an amount of. The others are about the part as a whole.
WITH_AMOUNT = frozenset(Outcome) - {
    *(Outcome.ACKNOWLEDGED, Outcome.NEEDS_INFORMATION, Outcome.NEEDS_LEGAL_PROCESS),
    *(Outcome.WRONG_DESK, Outcome.DECLINED),
}


@dataclass(frozen=True)
class Proof:
    """A file that shows what a desk said."""

    name: str
    body: bytes


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
    part: int = 0,
    confirmation: str = Confirmation.DESK,
    channel: str = Channel.ROOM,
    reference: str = "",
    contact: str = "",
    legal: Mapping[str, Any] | None = None,
    onward: str = "",
    proof: Proof | None = None,
    link: DeskLink | None = None,
    claimed: bool = False,
) -> FreezeAnswer:
    """A desk's word on one part of a target. Opening the page answers nothing; this does.

    ``part``: a part's key, 0 for the rest. ``amount`` None: all of that part; where no part is
    named and the rest cannot be what is meant, all parts that can. Less than the part splits it.

    Who gives it: the desk in its seat; the desk on its own page (``link``, as SYSTEM); or a member
    who writes down what a desk said elsewhere (``claimed``).

    :raises NotFound: the request is not this desk's, or hidden from the actor.
    :raises WrongState: it was not sent, or this cannot follow what was said before.
    :raises BadInput: unknown outcome or part, a negative amount, or one above the part's size.
    """
    row, audience = _entered(target, actor, audience, link=link, claimed=claimed)
    if outcome not in Outcome.values:
        raise BadInput("Unknown answer.", field="outcome")
    if confirmation not in (Confirmation.NONE, Confirmation.DESK, Confirmation.COURT):
        raise BadInput("That is for the chain to say.", field="confirmation")
    timeline.check_marking(marking, audience)
    marking, audience = _no_wider(row.request, marking, audience)
    _check_amount(outcome, amount)
    _check_end(outcome, held_until)
    kept = amount if outcome in WITH_AMOUNT else None
    part, resolved = _resolved(_known(row, actor, link), TargetState(outcome), part, kept)
    given = FreezeAnswer.objects.create(
        target=row,
        seq=target_log.number(row),
        part=part,
        outcome=outcome,
        amount=resolved if outcome in WITH_AMOUNT else None,
        held_until=held_until if outcome in (Outcome.HELD, Outcome.RENEWED) else None,
        text=text,
        marking=marking,
        owner=row.request.owner if link is not None else actor.organization,
        author=actor.person,
        audience_organizations=audience.organizations,
        audience_people=audience.people,
        confirmation=confirmation,
        channel=channel,
        reference=reference,
        contact=contact,
        legal=dict(legal or {}),
        onward=onward,
        link=link,
        is_claimed=claimed,
        **_proof(proof),
    )
    target_log.refresh(row)
    _record(row, given, actor, audience)
    return given


def _entered(
    target: FreezeTarget, actor: Actor, audience: Audience, *, link: DeskLink | None, claimed: bool
) -> tuple[FreezeTarget, Audience]:
    """The target, locked, for somebody who may answer on it; and whom the answer reaches."""
    timeline.lock(target.request.incident)
    row = (
        FreezeTarget.objects.select_for_update(of=("self",), no_key=True)
        .select_related("request__incident", "request__desk", "request__owner")
        .get(pk=target.pk)
    )
    request = row.request
    if link is not None:
        access.require(actor, request.incident, Act.ANSWER_FREEZE)
        is_over = link.revoked_at is not None or link.expires_at <= timezone.now()
        if link.request_id != request.pk or is_over or not actor.is_system:
            raise NotFound
    elif claimed:
        access.require(actor, request.incident, Act.REQUEST_FREEZE)
        rules.require_open(actor, request.owner)
        if not access.may_see(actor, request):
            raise NotFound
    else:
        access.require(actor, request.incident, Act.ANSWER_FREEZE)
        if actor.capacity in DESKS and request.desk != actor.organization:
            raise NotFound
    if request.state != RequestState.SENT:
        raise WrongState("This request was not sent.")
    asking = [request.owner_id] if request.owner_id else []
    return row, timeline.reach(actor, audience, besides=asking)


def _check_amount(outcome: str, amount: int | None) -> None:
    if amount is None or outcome not in WITH_AMOUNT:
        return
    if amount < 0:
        raise BadInput("An amount cannot be negative.", field="amount")
    if amount == 0 and outcome != Outcome.LOCATED:
        raise BadInput("Of nothing there is nothing to say: choose another answer.", field="amount")


def _check_end(outcome: str, held_until: datetime | None) -> None:
    if held_until is None:
        if outcome == Outcome.RENEWED:
            raise BadInput("Say until when it is held now.", field="held_until")
    elif held_until <= timezone.now():
        raise BadInput("The hold would have lapsed already.", field="held_until")


def _proof(proof: Proof | None) -> dict[str, Any]:
    if proof is None:
        return {}
    digest = hashlib.sha256(proof.body).hexdigest()
    return {"proof_name": proof.name[:200], "proof_digest": digest, "proof": proof.body}


def _known(row: FreezeTarget, actor: Actor, link: DeskLink | None) -> Fold:
    """The target as whoever answers knows it: a refusal must not tell of what is hidden."""
    given, steps = _logs(actor, {row.pk: row}, link)
    return target_log.fold_of(row, given[row.pk], steps[row.pk], now=timezone.now())


def _record(row: FreezeTarget, given: FreezeAnswer, actor: Actor, audience: Audience) -> None:
    held_until = given.held_until
    timeline.record(
        row.request.incident,
        events.FreezeAnswered(
            **about_target(row, given.amount or 0),
            outcome=given.outcome,
            held_until=held_until.isoformat() if held_until else None,
            text=given.text,
            answer=str(given.public_id),
            claimed=given.is_claimed and given.channel != Channel.PAGE,
        ),
        actor=actor,
        marking=given.marking or Marking.RED,
        audience=audience,
        owner=given.owner,
    )


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


def _resolved(told: Fold, outcome: TargetState, part: int, amount: int | None) -> tuple[int, int]:
    """The part that an answer is about, and how much of it; as its writer sees the target.

    :raises BadInput, WrongState: why it cannot be.
    """
    row = Row(sys.maxsize, outcome, part=part, amount=amount)
    there = {one.key: one for one in told.parts}
    if part and part not in there:
        raise BadInput("There is no such part of this target.", field="part")
    about = [there[key] for key in parts.reached(there, row) if key in there]
    fits = [one for one in about if transitions.follows(one.state, outcome)]
    if not fits:
        first = about[0] if about else told.parts[0]
        raise WrongState(transitions.refusal(first.state, outcome))
    room = sum(one.size for one in fits) if part or fits[0].key else fits[0].size
    if amount is None:
        amount = room
    elif amount > room:
        raise BadInput(_too_much(told, room), field="amount")
    return (fits[0].key if len(fits) == 1 else part), amount


def _too_much(told: Fold, room: int) -> str:
    if sum(one.size for one in told.parts) == room:
        return "More than was requested: ask for a new target."
    return "More than is left of this part: name the other part as well, in an answer of its own."


@dataclass(frozen=True)
class SeenTarget:
    """A target as one viewer may know it. Amounts in base units, never added together.

    ``by``: by whose word each amount is what it is called, the least of them over all parts.
    Show a part's ``number``; its ``key`` goes into `answer` and nowhere else.
    """

    state: TargetState
    located: int
    held: int
    frozen: int
    seized: int
    returned: int
    held_until: datetime | None  # the first hold to end
    answers: tuple[FreezeAnswer, ...]  # oldest first
    parts: tuple[Part, ...]
    by: dict[str, Confirmation]

    def key(self, number: int) -> int:
        """The key of the part of this number, for `answer`.

        :raises BadInput: there is none.
        """
        for part in self.parts:
            if part.number == number:
                return part.key
        raise BadInput("There is no such part of this target.", field="part")


def seen(
    viewer: Actor, targets: Iterable[FreezeTarget], *, link: DeskLink | None = None
) -> dict[int, SeenTarget]:
    """Targets by primary key, told from the answers that the viewer may see.

    The columns of a target know every answer, also one that was meant for others: show people
    this instead. A hold whose time is over reads as lapsed. With ``link`` as its desk may know them
    that has no seat: by what came over the desk's pages, and what every party sees.
    """
    rows = {row.pk: row for row in targets}
    given, steps = _logs(viewer, rows, link)
    now = timezone.now()
    return {
        pk: _seen(target_log.fold_of(row, given[pk], steps[pk], now=now), given[pk])
        for pk, row in rows.items()
    }


def _logs(
    viewer: Actor, rows: Mapping[int, FreezeTarget], link: DeskLink | None = None
) -> tuple[dict[int, list[FreezeAnswer]], dict[int, list[TargetStep]]]:
    """What the viewer may see of the logs of targets that it sees, by target."""
    given: dict[int, list[FreezeAnswer]] = defaultdict(list)
    steps: dict[int, list[TargetStep]] = defaultdict(list)
    if not rows:
        return given, steps
    logged = FreezeAnswer.scoped.filter(target__in=rows)
    if link is None:
        visible = access.visible(viewer, logged)
    else:
        visible = logged.filter(Q(link__request=link.request_id)) | access.visible(
            EVERY_PARTY, logged
        )
    for row in visible.select_related("owner").defer("proof").order_by("seq", "pk"):
        given[row.target_id].append(row)
    for one in TargetStep.scoped.filter(target__in=rows).order_by("seq"):
        steps[one.target_id].append(one)
    return given, steps


def _seen(told: Fold, given: list[FreezeAnswer]) -> SeenTarget:
    amounts = {name: told.totals[name].units for name in parts.AMOUNTS}
    return SeenTarget(
        state=told.state,
        **amounts,
        held_until=told.held_until,
        answers=tuple(given),
        parts=told.parts,
        by={name: told.totals[name].by for name in parts.AMOUNTS},
    )


@scope.trusted
def held_amounts(incident: Incident, viewer: Actor = SYSTEM) -> dict[tuple[str, str, str], int]:
    """What desks say they hold or froze now: (chain, address, asset) -> base units.

    Sums the parts that the viewer may know of, while their hold has not lapsed. What nobody's word
    stands behind (a claim that waits for its call-back) is not counted.
    """
    rows = {
        row.pk: row
        for row in FreezeTarget.objects.filter(request__incident=incident)
        .filter(Exists(FreezeAnswer.objects.filter(target=OuterRef("pk"))))
        .select_related("request")
    }
    held: dict[tuple[str, str, str], int] = defaultdict(int)
    for pk, told in seen(viewer, rows.values()).items():
        target, units = rows[pk], sum(_holds(part) for part in told.parts)
        if units:
            held[target.chain, target.address, target.asset] += units
    return dict(held)


def _holds(part: Part) -> int:
    said = [amount.units for amount in (part.held, part.frozen, part.seized) if _is_said(amount)]
    return max(said, default=0)


def _is_said(amount: Amount) -> bool:
    return amount.by in (Confirmation.DESK, Confirmation.COURT)
