"""A freeze request from its draft to the desk's answer."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import slugify

from incidents import access
from incidents.access import SYSTEM, Actor
from incidents.choices import Evidence, Outcome, RequestState, TargetState
from incidents.exceptions import BadInput, NotFound, NotYours, SecondPersonRequired, WrongState
from incidents.models import FreezeRequest, FreezeTarget, Participation, TimelineEntry
from incidents.services import answers, freezes, ledger, target_evidence
from incidents.services.timeline import Audience
from tests import factories
from tests.cast import Cast, accept, make_cast, organization, person
from tests.factories import ADDRESS, AMBER, CHAIN, TOKEN


def kinds(cast: Cast) -> list[str]:
    lines = TimelineEntry.objects.filter(incident=cast.incident, subject__startswith="freeze:")
    return list(lines.order_by("seq").values_list("kind", flat=True))


@pytest.mark.django_db
class TestDrafting:
    def test_trace_drafts_once_per_arrival(self, cast: Cast) -> None:
        desk = organization(cast.exchange)

        def draft(key: str, amount: int) -> FreezeTarget:
            return factories.target(
                cast.incident, SYSTEM, desk=desk, amount=amount, evidence_key=key
            )

        first = draft("arrival:1", 600)
        assert draft("arrival:1", 600) == first
        assert draft("arrival:2", 300) == first
        row = FreezeTarget.objects.get()
        assert (row.requested, sorted(row.evidence)) == (900, ["arrival:1", "arrival:2"])
        assert row.evidence["arrival:1"]["amount"] == "600"
        assert row.request.drafted_by_trace
        assert kinds(cast) == ["freeze.drafted", "freeze.target_added", "freeze.target_added"]

    def test_drafts_of_different_desks_and_markings_stay_apart(self, cast: Cast) -> None:
        rows = [
            factories.target(cast.incident, cast.lead, desk=organization(cast.exchange)),
            factories.target(cast.incident, cast.lead, desk=organization(cast.issuer)),
            factories.target(
                cast.incident, cast.lead, desk=organization(cast.exchange), marking="TLP:GREEN"
            ),
            factories.target(cast.incident, cast.rival, desk=organization(cast.exchange)),
        ]
        assert len({row.request_id for row in rows}) == 4

    @pytest.mark.parametrize("amount", [0, -1])
    def test_amount_must_be_above_zero(self, cast: Cast, amount: int) -> None:
        with pytest.raises(BadInput) as refused:
            factories.target(cast.incident, cast.lead, amount=amount)
        assert refused.value.field == "amount"

    def test_largest_amount_is_exact(self, cast: Cast) -> None:
        row = factories.target(cast.incident, cast.lead, amount=factories.UINT256_MAX)
        assert FreezeTarget.objects.get(pk=row.pk).requested == factories.UINT256_MAX

    def test_address_is_checked_and_stored_in_one_form(self, cast: Cast) -> None:
        row = factories.target(cast.incident, cast.lead, at=factories.SHOWN_ADDRESS)
        assert row.address == ADDRESS
        wrong = factories.SHOWN_ADDRESS.replace("aA", "Aa", 1)
        with pytest.raises(BadInput) as refused:
            factories.target(cast.incident, cast.lead, at=wrong)
        assert refused.value.field == "address"

    def test_only_those_who_may_request_do(self, cast: Cast) -> None:
        for role in ("analyst", "exchange", "law", "white_hat"):
            with pytest.raises(NotYours):
                factories.target(cast.incident, cast.actors[role])
        assert factories.target(cast.incident, cast.coordinator)


@pytest.mark.django_db
class TestSending:
    @pytest.fixture
    def request_of(self, cast: Cast) -> FreezeRequest:
        return factories.target(cast.incident, cast.lead, desk=organization(cast.exchange)).request

    def test_two_people_of_two_parties_approve_then_one_sends(
        self, cast: Cast, request_of: FreezeRequest
    ) -> None:
        assert freezes.approve(request_of, actor=cast.lead).state == RequestState.CHECKED
        with pytest.raises(SecondPersonRequired):
            freezes.approve(request_of, actor=cast.lead)
        with pytest.raises(SecondPersonRequired, match="Another affected party"):
            freezes.approve(request_of, actor=cast.colleague)
        with pytest.raises(WrongState):
            freezes.send(request_of, actor=cast.rival)
        assert freezes.approve(request_of, actor=cast.rival).state == RequestState.APPROVED
        sent = freezes.send(request_of, actor=cast.lead)
        assert (sent.state, sent.sent_by) == (RequestState.SENT, person(cast.lead))
        assert FreezeTarget.objects.get().state == TargetState.SENT
        with pytest.raises(WrongState):
            freezes.send(request_of, actor=cast.lead)
        assert kinds(cast)[2:] == ["freeze.approved", "freeze.approved", "freeze.sent"]

    def test_nobody_signs_or_sends_what_they_may_not_see(
        self, cast: Cast, request_of: FreezeRequest
    ) -> None:
        freezes.approve(request_of, actor=cast.lead)
        rows = FreezeRequest.objects.filter(pk=request_of.pk)
        rows.update(audience_organizations=[organization(cast.lead).pk])
        for act in (freezes.approve, freezes.send):
            with pytest.raises(NotFound):
                act(request_of, actor=cast.rival)
        rows.update(audience_organizations=None)
        assert freezes.approve(request_of, actor=cast.rival).state == RequestState.APPROVED

    def test_alone_affected_party_approves_with_two_of_its_people(
        self, cast: Cast, request_of: FreezeRequest
    ) -> None:
        Participation.objects.filter(organization=organization(cast.rival)).update(
            capacity="white_hat"
        )
        freezes.approve(request_of, actor=cast.lead)
        assert freezes.approve(request_of, actor=cast.colleague).state == RequestState.APPROVED

    def test_desk_without_a_seat_needs_another_channel(self, cast: Cast) -> None:
        request = factories.target(cast.incident, cast.lead, desk_name="Far Exchange").request
        freezes.approve(request, actor=cast.lead)
        freezes.approve(request, actor=cast.rival)
        with pytest.raises(BadInput) as refused:
            freezes.send(request, actor=cast.lead)
        assert refused.value.field == "channel"
        sent = freezes.send(request, actor=cast.lead, channel="portal", proof="T-1")
        assert sent.state == RequestState.SENT

    def test_desk_sees_its_own_request_once_it_was_sent(
        self, cast: Cast, request_of: FreezeRequest
    ) -> None:
        def sees(viewer: Actor) -> tuple[int, list[str]]:
            lines = access.entries(viewer, cast.incident).filter(subject__startswith="freeze:")
            return (
                access.freezes(viewer, cast.incident).count(),
                list(lines.values_list("kind", flat=True)),
            )

        assert sees(cast.exchange) == sees(cast.issuer) == (0, [])
        assert sees(cast.analyst) == (1, ["freeze.drafted", "freeze.target_added"])
        freezes.approve(request_of, actor=cast.lead)
        freezes.approve(request_of, actor=cast.rival)
        assert sees(cast.exchange) == (0, [])
        freezes.send(request_of, actor=cast.lead)
        assert sees(cast.exchange) == (1, kinds(cast))

    def test_exchange_cannot_see_notice_to_issuer(self, cast: Cast) -> None:
        row = factories.sent_request(
            cast.incident, cast.lead, cast.rival, organization(cast.issuer)
        )
        assert access.get_freeze(cast.issuer, cast.incident, row.request.public_id)
        assert access.get_target(cast.issuer, cast.incident, row.public_id)
        with pytest.raises(NotFound):
            access.get_freeze(cast.exchange, cast.incident, row.request.public_id)
        with pytest.raises(NotFound):
            access.get_target(cast.exchange, cast.incident, row.public_id)
        about = access.entries(cast.exchange, cast.incident).filter(subject__startswith="freeze:")
        assert not about.exists()


@pytest.mark.django_db
class TestEvidence:
    def test_withdrawn_arrival_changes_the_target_once(self, cast: Cast) -> None:
        for key, amount in (("arrival:1", 600), ("arrival:2", 300)):
            factories.target(cast.incident, SYSTEM, amount=amount, evidence_key=key)
        for _ in range(2):
            target_evidence.withdraw_evidence(
                cast.incident, "arrival:1", "reorganised", actor=SYSTEM
            )
        row = FreezeTarget.objects.get()
        assert (row.requested, row.evidence_state) == (300, Evidence.CHANGED)
        assert row.evidence["arrival:1"]["withdrawn"] == "reorganised"
        assert kinds(cast)[-1] == "freeze.evidence_changed"
        assert kinds(cast).count("freeze.evidence_changed") == 1
        with pytest.raises(WrongState, match="evidence"):
            freezes.approve(row.request, actor=cast.lead)
        nothing = target_evidence.withdraw_evidence(
            cast.incident, "arrival:9", "gone", actor=SYSTEM
        )
        assert nothing is None

    def test_what_is_left_goes_on_once_somebody_read_it_again(self, cast: Cast) -> None:
        for key in ("arrival:1", "arrival:2"):
            row = factories.target(cast.incident, SYSTEM, amount=300, evidence_key=key)
        target_evidence.withdraw_evidence(cast.incident, "arrival:1", "reorganised", actor=SYSTEM)
        with pytest.raises(NotYours):
            target_evidence.review_evidence(row, actor=cast.white_hat)
        target_evidence.review_evidence(row, actor=cast.lead)
        row.refresh_from_db()
        assert (row.evidence_state, kinds(cast)[-1]) == (
            Evidence.STANDING,
            "freeze.evidence_reviewed",
        )
        assert freezes.approve(row.request, actor=cast.lead).state == RequestState.CHECKED
        with pytest.raises(WrongState):
            target_evidence.review_evidence(row, actor=cast.lead)

    def test_request_without_any_evidence_left_goes_nowhere(self, cast: Cast) -> None:
        row = factories.target(cast.incident, SYSTEM, amount=600, evidence_key="arrival:1")
        for actor in (cast.lead, cast.rival):
            freezes.approve(row.request, actor=actor)
        target_evidence.withdraw_evidence(cast.incident, "arrival:1", "reorganised", actor=SYSTEM)
        with pytest.raises(WrongState, match="Two people"):
            freezes.send(row.request, actor=cast.lead, channel="mail")
        with pytest.raises(WrongState, match="nothing left"):
            freezes.approve(row.request, actor=cast.lead)
        again = factories.target(
            cast.incident, SYSTEM, amount=600, evidence_key="arrival:2", at=factories.address(9)
        )
        assert freezes.approve(again.request, actor=cast.lead).state == RequestState.CHECKED

    @pytest.mark.parametrize("name", ["上海银行", "Big Exchange", "x" * 120])
    def test_desks_of_like_slugs_share_no_request(self, cast: Cast, name: str) -> None:
        def draft(desk_name: str) -> FreezeTarget:
            return freezes.draft(
                cast.incident,
                freezes.TargetDraft(CHAIN, ADDRESS, TOKEN, "RSX", 18, 5),
                desk_name=desk_name,
                desk_slug=slugify(desk_name),
                desk=None,
                actor=cast.lead,
                marking=AMBER,
            )

        first, other = draft(name), draft("香港交易所" if not slugify(name) else f"{name}."[-120:])
        assert (first.request.desk_name, first.request == other.request) == (name, False)
        assert draft(name).request == first.request

    def test_amount_that_no_asset_can_have_is_refused(self, cast: Cast) -> None:
        row = factories.target(cast.incident, cast.lead, amount=factories.UINT256_MAX)
        assert row.requested == factories.UINT256_MAX
        with pytest.raises(BadInput):
            factories.target(cast.incident, cast.lead, amount=1)

    def test_standing_evidence_lets_it_pass(self, cast: Cast) -> None:
        row = factories.target(cast.incident, SYSTEM, amount=600, evidence_key="arrival:1")
        assert freezes.approve(row.request, actor=cast.lead).state == RequestState.CHECKED


@pytest.mark.django_db
class TestAnswers:
    @pytest.fixture
    def target(self, cast: Cast) -> FreezeTarget:
        return factories.sent_request(
            cast.incident, cast.lead, cast.rival, organization(cast.exchange), amount=1000
        )

    def held(self, cast: Cast, viewer: Actor = SYSTEM) -> int:
        found = answers.held_amounts(cast.incident, viewer)
        return found.get((CHAIN, ADDRESS, TOKEN), 0)

    def test_partial_hold_counts_until_it_lapses(
        self, cast: Cast, target: FreezeTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        until = timezone.now() + timedelta(hours=72)
        given = answers.answer(
            target, Outcome.HELD, actor=cast.exchange, marking=AMBER, amount=400, held_until=until
        )
        target.refresh_from_db()
        assert (target.state, target.held, target.requested) == (TargetState.HELD, 400, 1000)
        assert self.held(cast) == 400
        seen = answers.seen(cast.lead, [target])[target.pk]
        assert (seen.state, seen.held, seen.answers) == (TargetState.HELD, 400, (given,))
        monkeypatch.setattr(timezone, "now", lambda: until)
        assert self.held(cast) == 0
        lapsed = answers.seen(cast.lead, [target])[target.pk]
        assert (lapsed.state, lapsed.held) == (TargetState.LAPSED, 0)

    def test_newest_answer_of_a_target_counts(self, cast: Cast, target: FreezeTarget) -> None:
        for outcome, amount, held in (
            (Outcome.ACKNOWLEDGED, None, 0),
            (Outcome.LOCATED, 900, 0),
            (Outcome.HELD, None, 1000),
            (Outcome.HELD, 250, 250),
            (Outcome.RELEASED, None, 0),
        ):
            answers.answer(target, outcome, actor=cast.exchange, marking=AMBER, amount=amount)
            assert self.held(cast) == held, outcome
        seen = answers.seen(cast.rival, [target])[target.pk]
        assert (seen.state, seen.located, len(seen.answers)) == (TargetState.RELEASED, 900, 5)

    @pytest.mark.parametrize(
        ("outcome", "amount", "field"),
        [("held", -1, "amount"), ("held", 1001, "amount"), ("frozen solid", 1, "outcome")],
    )
    def test_nonsense_is_refused(
        self, cast: Cast, target: FreezeTarget, outcome: str, amount: int, field: str
    ) -> None:
        with pytest.raises(BadInput) as refused:
            answers.answer(target, outcome, actor=cast.exchange, marking=AMBER, amount=amount)
        assert refused.value.field == field
        target.refresh_from_db()
        assert target.state == TargetState.SENT

    def test_hold_that_is_over_already_is_refused(self, cast: Cast, target: FreezeTarget) -> None:
        with pytest.raises(BadInput) as refused:
            answers.answer(
                target,
                Outcome.HELD,
                actor=cast.exchange,
                marking=AMBER,
                held_until=timezone.now() - timedelta(seconds=1),
            )
        assert refused.value.field == "held_until"

    def test_only_the_desk_that_was_asked_answers(self, cast: Cast, target: FreezeTarget) -> None:
        with pytest.raises(NotFound):
            answers.answer(target, Outcome.HELD, actor=cast.issuer, marking=AMBER)
        for role in ("lead", "rival", "analyst", "law", "coordinator"):
            with pytest.raises(NotYours):
                answers.answer(target, Outcome.HELD, actor=cast.actors[role], marking=AMBER)
        assert answers.answer(target, Outcome.HELD, actor=cast.exchange, marking=AMBER)

    def test_what_was_not_sent_cannot_be_answered(self, cast: Cast) -> None:
        row = factories.target(cast.incident, cast.lead, desk=organization(cast.issuer))
        with pytest.raises(WrongState):
            answers.answer(row, Outcome.HELD, actor=cast.issuer, marking=AMBER)

    def test_narrowed_answer_is_seen_by_its_audience_only(
        self, cast: Cast, target: FreezeTarget
    ) -> None:
        narrow = Audience(organizations=[organization(cast.lead).pk])
        answers.answer(target, Outcome.HELD, actor=cast.exchange, marking=AMBER, audience=narrow)
        target.refresh_from_db()
        told = {
            role: answers.seen(actor, [target])[target.pk].state
            for role, actor in cast.actors.items()
            if role not in ("issuer",)
        }
        knows = {"lead", "colleague", "exchange"}
        assert {role for role, state in told.items() if state == TargetState.HELD} == knows
        assert {s for role, s in told.items() if role not in knows} == {TargetState.SENT}
        assert self.held(cast, cast.lead) == 1000
        assert self.held(cast, cast.rival) == 0


@pytest.mark.django_db(transaction=True)
def test_nothing_joins_a_request_while_it_is_being_signed() -> None:
    cast = make_cast()
    desk = organization(cast.exchange)
    signed = factories.target(cast.incident, cast.lead, desk=desk).request
    started = threading.Event()
    made: list[FreezeTarget] = []

    def add() -> None:
        started.set()
        made.append(factories.target(cast.incident, cast.lead, desk=desk, at=factories.address(7)))
        connection.close()

    with transaction.atomic():
        freezes.approve(signed, actor=cast.rival)
        thread = threading.Thread(target=add)
        thread.start()
        started.wait(timeout=5)
        thread.join(timeout=0.5)  # it waits for our transaction
        assert made == []
    thread.join(timeout=10)
    assert made[0].request_id != signed.pk
    assert signed.targets.count() == 1
    assert list(ledger.verify(cast.incident)) == []


@pytest.mark.django_db
def test_late_desk_can_be_asked_once_it_has_accepted(cast: Cast) -> None:
    bridge = cast.invited.memberships.get().organization
    row = factories.sent_request(cast.incident, cast.lead, cast.rival, bridge)
    unsigned = access.get_actor(cast.invited, cast.incident.slug)[1]
    assert not access.freezes(unsigned, cast.incident).exists()
    seat = Participation.objects.get(organization=bridge)
    actor = accept(seat, cast.invited)
    assert [r.public_id for r in access.freezes(actor, cast.incident)] == [row.request.public_id]
