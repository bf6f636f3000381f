"""A reorganisation of any depth down to finality leaves what a fresh application would give."""

from typing import TYPE_CHECKING

import pytest

from tests.effort import long_form

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.node, pytest.mark.django_db]


def mules(count: int) -> list[str]:
    return [f"0x{0xD000 + number:040x}" for number in range(count)]


def flight(town: "Town", depth: int, amount: int) -> None:
    """The thief pays one mule per block, and the last one pays the exchange."""
    from tests.tracing.watch.town import EXCHANGE, THIEF

    for mule in mules(depth - 1):
        town.send(THIEF, mule, amount)
        town.mine()
    town.send(THIEF, EXCHANGE, amount)
    town.mine()


def deepen(town: "Town", quorum: int) -> None:
    """Final below 80 blocks, and so many operators who must agree (all tell of the same node)."""
    from tracing.models import Chain, Endpoint

    for number in range(1, quorum):
        Endpoint.objects.create(chain=town.chain, operator=f"other {number}", url=town.node.url)
    Chain.objects.filter(pk=town.chain.pk).update(final_depth=80, quorum=quorum)
    town.take_over()


def alerts_shown(town: "Town") -> list[tuple[bool, str, bool]]:
    """Of the lines about arrivals and moves on the room's page: withdrawn, state, provisional."""
    from incidents.access import SYSTEM
    from incidents.views.room import timeline_page

    entries, _ = timeline_page(town.incident, SYSTEM)
    kinds = ("trace.funds_arrived", "trace.funds_moved")
    return [
        (one["is_withdrawn"], one["block_state"], one["is_provisional"])
        for one in entries
        if one["kind"] in kinds
    ]


@pytest.mark.parametrize(
    ("depth", "quorum"),
    long_form([1, 1], [1, 2], [7, 2], [64, 1], more=[[7, 1], [32, 1], [32, 2], [64, 2]]),
)
def test_rollback_equals_fresh_apply(town: "Town", depth: int, quorum: int) -> None:
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF

    deepen(town, quorum)
    trace = town.trace(town.steal(100 * ETHER))
    town.follow()
    before = town.held(trace)
    assert before == {THIEF: 100 * ETHER}

    flight(town, depth, ETHER)
    town.follow()
    assert len(town.held(trace)) == depth + 1
    assert len(town.lines("trace.funds_arrived")) == 1

    town.drop(depth)
    town.send(THIEF, MULE, 3 * ETHER)
    town.mine(depth + 1)
    town.follow()
    assert town.held(trace) == {THIEF: 97 * ETHER, MULE: 3 * ETHER}
    assert EXCHANGE not in town.held(trace)
    assert town.lines("trace.funds_arrived") == []
    assert [line.entry.content["to_address"] for line in town.lines("trace.funds_moved")] == [MULE]
    assert len(town.lines("trace.alert_withdrawn")) == depth
    shown = alerts_shown(town)
    assert {one[:2] for one in shown if one[0]} == {(True, "orphaned")}
    assert [one[1:] for one in shown if not one[0]] == [("safe" if depth > 40 else "seen", True)]
    town.check()


def test_target_of_a_withdrawn_arrival_has_changed_evidence(town: "Town") -> None:
    from incidents.choices import Evidence
    from incidents.models import FreezeTarget
    from tests.tracing.watch.town import ETHER

    town.trace(town.steal())
    flight(town, 1, ETHER)
    town.follow()
    target = FreezeTarget.objects.get(request__incident=town.incident)
    assert (target.requested, target.evidence_state) == (ETHER, Evidence.STANDING)

    town.drop(1)
    town.mine(2)
    town.follow()
    target.refresh_from_db()
    assert (target.requested, target.evidence_state) == (0, Evidence.CHANGED)
    assert len(town.lines("freeze.evidence_changed")) == 1


def test_going_back_to_the_first_branch_tells_it_anew(town: "Town") -> None:
    from incidents.models import FreezeTarget
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF
    from tracing.models import Arrival, Block

    trace = town.trace(town.steal())
    flight(town, 2, ETHER)
    first = town.head_hash
    town.follow()
    town.drop(2)
    town.send(THIEF, MULE, ETHER)
    town.mine(3)
    town.follow()

    town.drop(3)
    flight(town, 2, ETHER)
    assert town.head_hash == first
    town.mine(2)
    town.follow()
    assert Block.objects.get(hash=first).times_adopted == 2
    assert set(town.held(trace)) == {THIEF, EXCHANGE, *mules(1)}
    assert len(town.lines("trace.funds_arrived")) == 1
    assert list(Arrival.objects.order_by("pk").values_list("is_withdrawn", flat=True)) == [
        True,
        False,
    ]
    assert FreezeTarget.objects.get(request__incident=town.incident).requested == ETHER
    town.check()

    town.drop(4)  # and away again: what was told for the second time is withdrawn too
    town.mine(5)
    town.follow()
    assert town.held(trace) == {THIEF: 100 * ETHER}
    assert town.lines("trace.funds_arrived") == []
    town.check()


def test_a_reorganisation_below_finality_is_refused_and_shown(town: "Town") -> None:
    from incidents.access import SYSTEM
    from incidents.ports import money
    from tests.tracing.watch.town import ETHER, FINAL_DEPTH, MULE, THIEF

    trace = town.trace(town.steal())
    town.send(THIEF, MULE, ETHER)
    town.mine(FINAL_DEPTH + 3)
    town.follow()
    kept, held = town.canonical(), town.held(trace)
    town.drop(FINAL_DEPTH + 2)
    town.send(THIEF, MULE, 2 * ETHER)
    town.mine(FINAL_DEPTH + 4)

    town.watcher.run(seconds=2)
    assert town.canonical() == kept
    assert town.held(trace) == held
    (state,) = money().watch_state(town.incident, SYSTEM).chains
    assert "which is final" in state.error
    assert state.applied_block == kept[-1][0]


def test_a_final_block_stays_final_after_a_shallow_reorganisation(town: "Town") -> None:
    """Two shallow ones in a row must not do together what one deep one may not."""
    from tests.tracing.watch.town import FINAL_DEPTH

    town.trace(town.steal())
    town.mine(FINAL_DEPTH + 10)
    town.follow()
    final = town.canonical()[: town.height - FINAL_DEPTH + 1]
    town.drop(FINAL_DEPTH - 1)
    town.mine(1)  # head and cursor are low now
    town.send("0x" + "c0" * 20, "0x" + "c1" * 20, 1)
    town.mine(1)
    assert town.watcher.step(town.source)
    town.drop(10)
    town.send("0x" + "c0" * 20, "0x" + "c1" * 20, 2)
    town.mine(FINAL_DEPTH + 20)
    town.watcher.run(seconds=2)
    assert town.canonical()[: len(final)] == final


def test_a_lagging_node_rolls_nothing_back(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.models import Block

    trace = town.trace(town.steal())
    town.send(THIEF, MULE, ETHER)
    town.mine(5)
    town.follow()
    kept, held = town.canonical(), town.held(trace)
    town.drop(4)  # the same chain, four blocks shorter
    town.follow()
    assert (town.canonical(), town.held(trace)) == (kept, held)
    town.mine(6)
    town.follow()
    assert not Block.objects.filter(state=Block.State.ORPHANED).exists()
    town.check()


def test_a_watcher_that_began_at_the_head_survives_a_reorganisation_of_it(town: "Town") -> None:
    from tracing.models import Chain

    town.mine(5)
    Chain.objects.filter(pk=town.chain.pk).update(cursor_number=None, cursor_hash="")
    town.take_over()
    town.watcher.run(seconds=0)  # notes where it begins
    assert town.canonical() == []
    town.drop(1)  # a node that lags behind the beginning
    town.follow()
    town.send("0x" + "c0" * 20, "0x" + "c1" * 20, 1)
    town.mine(3)  # and then is on another branch
    town.take_over()
    town.follow()
    assert town.canonical() == town.on_chain(first=town.canonical()[0][0])
    assert town.canonical()[-1][0] == town.height


def test_a_refused_finding_of_a_dropped_block_is_no_longer_shown_as_refused(town: "Town") -> None:
    from incidents.access import SYSTEM
    from incidents.ports import money
    from tests.tracing.watch.town import ETHER
    from tracing.models import Finding

    town.trace(town.steal())
    flight(town, 1, ETHER)
    town.follow()
    arrived = Finding.objects.filter(kind="trace.funds_arrived")
    arrived.update(state=Finding.State.PARKED, refusal="no")
    assert money().watch_state(town.incident, SYSTEM).parked_findings == 1
    town.drop(1)
    town.mine(2)
    town.follow()
    assert money().watch_state(town.incident, SYSTEM).parked_findings == 0
