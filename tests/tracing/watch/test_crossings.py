"""Over a bridge and on: two real nodes, the contracts' places and logs of Across and CCTP."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tracing.watch.strait import Strait

pytestmark = [pytest.mark.node, pytest.mark.django_db]


def test_from_the_theft_over_the_bridge_to_a_freeze_on_the_far_side(strait: "Strait") -> None:
    from incidents.models import FreezeTarget
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF

    near, far = strait.near, strait.far
    trace = near.trace(near.steal(100 * ETHER))
    strait.follow()
    assert strait.strip().at_large == 100 * ETHER

    strait.leave(THIEF, 80 * ETHER, to=MULE)
    strait.follow()
    crossing = strait.crossing()
    assert (crossing.state, crossing.bridge, crossing.to_chain) == ("open", "across", far.name)
    assert (crossing.to_address, crossing.amount) == (MULE, 80 * ETHER)
    (crossed,) = near.lines("trace.funds_crossed")
    assert crossed.entry.content["recipient"] == MULE
    assert strait.strip().in_crossing == 80 * ETHER

    fill = 80 * ETHER * 999 // 1000
    strait.arrive(MULE, fill)
    strait.follow()
    crossing.refresh_from_db()
    assert (crossing.state, crossing.confidence) == ("certain", 100)
    leg = crossing.leg
    assert (leg.chain, leg.marking, leg.owner) == (far.chain, trace.marking, trace.owner)
    assert far.held(leg) == {MULE: fill}
    (landed,) = near.lines("trace.funds_landed")
    assert landed.entry.content["confirmed_by"] == "bridge"
    strip = strait.strip()
    assert (strip.in_crossing, strip.lost) == (0, 80 * ETHER - fill)

    far.send(MULE, EXCHANGE, 30 * ETHER)
    far.mine()
    strait.follow()
    target = FreezeTarget.objects.get(request__incident=near.incident)
    assert (target.chain, target.requested) == (far.name, 30 * ETHER)
    (evidence,) = target.evidence.values()
    assert [(hop["kind"], hop["depth"], hop["chain"]) for hop in evidence["hops"]] == [
        ("seed", 0, near.name),
        ("crossing", 1, near.name),
        ("seed", 2, far.name),
        ("arrival", 3, far.name),
    ]
    assert strait.strip().at_services > 0
    near.check()
    far.check()


def test_the_far_side_first(strait: "Strait") -> None:
    """The other chain's watcher is quicker: the landing waits for its near side."""
    from tests.tracing.watch.town import ETHER, MULE, THIEF

    near, far = strait.near, strait.far
    trace = near.trace(near.steal(100 * ETHER))
    near.follow()
    strait.leave(THIEF, 50 * ETHER, to=MULE)
    strait.arrive(MULE, 50 * ETHER)
    far.send(MULE, THIEF, 20 * ETHER)
    far.mine()
    far.follow()
    assert strait.strip().at_large == 100 * ETHER
    near.follow()
    assert strait.crossing().state == "open"
    far.follow()
    leg = strait.crossing().leg
    assert far.held(leg) == {MULE: 30 * ETHER, THIEF: 20 * ETHER}
    assert near.held(trace)[THIEF] == 50 * ETHER
    assert strait.strip().in_crossing == 0
    near.check()
    far.check()


def test_what_is_burnt_for_another_chain_is_in_crossing_and_goes_on(strait: "Strait") -> None:
    from tests.tracing.watch.strait import FAR, NEAR, NOBODY, USDC
    from tests.tracing.watch.town import MULE, STRANGER, THIEF, VICTIM
    from tracing.core.caip import erc20
    from tracing.core.types import BURN_ADDRESS, CROSSING_ADDRESS

    near, far = strait.near, strait.far
    usdc, there = erc20(NEAR, USDC[NEAR]), erc20(FAR, USDC[FAR])
    trace = near.trace(near.together(STRANGER, near.token(VICTIM, THIEF, 900_000)))
    strait.burn(THIEF, 600_000, to=MULE)
    near.together(THIEF, near.token(THIEF, NOBODY, 1_000))
    strait.follow()
    held = near.held(trace, usdc)
    assert (held[CROSSING_ADDRESS], held[BURN_ADDRESS]) == (600_000, 1_000)
    strip = strait.strip()
    assert (strip.in_crossing, strip.lost) == (600_000, 1_000)

    strait.mint(MULE, 600_000)
    strait.follow()
    assert far.held(strait.crossing().leg, there) == {MULE: 600_000}
    strip = strait.strip()
    assert (strip.in_crossing, strip.lost, strip.at_large) == (0, 1_000, 899_000)
    near.check()
    far.check()


def test_a_reorganisation_of_the_near_side_withdraws_the_leg(strait: "Strait") -> None:
    from incidents.models import FreezeTarget
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF
    from tracing.models import Crossing

    near, far = strait.near, strait.far
    trace = near.trace(near.steal(100 * ETHER))
    strait.follow()
    strait.leave(THIEF, 50 * ETHER, to=MULE)
    strait.arrive(MULE, 50 * ETHER)
    far.send(MULE, EXCHANGE, 10 * ETHER)
    far.mine()
    strait.follow()
    assert FreezeTarget.objects.get().requested == 10 * ETHER
    leg = strait.crossing().leg

    near.drop(1)
    near.mine(2)
    near.follow()
    assert strait.crossing().state == "withdrawn"
    assert strait.strip().at_large == 100 * ETHER  # before the far chain's watcher knows
    far.follow()
    assert far.held(leg) == {}
    assert near.held(trace) == {THIEF: 100 * ETHER}
    assert FreezeTarget.objects.get().evidence_state == "changed"
    for kind in ("funds_crossed", "funds_landed", "funds_arrived"):
        assert near.lines(f"trace.{kind}") == []
    assert strait.strip().at_services == 0

    strait.leave(THIEF, 50 * ETHER, to=MULE, number=strait.deposits)
    strait.follow()
    assert [row.state for row in Crossing.objects.order_by("pk")] == ["withdrawn", "certain"]
    assert far.held(strait.crossing().leg) == {MULE: 40 * ETHER, EXCHANGE: 10 * ETHER}
    assert len(near.lines("trace.funds_landed")) == 1
    near.check()
    far.check()


def test_a_reorganisation_of_the_far_side_opens_the_crossing_again(strait: "Strait") -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF

    near, far = strait.near, strait.far
    near.trace(near.steal(100 * ETHER))
    strait.leave(THIEF, 50 * ETHER, to=MULE)
    strait.arrive(MULE, 50 * ETHER)
    far.mine()
    strait.follow()
    crossing = strait.crossing()
    leg = crossing.leg
    assert far.held(leg) == {MULE: 50 * ETHER}

    far.drop(2)
    far.mine(3)
    strait.follow()
    crossing.refresh_from_db()
    assert (crossing.state, crossing.far_tx) == ("open", "")
    assert far.held(leg) == {}
    assert near.lines("trace.funds_landed") == []
    assert strait.strip().in_crossing == 50 * ETHER

    strait.arrive(MULE, 49 * ETHER)
    strait.follow()
    crossing.refresh_from_db()
    assert (crossing.state, crossing.leg.pk) == ("certain", leg.pk)
    assert far.held(leg) == {MULE: 49 * ETHER}
    strip = strait.strip()
    assert (strip.in_crossing, strip.lost) == (0, ETHER)
    near.check()
    far.check()


def test_there_and_back_again(strait: "Strait") -> None:
    """A leg of a leg, on the chain of the theft; each piece counts in one place."""
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF
    from tracing.models import Trace

    near, far = strait.near, strait.far
    trace = near.trace(near.steal(100 * ETHER))
    strait.leave(THIEF, 60 * ETHER, to=MULE)
    strait.arrive(MULE, 60 * ETHER)
    strait.follow()
    first = strait.crossing().leg
    strait.leave(MULE, 40 * ETHER, to=EXCHANGE, frm=far)
    strait.arrive(EXCHANGE, 40 * ETHER, at=near)
    near.mine()
    strait.follow()
    second = strait.crossing().leg
    assert (second.chain, second.crossing.trace) == (near.chain, first)
    assert far.held(first)[MULE] == 20 * ETHER
    assert near.held(second) == {EXCHANGE: 40 * ETHER}
    strip = strait.strip()
    assert (strip.at_services, strip.in_crossing, strip.lost) == (40 * ETHER, 0, 0)
    (line,) = near.lines("freeze.drafted")
    assert line.entry.content

    near.drop(near.height - trace.start_number)
    near.mine(near.height + 4)
    strait.follow()
    strait.follow()
    assert strait.strip().at_large == 100 * ETHER
    assert strait.strip().at_services == 0
    assert Trace.objects.filter(seeds__isnull=False).distinct().count() == 1
    near.check()
    far.check()


def test_probable_moves_nothing_and_an_analyst_decides(strait: "Strait") -> None:
    from incidents import access
    from incidents.exceptions import WrongState
    from incidents.models import FreezeTarget, Participation
    from tests.cast import organization, person
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF
    from tracing.services import crossings

    near, far = strait.near, strait.far
    near.trace(near.steal(100 * ETHER))
    strait.leave(THIEF, 30 * ETHER, to=MULE)
    strait.arrive(MULE, 45 * ETHER)  # the same key, but more than went in
    far.send(MULE, EXCHANGE, 5 * ETHER)
    far.mine()
    strait.follow()
    crossing = strait.crossing()
    assert crossing.state == "probable"
    assert 0 < crossing.confidence < 100
    assert not hasattr(crossing, "leg")
    assert len(near.lines("trace.crossing_suspected")) == 1
    assert (strait.strip().in_crossing, FreezeTarget.objects.count()) == (30 * ETHER, 0)

    analyst = near.cast.analyst
    seat = Participation.objects.get(incident=near.incident, organization=organization(analyst))
    actor = access.actor_of(seat, person(analyst))
    row = crossings.get(actor, near.incident, crossing.public_id)
    crossings.confirm(row, actor=actor)
    with pytest.raises(WrongState):
        crossings.reject(row, actor=actor)
    strait.follow()
    assert far.held(strait.crossing().leg) == {MULE: 40 * ETHER, EXCHANGE: 5 * ETHER}
    (landed,) = near.lines("trace.funds_landed")
    assert landed.entry.content["confirmed_by"] == "analyst"
    assert len(near.lines("trace.crossing_decided")) == 1
    assert FreezeTarget.objects.count() == 1
    near.check()
    far.check()


def test_a_leg_goes_on_under_the_policy_of_its_trace(strait: "Strait") -> None:
    """Own money is mixed in on the way: of what crosses, only the stolen share stays stolen."""
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF
    from tracing.core.policies import PolicyName
    from tracing.services import ranges

    near, far = strait.near, strait.far
    near.node.call("anvil_setBalance", THIEF, hex(50 * ETHER))
    near.mine()
    trace = near.trace(near.steal(100 * ETHER), policy=PolicyName.HAIRCUT)
    strait.leave(THIEF, 60 * ETHER, to=MULE)
    strait.arrive(MULE, 60 * ETHER)
    far.send(MULE, EXCHANGE, 30 * ETHER)
    far.mine()
    strait.follow()
    crossing = strait.crossing()
    assert (crossing.amount, crossing.departed) == (40 * ETHER, 60 * ETHER)
    assert crossing.leg.policy == trace.policy == "haircut"
    assert far.held(crossing.leg) == {MULE: 20 * ETHER, EXCHANGE: 20 * ETHER}
    strip = strait.strip()
    assert (strip.at_services, strip.in_crossing) == (20 * ETHER, 0)
    for one in (trace, crossing.leg):
        one.refresh_from_db()
        assert ranges.faults(one) == []
    near.check()
    far.check()


def test_a_far_side_is_not_waited_for_for_ever(strait: "Strait") -> None:
    from datetime import timedelta

    from django.conf import settings
    from django.utils import timezone

    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.models import Crossing
    from tracing.watch import far_side

    near, far = strait.near, strait.far
    near.trace(near.steal(100 * ETHER))
    strait.leave(THIEF, 80 * ETHER, to=MULE)
    strait.follow()
    long_ago = timezone.now() - timedelta(days=settings.FAR_SIDE_DAYS, hours=1)
    found_at = strait.crossing().created_at
    Crossing.objects.update(created_at=long_ago)
    strait.arrive(MULE, 79 * ETHER)
    strait.follow()
    assert not far_side.awaiting(far.chain).exists()
    assert strait.crossing().state == "open"
    Crossing.objects.update(created_at=found_at)
    strait.follow()  # the positive twin: of one that was found in time, its landing is known
    assert strait.crossing().state == "certain"
