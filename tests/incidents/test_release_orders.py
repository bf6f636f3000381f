"""A release takes two parties, a delay and a check; holding off takes law enforcement alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents import access
from incidents.access import Actor
from incidents.choices import RequestState
from incidents.exceptions import BadInput, NotFound, NotYours, SecondPersonRequired, WrongState
from incidents.models import FreezeRequest, FreezeTarget, HoldOff, ReleaseOrder
from incidents.services import freezes, hold_offs, release_orders
from incidents.services.release_orders import RELEASE, RETURN_ADDRESS, Wanted
from tests import factories
from tests.cast import Cast, organization
from tests.factories import ADDRESS, CHAIN

pytestmark = pytest.mark.django_db
WANTED = Wanted(RELEASE, "The owner proved that it is theirs.")


@pytest.fixture
def target(cast: Cast) -> FreezeTarget:
    return factories.sent_request(
        cast.incident, cast.lead, cast.rival, organization(cast.exchange), amount=1000
    )


def sees(viewer: Actor, cast: Cast, prefix: str) -> int:
    return access.entries(viewer, cast.incident).filter(kind__startswith=prefix).count()


class TestReleaseOrders:
    def test_two_parties_a_delay_and_a_check(
        self, cast: Cast, target: FreezeTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order = release_orders.propose(target, WANTED, actor=cast.lead)
        with pytest.raises(WrongState, match="agree first"):
            release_orders.carry_out(order, actor=cast.lead)
        for actor in (cast.lead, cast.colleague):
            with pytest.raises(SecondPersonRequired):
                release_orders.agree(order, actor=actor)
        agreed = release_orders.agree(order, actor=cast.rival)
        assert agreed.not_before
        with pytest.raises(WrongState, match="checked"):
            release_orders.carry_out(order, actor=cast.rival)
        with pytest.raises(SecondPersonRequired):
            release_orders.check(order, "Called them.", actor=cast.lead)
        with pytest.raises(BadInput):
            release_orders.check(order, " ", actor=cast.rival)
        release_orders.check(order, "Called the number of the register.", actor=cast.rival)
        with pytest.raises(WrongState, match="Not before"):
            release_orders.carry_out(order, actor=cast.rival)
        monkeypatch.setattr(timezone, "now", lambda: agreed.not_before)
        done = release_orders.carry_out(order, actor=cast.rival)
        target.refresh_from_db()
        assert (done.carried_out_at, target.state) == (agreed.not_before, "withdrawn")
        with pytest.raises(WrongState, match="over"):
            release_orders.stop(order, actor=cast.lead)

    def test_anybody_who_approves_stops_it(self, cast: Cast, target: FreezeTarget) -> None:
        order = release_orders.propose(target, WANTED, actor=cast.lead)
        with pytest.raises(WrongState, match="open already"):
            release_orders.propose(target, WANTED, actor=cast.rival)
        release_orders.agree(order, actor=cast.coordinator)
        with pytest.raises(NotYours):
            release_orders.stop(order, actor=cast.analyst)
        release_orders.stop(order, actor=cast.rival)
        with pytest.raises(WrongState):
            release_orders.check(order, "Called them.", actor=cast.rival)
        assert release_orders.propose(target, WANTED, actor=cast.rival).pk != order.pk

    def test_return_address_is_checked_and_changes_no_state(
        self, cast: Cast, target: FreezeTarget, settings: object
    ) -> None:
        settings.RELEASE_DELAY_MINUTES = 0  # type: ignore[attr-defined]
        with pytest.raises(BadInput):
            release_orders.propose(target, Wanted(RETURN_ADDRESS, "Ours.", "0x1"), actor=cast.lead)
        wanted = Wanted(RETURN_ADDRESS, "Ours.", factories.SHOWN_ADDRESS)
        order = release_orders.propose(target, wanted, actor=cast.lead)
        assert order.address == ADDRESS
        release_orders.agree(order, actor=cast.rival)
        release_orders.check(order, "Called them.", actor=cast.colleague)
        release_orders.carry_out(order, actor=cast.lead)
        target.refresh_from_db()
        assert target.state == "sent"
        assert ReleaseOrder.objects.get().carried_out_at

    def test_nothing_is_ordered_of_what_was_not_sent(self, cast: Cast) -> None:
        row = factories.target(cast.incident, cast.lead)
        with pytest.raises(WrongState):
            release_orders.propose(row, WANTED, actor=cast.lead)


class TestHoldOffs:
    def approved(self, cast: Cast) -> FreezeRequest:
        row = factories.target(cast.incident, cast.lead, desk=organization(cast.exchange))
        for actor in (cast.lead, cast.rival):
            freezes.approve(row.request, actor=actor)
        return FreezeRequest.objects.get(pk=row.request_id)

    def test_blocks_sending_and_says_nothing_to_others(self, cast: Cast) -> None:
        request = self.approved(cast)
        hold = hold_offs.ask(
            cast.incident, CHAIN, ADDRESS, actor=cast.law, reason="We watch his accomplice."
        )
        with pytest.raises(WrongState) as refused:
            freezes.send(request, actor=cast.lead)
        assert "accomplice" not in refused.value.detail
        assert str(organization(cast.law)) not in refused.value.detail
        knowing = {r for r, actor in cast.actors.items() if sees(actor, cast, "holdoff.")}
        assert knowing == {"law"}
        with pytest.raises(WrongState):
            hold_offs.ask(cast.incident, CHAIN, ADDRESS, actor=cast.law)
        hold_offs.lift(hold, actor=cast.law)
        assert freezes.send(request, actor=cast.lead).state == RequestState.SENT
        with pytest.raises(WrongState):
            hold_offs.lift(hold, actor=cast.law)

    def test_it_ends_by_itself(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        request = self.approved(cast)
        until = timezone.now() + timedelta(hours=1)
        hold_offs.ask(cast.incident, CHAIN, ADDRESS, actor=cast.law, until=until)
        with pytest.raises(WrongState):
            freezes.send(request, actor=cast.lead)
        monkeypatch.setattr(timezone, "now", lambda: until)
        assert freezes.send(request, actor=cast.lead).state == RequestState.SENT

    def test_law_enforcement_alone_gives_it(self, cast: Cast) -> None:
        for role in ("lead", "coordinator", "analyst", "exchange"):
            with pytest.raises(NotYours):
                hold_offs.ask(cast.incident, CHAIN, ADDRESS, actor=cast.actors[role])
        hold = hold_offs.ask(cast.incident, CHAIN, ADDRESS, actor=cast.law)
        with pytest.raises(NotYours):
            hold_offs.lift(hold, actor=cast.lead)
        with pytest.raises(BadInput):
            hold_offs.ask(cast.incident, CHAIN, "0x1", actor=cast.law)
        HoldOff.objects.filter(pk=hold.pk).update(organization=organization(cast.exchange))
        with pytest.raises(NotFound):
            hold_offs.lift(hold, actor=cast.law)
