"""Crossings as people meet them: who sees what, an analyst's word, what only looks like it."""

import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

if TYPE_CHECKING:
    from incidents.access import Actor
    from tests.cast import Cast
    from tests.tracing.watch.strait import Strait
    from tracing.models import Crossing

pytestmark = [pytest.mark.node, pytest.mark.django_db]


def seat(cast: "Cast", who: str) -> "Actor":
    from incidents import access
    from incidents.models import Participation
    from tests.cast import organization, person

    actor = getattr(cast, who)
    rows = Participation.objects.filter(incident=cast.incident, organization=organization(actor))
    return access.actor_of(rows.get(), person(actor))


def suspected(strait: "Strait") -> "Crossing":
    """Both sides show one key, but more came out than went in."""
    from tests.tracing.watch.town import ETHER, MULE, THIEF

    near = strait.near
    near.trace(near.steal(100 * ETHER))
    strait.leave(THIEF, 30 * ETHER, to=MULE)
    strait.arrive(MULE, 45 * ETHER)
    strait.follow()
    crossing = strait.crossing()
    assert crossing.state == "probable"
    return crossing


def test_an_analyst_confirms_on_the_page_and_a_desk_cannot(
    strait: "Strait", client: Client
) -> None:
    from tests.tracing.watch.town import ETHER, MULE

    crossing = suspected(strait)
    cast, slug = strait.near.cast, strait.near.incident.slug
    page = reverse("trace", args=[slug, crossing.trace.public_id])
    confirm = reverse("crossing_confirm", args=[slug, crossing.public_id])
    for who, may in (("exchange", False), ("analyst", True)):
        client.force_login(cast.people[who])
        shown = client.get(page).content.decode()
        assert (confirm in shown) == may
        assert re.search(r">45\b.{0,120} came out<", shown)  # 30 went in: whoever decides sees both
        answer = client.post(confirm)
        assert answer.status_code == (302 if may else 403)
        crossing.refresh_from_db()
        assert crossing.state == ("confirmed" if may else "probable")
    strait.follow()
    assert strait.far.held(strait.crossing().leg) == {MULE: 45 * ETHER}
    assert "It is the far side" not in client.get(page).content.decode()
    assert strait.strip().in_crossing == 0


@pytest.mark.parametrize(("recipient", "expected"), [("the same", "probable"), ("other", "open")])
def test_without_a_key_recipient_amount_and_time_make_it_probable(
    strait: "Strait", recipient: str, expected: str
) -> None:
    """As of a decoder whose bridge logs no key on the far side."""
    from tests.tracing.watch.puppet import pay
    from tests.tracing.watch.strait import RELAYER
    from tests.tracing.watch.town import ETHER, MULE, STRANGER, THIEF
    from tracing.models import Block, Landing
    from tracing.services import crossings

    near, far = strait.near, strait.far
    near.trace(near.steal(100 * ETHER))
    strait.leave(THIEF, 30 * ETHER, to=MULE)
    whom = MULE if recipient == "the same" else STRANGER
    tx = far.together(RELAYER, pay(whom, 29 * ETHER))
    strait.follow()
    Landing.objects.create(
        chain=far.chain,
        block=Block.objects.get(chain=far.chain, hash=far.head_hash),
        bridge="across",
        tx=tx,
        position=0,
        contract="",
        to_address=whom,
        asset=far.native,
        amount=29 * ETHER,
    )
    strait.follow()
    crossing = strait.crossing()
    assert crossing.state == expected
    assert not hasattr(crossing, "leg")
    if expected == "probable":
        assert 60 < crossing.confidence < 100
        crossings.confirm(crossing, actor=seat(near.cast, "analyst"))
        strait.follow()
        assert far.held(strait.crossing().leg) == {MULE: 29 * ETHER}


def test_what_was_rejected_is_not_proposed_again(strait: "Strait") -> None:
    from tests.tracing.watch.town import ETHER
    from tracing.models import Trace
    from tracing.services import crossings

    crossing = suspected(strait)
    actor = seat(strait.near.cast, "analyst")
    crossings.reject(crossing, actor=actor)
    strait.near.mine()
    strait.far.mine()
    strait.follow()
    crossing.refresh_from_db()
    assert crossing.state == "rejected"
    assert len(strait.near.lines("trace.crossing_suspected")) == 1
    assert not Trace.objects.filter(crossing=crossing).exists()
    assert strait.strip().in_crossing == 30 * ETHER


def test_a_dropped_far_side_takes_the_suspicion_back(strait: "Strait") -> None:
    crossing = suspected(strait)
    strait.far.drop(1)
    strait.far.mine(2)
    strait.follow()
    crossing.refresh_from_db()
    assert (crossing.state, crossing.confidence, crossing.far_tx) == ("open", 0, "")
    assert strait.near.lines("trace.crossing_suspected") == []


def test_who_may_not_see_the_trace_sees_nothing_of_its_leg(strait: "Strait") -> None:
    from incidents.ports import money
    from tests.cast import organization
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.models import Trace
    from tracing.services import crossings

    near, far = strait.near, strait.far
    trace = near.trace(near.steal(100 * ETHER))
    lead = organization(near.cast.lead)
    Trace.objects.filter(pk=trace.pk).update(audience_organizations=[lead.pk])
    strait.leave(THIEF, 50 * ETHER, to=MULE)
    strait.arrive(MULE, 50 * ETHER)
    strait.follow()
    mine, rival = seat(near.cast, "lead"), seat(near.cast, "rival")
    assert far.held(strait.crossing().leg) == {MULE: 50 * ETHER}
    assert strait.strip(mine).at_large == 100 * ETHER
    assert len(crossings.seen_by(mine, near.incident)) == 1
    assert money().strips(near.incident, rival) == []
    assert list(crossings.seen_by(rival, near.incident)) == []
    here = [(far.name, MULE)]
    assert money().exposures(near.incident, rival, here) == {}
    (row,) = money().exposures(near.incident, mine, here)[far.name, MULE]
    assert (row.tainted, row.depth) == (50 * ETHER, 2)
    spoke = strait.crossing().escrow_address
    (left,) = money().exposures(near.incident, mine, [(near.name, spoke)])[near.name, spoke]
    assert (left.tainted, left.kind) == (0, "crossing")


def test_a_spoilt_log_stops_nothing_and_asks_the_operator(strait: "Strait") -> None:
    from dataclasses import replace

    from tests.tracing.bridges.logs import contract_of, event_of
    from tests.tracing.watch.puppet import say
    from tests.tracing.watch.town import ETHER, THIEF
    from tracing.core.logs import Log
    from tracing.models import Crossing, Lead

    near = strait.near
    near.trace(near.steal(100 * ETHER))
    spoke = contract_of("across", near.name, "spoke_pool")
    topics = (event_of("across", "FundsDeposited").topic, *["0x" + "11" * 32] * 3)
    spoilt = Log(spoke, topics, "0x" + "ff" * 40, "", 0)
    near.together(THIEF, say(spoilt, 10 * ETHER))
    near.together(THIEF, say(replace(spoilt, data="0x"), ETHER))
    strait.follow()
    assert Crossing.objects.count() == 0
    assert strait.strip().in_crossing == 11 * ETHER
    (lead,) = Lead.objects.filter(kind="data_request")
    assert (lead.address, lead.evidence["amount"]) == (spoke, str(10 * ETHER))
    near.check()


def test_a_vault_that_only_a_router_names_is_followed_and_is_a_lead(strait: "Strait") -> None:
    from datetime import date

    from tests.tracing.bridges.logs import contract_of
    from tests.tracing.watch.puppet import MOUTH, pay, say
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.core.types import AccountKind
    from tracing.models import Crossing, Lead
    from tracing.services import directory

    near = strait.near
    trace = near.trace(near.steal(100 * ETHER))
    router = contract_of("thorchain", near.name)
    near.node.call("anvil_setCode", router, MOUTH)
    log = near.log(
        "thorchain",
        "Deposit",
        "",
        to=MULE,
        asset="0x" + "00" * 20,
        amount=20 * ETHER,
        memo="=:BTC.BTC:bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    )
    near.together(THIEF, pay(MULE, 20 * ETHER), say(log))
    strait.follow()
    assert near.held(trace) == {THIEF: 80 * ETHER, MULE: 20 * ETHER}
    assert Crossing.objects.count() == 0
    (lead,) = Lead.objects.filter(kind="data_request")
    assert (lead.address, lead.evidence["bridge"]) == (MULE, "thorchain")
    assert MULE in lead.evidence["ask"]

    service = directory.ensure_service(
        "thorchain", "THORChain", kind=AccountKind.CROSSING, category="bridge"
    )
    directory.ensure_label(near.chain, MULE, service, source="test", dated=date(2026, 11, 21))
    near.together(THIEF, pay(MULE, 30 * ETHER), say(log))
    strait.follow()
    crossing = Crossing.objects.get()
    assert (crossing.escrow_address, crossing.amount) == (MULE, 30 * ETHER)
    assert crossing.to_address.startswith("bc1")
    assert strait.strip().in_crossing == 50 * ETHER
