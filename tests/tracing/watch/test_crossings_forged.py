"""Crossings against a thief who has bridges say what he likes, beside what he really does."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tracing.watch.strait import Strait

pytestmark = [pytest.mark.node, pytest.mark.django_db]


def test_one_unit_that_is_sent_over_does_not_take_all_of_a_pool_along(strait: "Strait") -> None:
    """What he pays into the pool beside it he may take out again."""
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.models import Crossing, Lead

    near, far = strait.near, strait.far
    near.trace(near.steal(100 * ETHER))
    strait.leave(THIEF, 1000, to=MULE, value=50 * ETHER)
    strait.arrive(MULE, 1000)
    strait.follow()
    crossing = strait.crossing()
    assert (crossing.state, crossing.amount) == ("certain", 1000)
    assert far.held(crossing.leg) == {MULE: 1000}
    assert strait.strip().in_crossing == 50 * ETHER - 1000
    (lead,) = Lead.objects.filter(kind="data_request")
    assert lead.evidence["amount"] == str(50 * ETHER - 1000)

    strait.leave(THIEF, 10 * ETHER, to=MULE, value=11 * ETHER)  # its twin: a tenth is a fee
    strait.follow()
    assert strait.crossing().amount == 11 * ETHER
    assert Crossing.objects.count() == 2
    assert Lead.objects.filter(kind="data_request").count() == 1
    near.check()


def test_a_vault_of_his_own_does_not_speak_for_what_went_into_a_bridge(strait: "Strait") -> None:
    from tests.tracing.bridges.logs import contract_of
    from tests.tracing.watch.puppet import MOUTH, say
    from tests.tracing.watch.town import ETHER, MULE, STRANGER, THIEF

    near = strait.near
    near.trace(near.steal(100 * ETHER))
    near.node.call("anvil_setCode", contract_of("thorchain", near.name), MOUTH)
    clean = near.log(
        "thorchain",
        "Deposit",
        "",
        to=STRANGER,
        asset="0x" + "00" * 20,
        amount=20 * ETHER,
        memo=f"=:BASE.ETH:{STRANGER}",
    )
    strait.leave(THIEF, 20 * ETHER, to=MULE, first=(say(clean),))
    strait.follow()
    crossing = strait.crossing()
    assert (crossing.bridge, crossing.to_address, crossing.amount) == ("across", MULE, 20 * ETHER)
    near.check()


@pytest.mark.parametrize("is_hidden", [True, False])
def test_a_trace_that_is_hidden_keeps_no_leg_from_the_room(
    strait: "Strait", is_hidden: bool
) -> None:
    """One that every party sees does: what it follows would count twice."""
    from tests.cast import person
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.models import Trace

    near, far = strait.near, strait.far
    near.trace(near.steal(100 * ETHER))
    strait.leave(THIEF, 50 * ETHER, to=MULE)
    apart = far.trace(strait.arrive(MULE, 50 * ETHER))
    if is_hidden:
        who = [person(near.cast.lead).pk]
        Trace.objects.filter(pk=apart.pk).update(marking="TLP:RED", audience_people=who)
    strait.follow()
    crossing = strait.crossing()
    assert crossing.state == "certain"
    legs = Trace.objects.filter(crossing=crossing)
    assert [far.held(leg) for leg in legs] == ([{MULE: 50 * ETHER}] if is_hidden else [])
