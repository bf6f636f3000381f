"""Every transition of a target is in its log, its columns are the fold of it, and nobody's picture
rests on what is hidden from them."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.access import SYSTEM, Actor
from incidents.choices import Confirmation, Outcome, TargetState
from incidents.exceptions import BadInput, HoldfastError, NotFound, WrongState
from incidents.models import FreezeAnswer, FreezeTarget, TargetStep
from incidents.services import answers, target_evidence, target_log, transitions
from incidents.services.answers import Proof, SeenTarget
from incidents.services.timeline import EVERYONE, Audience
from tests import factories
from tests.cast import Cast, organization
from tests.effort import long_form
from tests.factories import AMBER

pytestmark = pytest.mark.django_db


@pytest.fixture
def target(cast: Cast) -> FreezeTarget:
    return factories.sent_request(
        cast.incident, cast.lead, cast.rival, organization(cast.exchange), amount=1000
    )


def columns(row: FreezeTarget) -> dict[str, object]:
    row.refresh_from_db()
    told = target_log.columns_of(target_log.folded(row))
    return {name: (getattr(row, name), value) for name, value in told.items()}


def sequence(row: FreezeTarget) -> list[int]:
    steps = TargetStep.objects.filter(target=row).values_list("seq", flat=True)
    said = FreezeAnswer.objects.filter(target=row).values_list("seq", flat=True)
    return sorted([*steps, *said])


def test_way_to_the_desk_is_logged_step_by_step(cast: Cast, target: FreezeTarget) -> None:
    steps = TargetStep.objects.filter(target=target).order_by("seq")
    assert [(row.seq, row.kind, row.amount) for row in steps] == [
        (1, "added", 1000),
        (2, "checked", None),
        (3, "approved", None),
        (4, "sent", None),
    ]
    assert [row.by for row in steps] == [
        a.person for a in (cast.lead, cast.lead, *[cast.rival] * 2)
    ]


def test_evidence_changes_by_steps_alone(cast: Cast) -> None:
    for key in ("arrival:1", "arrival:2"):
        row = factories.target(cast.incident, SYSTEM, amount=300, evidence_key=key)
    target_evidence.withdraw_evidence(cast.incident, "arrival:1", "reorganised", actor=SYSTEM)
    row.refresh_from_db()
    assert (row.evidence_state, row.requested) == ("changed", 300)
    target_evidence.review_evidence(row, actor=cast.lead)
    kinds = TargetStep.objects.filter(target=row).order_by("seq").values_list("kind", "amount")
    assert list(kinds) == [
        (transitions.ADDED, 300),
        (transitions.ADDED, 300),
        (transitions.EVIDENCE_CHANGED, 300),
        (transitions.EVIDENCE_REVIEWED, None),
    ]
    assert all(kept == told for kept, told in columns(row).values())


def test_partial_answers_name_their_parts(cast: Cast, target: FreezeTarget) -> None:
    def say(outcome: str, amount: int | None = None, part: int = 0) -> SeenTarget:
        answers.answer(
            target, outcome, actor=cast.exchange, marking=AMBER, amount=amount, part=part
        )
        return answers.seen(cast.lead, [target])[target.pk]

    with pytest.raises(WrongState, match="could be released"):
        say("released")
    held = say("held", 400)
    assert [(p.number, p.size, p.state) for p in held.parts] == [(1, 600, "sent"), (2, 400, "held")]
    assert (held.held, held.by["held"]) == (400, Confirmation.DESK)
    with pytest.raises(BadInput, match="left of this part"):
        say("held", 601)
    with pytest.raises(BadInput, match="no such part"):
        say("held", 1, part=99)
    assert [part.state for part in say("declined").parts] == ["declined", "held"]
    told = say("seized", 100, part=held.key(2))
    assert (told.held, told.seized, told.state) == (300, 100, TargetState.SEIZED)
    say("returned", part=told.key(2))
    with pytest.raises(WrongState, match="is over"):
        say("held", part=told.key(2))


def test_hidden_split_shows_in_no_picture(cast: Cast, target: FreezeTarget) -> None:
    before = answers.seen(cast.rival, [target])[target.pk]
    ours = Audience(organizations=[organization(cast.lead).pk])
    answers.answer(target, "held", actor=cast.exchange, marking=AMBER, amount=400, audience=ours)
    assert answers.seen(cast.rival, [target])[target.pk] == before
    assert answers.seen(cast.lead, [target])[target.pk].held == 400
    answers.answer(target, "declined", actor=cast.exchange, marking=AMBER)
    told = answers.seen(cast.rival, [target])[target.pk]
    assert [(p.number, p.size, p.state) for p in told.parts] == [(1, 1000, "declined")]


def test_member_writes_down_a_claim_that_counts_for_nothing_yet(
    cast: Cast, target: FreezeTarget
) -> None:
    given = answers.answer(
        target,
        "held",
        actor=cast.lead,
        marking=AMBER,
        amount=400,
        channel="mail",
        proof=Proof("mail.eml", b"we hold 400"),
        claimed=True,
    )
    seen = answers.seen(cast.rival, [target])[target.pk]
    assert (seen.held, seen.by["held"]) == (400, Confirmation.NONE)
    assert answers.held_amounts(cast.incident) == {}
    assert len(given.proof_digest) == 64
    for role in ("analyst", "law", "white_hat"):
        with pytest.raises(HoldfastError):
            answers.answer(target, "held", actor=cast.actors[role], marking=AMBER, claimed=True)
    FreezeAnswer.objects.filter(pk=given.pk).update(confirmed_at=timezone.now())
    assert list(answers.held_amounts(cast.incident).values()) == [400]


def test_no_person_speaks_for_the_chain(cast: Cast, target: FreezeTarget) -> None:
    with pytest.raises(BadInput, match="chain"):
        answers.answer(
            target, "frozen", actor=cast.exchange, marking=AMBER, confirmation=Confirmation.CHAIN
        )
    court = answers.answer(
        target, "seized", actor=cast.exchange, marking=AMBER, confirmation=Confirmation.COURT
    )
    assert court.confirmation == Confirmation.COURT


def _act(cast: Cast, row: FreezeTarget, dice: random.Random) -> Callable[[], object]:
    """Something that may happen to a sent target, likely or not."""
    if dice.random() < 0.25:
        kind, by = dice.choice(
            [("lapsed", ""), ("no_reply", ""), ("frozen", "chain"), ("released", "chain")]
        )
        amount = dice.choice([None, dice.randint(1, 1000)]) if by else None
        confirmation = Confirmation(by) if by else Confirmation.NONE
        return lambda: target_log.step(
            row, kind, actor=SYSTEM, amount=amount, confirmation=confirmation
        )
    narrow = Audience(organizations=[organization(cast.lead).pk])
    audience, outcome = dice.choice([EVERYONE, narrow]), dice.choice(Outcome.values)
    amount = dice.choice([None, dice.randint(1, 1000)])
    until = timezone.now() + timedelta(hours=1) if outcome in ("held", "renewed") else None
    part = dice.choice([0, *(p.key for p in answers.seen(SYSTEM, [row])[row.pk].parts)])
    return lambda: answers.answer(
        row,
        outcome,
        actor=cast.exchange,
        marking=AMBER,
        amount=amount,
        held_until=until,
        audience=audience,
        part=part,
    )


def _seen_by(viewer: Actor, row: FreezeTarget) -> tuple[object, ...]:
    told = answers.seen(viewer, [row])[row.pk]
    return told.state, told.parts, told.by


@pytest.mark.parametrize("seed", long_form(1, 2, more=list(range(3, 60))))
def test_random_histories(cast: Cast, target: FreezeTarget, seed: int) -> None:
    dice, done = random.Random(seed), 0
    for _ in range(30):
        before, seen = sequence(target), _seen_by(cast.rival, target)
        try:
            _act(cast, target, dice)()
        except (WrongState, BadInput, NotFound):
            assert sequence(target) == before
            assert _seen_by(cast.rival, target) == seen
            continue
        done += 1
        after = sequence(target)
        assert after == list(range(1, len(before) + 2))
        assert all(kept == told for kept, told in columns(target).values())
        told = target_log.folded(target)
        assert sum(part.size for part in told.parts) == target.requested
        newest = FreezeAnswer.objects.filter(target=target, seq=after[-1]).first()
        if newest is not None and newest.audience_organizations is not None:
            assert _seen_by(cast.rival, target) == seen
    assert done > 8
