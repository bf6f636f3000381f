"""A deposit address is inferred from what it forwards: it drafts, and is followed through."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town
    from tracing.models import Lead

pytestmark = [pytest.mark.node, pytest.mark.django_db]
FRESH = "0x" + "d1" * 20


def forward(town: "Town", amount: int, *, then: int | None = None) -> None:
    """The thief pays a fresh address, and that one pays the exchange's hot wallet."""
    from tests.tracing.watch.town import EXCHANGE, THIEF

    town.send(THIEF, FRESH, amount)
    town.mine()
    town.send(FRESH, EXCHANGE, amount if then is None else then)
    town.mine()
    town.follow()


def deposits() -> "list[Lead]":
    from tracing.models import Lead

    return list(Lead.objects.filter(kind=Lead.Kind.DEPOSIT_ADDRESS).order_by("pk"))


def test_who_forwards_all_to_an_exchange_is_its_deposit_address(town: "Town") -> None:
    from incidents.models import FreezeTarget
    from tests.tracing.watch.town import ETHER, EXCHANGE, NATIVE

    trace = town.trace(town.steal())
    forward(town, 7 * ETHER)
    (lead,) = deposits()
    assert (lead.address, lead.service, lead.confidence) == (FRESH, town.exchange, 60)
    assert lead.evidence["wallet"] == EXCHANGE
    assert [one["amount"] for one in lead.evidence["forwards"]] == [str(7 * ETHER)]

    target = FreezeTarget.objects.get(request__incident=town.incident, address=FRESH)
    assert (target.asset, target.requested) == (NATIVE, 7 * ETHER)
    assert target.request.desk_name == "Big Exchange"
    (part,) = target.evidence.values()
    assert part["inferred"] == 60
    assert [hop["to_address"] for hop in part["hops"]] == [
        "0x" + "b0" * 20, FRESH, EXCHANGE,
    ]  # fmt: skip
    (line,) = town.lines("trace.deposit_address")
    assert line.is_alert
    assert town.held(trace)[EXCHANGE] == 7 * ETHER  # it was followed through
    town.check()


def test_what_reaches_it_later_is_asked_for_at_once_and_followed_on(town: "Town") -> None:
    from incidents.models import FreezeTarget
    from tests.tracing.watch.town import ETHER, MULE, THIEF

    trace = town.trace(town.steal())
    forward(town, 7 * ETHER)
    town.send(THIEF, FRESH, 5 * ETHER)
    town.mine()
    town.follow()
    target = FreezeTarget.objects.get(request__incident=town.incident, address=FRESH)
    assert (target.requested, len(target.evidence)) == (12 * ETHER, 2)
    assert len(town.lines("trace.deposit_address")) == 2

    town.send(FRESH, MULE, 5 * ETHER)  # whatever it was taken for, it is followed
    town.mine()
    town.follow()
    assert town.held(trace)[MULE] == 5 * ETHER
    town.send(THIEF, FRESH, 2 * ETHER)  # and now that it paid somebody else, nothing is asked for
    town.mine()
    town.follow()
    assert len(town.lines("trace.deposit_address")) == 2
    target.refresh_from_db()
    assert target.requested == 12 * ETHER
    town.check()


def test_one_forward_by_the_thief_himself_switches_nothing_off(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF

    trace = town.trace(town.steal(100 * ETHER))
    town.send(THIEF, EXCHANGE, 96 * ETHER)
    town.mine()
    town.send(THIEF, MULE, 4 * ETHER)
    town.mine()
    town.follow()
    assert deposits() == []
    assert town.held(trace) == {EXCHANGE: 96 * ETHER, MULE: 4 * ETHER}


def test_who_keeps_more_or_pays_others_is_none(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER, EXCHANGE

    trace = town.trace(town.steal())
    forward(town, 10 * ETHER, then=9 * ETHER)
    assert deposits() == []
    assert town.held(trace)[EXCHANGE] == 9 * ETHER


@pytest.mark.parametrize("name", ["Big Exchange deposit 3", "big_dep3"])
def test_who_pays_a_deposit_address_is_none_himself(town: "Town", name: str) -> None:
    from tests.tracing.watch.town import ETHER, EXCHANGE
    from tracing.models import Label

    Label.objects.filter(address=EXCHANGE).update(name=name)
    trace = town.trace(town.steal())
    forward(town, 7 * ETHER)
    assert deposits() == []
    assert town.held(trace)[EXCHANGE] == 7 * ETHER


def test_made_up_tokens_bury_no_forward(town: "Town", monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.tracing.watch.test_tokens import MAKER, call, deploy
    from tests.tracing.watch.town import ETHER, EXCHANGE, STRANGER, THIEF
    from tracing.models import Lead
    from tracing.watch import deposits as watched

    monkeypatch.setattr(watched, "MOST_FLOWS", 3)
    town.trace(town.steal())
    town.send(THIEF, FRESH, 7 * ETHER)
    town.mine()
    fake = deploy(town, "HostileToken", "FAKE")
    call(town, MAKER, "HostileToken", fake, "spam", [FRESH] * 20, 10**18)
    town.send(FRESH, EXCHANGE, 7 * ETHER)
    town.mine()
    town.follow()
    assert len(deposits()) == 1

    for _ in range(3):  # real dust is weighed, and what is too much of it is told
        town.send(STRANGER, FRESH, 1)
        town.mine()
    Lead.objects.all().delete()
    forward(town, 7 * ETHER)
    assert deposits() == []
    (bound,) = Lead.objects.filter(kind=Lead.Kind.WORK_BOUND)
    assert (bound.address, bound.evidence["what"]) == (FRESH, "movements")


def test_clean_money_that_was_there_before_counts_as_received(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER, STRANGER

    town.send(STRANGER, FRESH, 50 * ETHER)
    town.mine()
    town.trace(town.steal())
    forward(town, 7 * ETHER)
    assert deposits() == []


def test_a_reorganisation_withdraws_lead_and_draft_and_brings_them_back(town: "Town") -> None:
    from incidents.choices import Evidence
    from incidents.models import FreezeTarget
    from tests.tracing.watch.town import ETHER, EXCHANGE
    from tracing.models import Lead

    trace = town.trace(town.steal())
    forward(town, 7 * ETHER)
    town.drop(1)
    town.mine(2)
    town.follow()
    (lead,) = deposits()
    assert lead.state == Lead.State.WITHDRAWN
    target = FreezeTarget.objects.get(request__incident=town.incident, address=FRESH)
    assert (target.requested, target.evidence_state) == (0, Evidence.CHANGED)
    assert town.lines("trace.deposit_address") == []
    assert town.held(trace)[FRESH] == 7 * ETHER

    town.send(FRESH, EXCHANGE, 7 * ETHER)
    town.mine()
    town.follow()
    assert [row.state for row in deposits()] == [Lead.State.OPEN]
    target.refresh_from_db()
    assert target.requested == 7 * ETHER
    assert len(town.lines("trace.deposit_address")) == 1
    town.check()


def test_a_backfill_infers_the_same(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER, EXCHANGE, THIEF

    tx = town.steal()
    town.send(THIEF, FRESH, 7 * ETHER)
    town.mine()
    town.send(FRESH, EXCHANGE, 7 * ETHER)
    town.mine(3)
    town.follow()
    town.trace(tx)
    town.follow()
    assert [(row.address, row.confidence) for row in deposits()] == [(FRESH, 60)]
    town.check()


def decide(town: "Town", decision: str) -> None:
    from tracing.services import lead_decisions

    lead_decisions.decide(deposits()[0], decision, "Asked the desk.", actor=town.cast.analyst)


def pay(town: "Town", sender: str, to: str, amount: int) -> None:
    town.send(sender, to, amount)
    town.mine()
    town.follow()


def test_confirmed_it_is_the_exchanges(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.models import Label

    trace = town.trace(town.steal())
    forward(town, 7 * ETHER)
    decide(town, "confirmed")
    label = Label.objects.get(address=FRESH)
    assert (label.confidence, label.service) == ("confirmed", town.exchange)
    assert label.incident == town.incident

    before = len(town.lines("trace.funds_arrived"))
    pay(town, THIEF, FRESH, 5 * ETHER)
    assert len(town.lines("trace.funds_arrived")) == before + 1
    assert len(town.lines("trace.deposit_address")) == 1  # nothing is inferred any more
    pay(town, FRESH, MULE, 5 * ETHER)
    assert MULE not in town.held(trace)


def test_a_confirmation_that_is_taken_back_before_anything_arrived_changes_nothing(
    town: "Town",
) -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF

    trace = town.trace(town.steal())
    forward(town, 7 * ETHER)
    decide(town, "confirmed")
    town.mine()
    town.follow()
    decide(town, "open")
    pay(town, THIEF, FRESH, 3 * ETHER)
    assert len(town.lines("trace.deposit_address")) == 2
    pay(town, FRESH, MULE, 3 * ETHER)
    assert town.held(trace)[MULE] == 3 * ETHER


def test_dismissed_it_takes_back_what_it_had_asked_for(town: "Town") -> None:
    from incidents.choices import Evidence
    from incidents.models import FreezeTarget
    from tests.tracing.watch.town import ETHER, THIEF

    trace = town.trace(town.steal())
    forward(town, 7 * ETHER)
    decide(town, "dismissed")
    target = FreezeTarget.objects.get(request__incident=town.incident, address=FRESH)
    assert (target.requested, target.evidence_state) == (0, Evidence.CHANGED)
    assert len(town.lines("freeze.evidence_changed")) == 1

    pay(town, THIEF, FRESH, 5 * ETHER)
    assert len(town.lines("trace.deposit_address")) == 1
    assert town.held(trace)[FRESH] == 5 * ETHER
    forward(town, 2 * ETHER)
    assert [lead.state for lead in deposits()] == ["dismissed"]
