"""What falls due of a request that was sent is recorded once, for those who may know of it."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from incidents import access
from incidents.access import Actor
from incidents.choices import TargetState
from incidents.exceptions import BadInput, NotYours, WrongState
from incidents.models import FreezeTarget, TargetStep, TimelineEntry
from incidents.services import answers, clocks, desk_profiles
from incidents.services.timeline import EVERYONE, Audience
from tests import factories
from tests.cast import Cast, organization, person
from tests.factories import AMBER

pytestmark = pytest.mark.django_db
SWEPT = ("freeze.overdue", "freeze.hold_ends", "freeze.hold_lapsed")


@pytest.fixture
def target(cast: Cast) -> FreezeTarget:
    return factories.sent_request(
        cast.incident, cast.lead, cast.rival, organization(cast.exchange), amount=1000
    )


class Clock:
    """The time, as far as this process knows it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = timezone.now()
        patch.setattr(timezone, "now", lambda: self.now)

    def until(self, when: datetime) -> None:
        self.now = when


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def told(cast: Cast, viewer: Actor | None = None) -> list[str]:
    rows = TimelineEntry.objects.filter(incident=cast.incident)
    rows = access.entries(viewer, cast.incident) if viewer else rows
    return list(rows.filter(kind__in=SWEPT).order_by("seq").values_list("kind", flat=True))


def hold(
    cast: Cast, target: FreezeTarget, hours: float, amount: int = 400, audience: Audience = EVERYONE
) -> datetime:
    until = timezone.now() + timedelta(hours=hours)
    answers.answer(
        target,
        "held",
        actor=cast.exchange,
        marking=AMBER,
        amount=amount,
        held_until=until,
        audience=audience,
    )
    return until


def test_clocks_start_when_it_is_sent_by_what_the_desk_published(
    cast: Cast, target: FreezeTarget
) -> None:
    request = target.request
    assert request.sent_at
    assert request.watched_by == person(cast.rival)
    assert request.acknowledge_by == request.sent_at + timedelta(hours=4)
    assert request.answer_by == request.sent_at + timedelta(hours=24)
    fact = {"value": 1, "source": "their page", "dated": "2026-11-01"}
    desk_profiles.load([{"slug": "desk", "name": "Desk", "facts": {"acknowledge_hours": fact}}])
    request.desk_slug = "desk"
    clocks.start(request, cast.lead)
    assert request.acknowledge_by == request.sent_at + timedelta(hours=1)
    assert request.watched_by == person(cast.rival)


def test_silence_is_recorded_once_and_then_escalated(
    cast: Cast, target: FreezeTarget, clock: Clock
) -> None:
    request = target.request
    assert request.acknowledge_by
    assert request.answer_by
    assert clocks.sweep() == 0
    clock.until(request.acknowledge_by)
    assert [clocks.sweep(), clocks.sweep()] == [1, 0]
    target.refresh_from_db()
    assert target.state == TargetState.NO_REPLY
    steps = TargetStep.objects.filter(target=target, kind="no_reply")
    assert [(step.reason, step.by) for step in steps] == [("acknowledge", None)]
    clock.until(request.acknowledge_by + timedelta(hours=1))
    assert [clocks.sweep(), clocks.sweep()] == [1, 0]
    answers.answer(target, "acknowledged", actor=cast.exchange, marking=AMBER)
    clock.until(request.answer_by)
    assert [clocks.sweep(), clocks.sweep()] == [1, 0]
    lines = TimelineEntry.objects.filter(kind="freeze.overdue").order_by("seq")
    assert [(row.entry.content["clock"], row.entry.content["level"]) for row in lines] == [
        ("acknowledge", 1),
        ("acknowledge", 2),
        ("answer", 1),
    ]
    assert all(row.is_alert for row in lines)


def test_answer_in_time_stops_the_clocks(cast: Cast, target: FreezeTarget, clock: Clock) -> None:
    answers.answer(target, "declined", actor=cast.exchange, marking=AMBER)
    clock.until(timezone.now() + timedelta(days=9))
    assert (clocks.sweep(), told(cast)) == (0, [])


def test_hold_is_reminded_of_and_lapses_once(
    cast: Cast, target: FreezeTarget, clock: Clock
) -> None:
    until = hold(cast, target, hours=50)
    assert clocks.sweep() == 0
    counts = []
    for hours in (48, 30, 24, 6, 1):
        clock.until(until - timedelta(hours=hours))
        counts.append([clocks.sweep(), clocks.sweep()])
    assert counts == [[1, 0], [0, 0], [1, 0], [1, 0], [0, 0]]
    clock.until(until)
    assert [clocks.sweep(), clocks.sweep()] == [1, 0]
    assert told(cast) == ["freeze.hold_ends"] * 3 + ["freeze.hold_lapsed"]
    target.refresh_from_db()
    assert (target.state, target.held, target.held_until) == (TargetState.LAPSED, 0, None)
    assert TargetStep.objects.filter(target=target, kind="lapsed").count() == 1


def test_a_renewed_hold_lapses_at_its_new_end(
    cast: Cast, target: FreezeTarget, clock: Clock
) -> None:
    until = hold(cast, target, hours=2)
    part = answers.seen(cast.lead, [target])[target.pk].key(2)
    later = until + timedelta(hours=2)
    answers.answer(
        target, "renewed", actor=cast.exchange, marking=AMBER, held_until=later, part=part
    )
    clock.until(until)
    assert (clocks.sweep(), told(cast)) == (0, [])
    clock.until(later)
    assert (clocks.sweep(), told(cast)) == (1, ["freeze.hold_lapsed"])
    again = later + timedelta(hours=2)
    with pytest.raises(BadInput, match="until when"):
        answers.answer(target, "renewed", actor=cast.exchange, marking=AMBER, part=part)
    answers.answer(
        target, "renewed", actor=cast.exchange, marking=AMBER, held_until=again, part=part
    )
    assert answers.seen(cast.lead, [target])[target.pk].held == 400


def test_two_holds_end_each_at_its_time(cast: Cast, target: FreezeTarget, clock: Clock) -> None:
    first, second = hold(cast, target, 1, 400), hold(cast, target, 3, 600)
    clock.until(first)
    clocks.sweep()
    seen = answers.seen(cast.lead, [target])[target.pk]
    assert [(part.size, part.state) for part in seen.parts] == [(600, "held"), (400, "lapsed")]
    clock.until(second)
    clocks.sweep()
    assert answers.seen(cast.lead, [target])[target.pk].held == 0


def test_lines_about_a_hold_reach_those_who_know_of_it(
    cast: Cast, target: FreezeTarget, clock: Clock
) -> None:
    ours = Audience(organizations=[organization(cast.lead).pk])
    until = hold(cast, target, hours=30, audience=ours)
    for when in (until - timedelta(hours=24), until):
        clock.until(when)
        clocks.sweep()
    knowing = ["freeze.hold_ends", "freeze.hold_lapsed"]
    assert told(cast, cast.lead) == told(cast, cast.exchange) == knowing
    assert told(cast, cast.rival) == told(cast, cast.analyst) == []
    assert answers.seen(cast.rival, [target])[target.pk].state == TargetState.SENT


def test_somebody_else_takes_it_over(cast: Cast, target: FreezeTarget) -> None:
    clocks.watch(target.request, actor=cast.lead)
    target.request.refresh_from_db()
    assert target.request.watched_by == person(cast.lead)
    with pytest.raises(WrongState):
        clocks.watch(target.request, actor=cast.lead)
    clocks.watch(target.request, actor=cast.lead, person=person(cast.colleague))
    with pytest.raises(BadInput):
        clocks.watch(target.request, actor=cast.lead, person=person(cast.analyst))
    with pytest.raises(NotYours):
        clocks.watch(target.request, actor=cast.analyst)
