"""A trace that begins in the past comes to what live following gives; rooms do not disturb each
other."""

from typing import TYPE_CHECKING, Any

import pytest

from incidents.choices import Marking

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town
    from tracing.models import Trace

pytestmark = [pytest.mark.node, pytest.mark.django_db]


def rows(trace: "Trace") -> dict[str, list[Any]]:
    """What was found of a trace, without surrogate keys."""
    from tracing.models import Arrival, Exposure, Finding, Hop, Undo

    def of(model: Any, *fields: str) -> list[Any]:
        return sorted(model.objects.filter(trace=trace).values_list(*fields), key=str)

    return {
        "exposures": of(Exposure, "address", "asset", "kind", "state", "tainted", "depth"),
        "undo": of(Undo, "block_number", "accounts"),
        "hops": of(Hop, "key", "prev_key", "kind", "to_address", "amount_to", "depth"),
        "arrivals": of(Arrival, "key", "address", "amount", "is_withdrawn"),
        "findings": sorted(
            Finding.objects.filter(trace=trace)
            .exclude(kind="trace.caught_up")
            .values_list("key", "kind", "state", "payload"),
            key=str,
        ),
    }


def chase(town: "Town") -> None:
    """A flight with a split, an arrival and a move by a council."""
    from tests.tracing.watch.town import COUNCIL, ETHER, EXCHANGE, MULE, STRANGER, THIEF

    town.send(THIEF, MULE, 30 * ETHER)
    town.mine()
    town.send(STRANGER, MULE, 5 * ETHER)
    town.mine()
    town.send(MULE, EXCHANGE, 10 * ETHER)
    town.mine()
    town.move_by_state(THIEF, COUNCIL, 40 * ETHER)
    town.mine()


def test_backfill_equals_live_following(town: "Town") -> None:
    from tests.tracing.watch.town import COUNCIL, ETHER, EXCHANGE, MULE, THIEF
    from tracing.models import Trace

    tx = town.steal()
    live = town.trace(tx)
    town.follow()
    chase(town)
    town.follow()
    assert town.held(live) == {
        THIEF: 30 * ETHER,
        MULE: 20 * ETHER,
        EXCHANGE: 10 * ETHER,
        COUNCIL: 40 * ETHER,
    }
    another = town.another_room()
    late = town.trace(tx, another)
    town.follow()
    assert rows(late) == rows(live)
    assert Trace.objects.get(pk=late.pk).is_live
    assert len(town.lines("trace.caught_up", another)) == 1
    assert len(town.lines("freeze.drafted", another)) == 1
    town.check()


def test_backfill_alone_books_a_move_by_state(town: "Town") -> None:
    """Nobody followed when it happened: the blocks are new to the database."""
    from tests.tracing.watch.town import COUNCIL, ETHER
    from tracing.models import Chain

    tx = town.steal()
    chase(town)
    Chain.objects.filter(pk=town.chain.pk).update(cursor_number=None, cursor_hash="")
    town.take_over()
    town.watcher.run(seconds=0)
    town.take_over()
    trace = town.trace(tx)
    town.follow()
    assert town.held(trace)[COUNCIL] == 40 * ETHER
    assert [line.entry.content["how"] for line in town.lines("trace.funds_secured")] == ["custody"]


def test_a_gain_that_transactions_explain_is_no_move_by_state(town: "Town") -> None:
    from tests.tracing.watch.town import COUNCIL, ETHER, STRANGER, THIEF

    trace = town.trace(town.steal())
    town.send(STRANGER, COUNCIL, 7 * ETHER)
    town.mine()
    town.follow()
    assert town.held(trace) == {THIEF: 100 * ETHER}


def test_two_rooms_and_two_thefts_on_one_chain_do_not_disturb_each_other(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF

    another, other_thief = town.another_room(), "0x" + "bb" * 20
    first = town.steal(100 * ETHER)
    same, one = town.trace(first, another), town.trace(first)
    other = town.trace(town.steal(50 * ETHER, by=other_thief), another)
    town.send(THIEF, EXCHANGE, ETHER)
    town.send(other_thief, MULE, 2 * ETHER)
    town.mine()
    town.follow()
    assert rows(same) == rows(one)
    assert town.held(one) == {THIEF: 99 * ETHER, EXCHANGE: ETHER}
    assert town.held(other) == {other_thief: 48 * ETHER, MULE: 2 * ETHER}

    town.drop(1)
    town.send(THIEF, MULE, 3 * ETHER)
    town.mine(2)
    town.follow()
    assert rows(same) == rows(one)
    assert town.held(one) == {THIEF: 97 * ETHER, MULE: 3 * ETHER}
    assert town.held(other) == {other_thief: 50 * ETHER}
    town.check()


def test_a_reorganisation_in_the_middle_of_a_backfill(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.watch import backfill

    tx = town.steal()
    town.send(THIEF, MULE, ETHER)
    town.mine(6)
    town.follow()
    trace = town.trace(tx)
    monkeypatch.setattr(backfill, "BATCH", 4)
    assert town.watcher.step(town.source)
    town.drop(5)
    town.send(THIEF, MULE, 2 * ETHER)
    town.mine(7)
    town.follow()
    assert town.held(trace) == {THIEF: 97 * ETHER, MULE: 3 * ETHER}
    town.check()


def test_a_watcher_that_is_behind_shows_how_far(town: "Town") -> None:
    from incidents.access import SYSTEM
    from incidents.ports import money

    town.trace(town.steal())
    town.mine(4)
    assert town.watcher.step(town.source)
    (state,) = money().watch_state(town.incident, SYSTEM).chains
    assert (state.applied_block, state.head) == (0, town.height)


def test_a_further_seed_of_the_past_joins_a_live_trace_without_touching_it(town: "Town") -> None:
    """A theft that nobody had noticed, before and beside the one that is followed live."""
    from incidents.exceptions import WrongState
    from incidents.ports import money
    from tests.tracing.watch.town import ETHER, MULE, THIEF

    earlier = town.steal(40 * ETHER, by=MULE)
    live = town.trace(town.steal())
    chase(town)
    town.follow()
    before, told = rows(live), len(town.lines("trace.funds_moved"))
    further = town.trace(earlier)
    assert not further.is_live
    (past,) = money().watch_state(town.incident, town.cast.lead).backfills
    assert (past.done, past.total) == (0, town.height)
    town.follow()
    assert rows(live) == before
    assert sum(town.held(further).values()) == 40 * ETHER
    assert money().strips(town.incident, town.cast.lead)[0].stolen == 140 * ETHER
    assert len(town.lines("trace.funds_moved")) >= told
    assert [line.withdrawn_by_id for line in town.lines("trace.alert_withdrawn")] == []
    with pytest.raises(WrongState, match="followed already"):
        town.trace(earlier)
    assert THIEF in town.held(live)
    town.check()


def test_broken_off_at_random_it_comes_to_the_same(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any commit the transaction is lost, or all that the process knew right after it."""
    import random

    from tests.tracing.watch.town import CHAIN, MULE
    from tracing.models import Trace
    from tracing.services import lookbacks
    from tracing.watch import backfill
    from tracing.watch.lease import Lease

    class GoneError(Exception):
        """As if the process had been killed."""

    tx = town.steal()
    live = town.trace(tx)
    chase(town)
    town.mine(12)
    town.follow()
    late = town.trace(tx, town.another_room())
    row = lookbacks.ask(town.incident, CHAIN, MULE, 0, actor=town.cast.lead, marking=Marking.AMBER)
    monkeypatch.setattr(backfill, "BATCH", 3)
    chance, write, gone = random.Random(4), Lease.write, 0

    def written(self: Lease, **changes: object) -> None:
        write(self, **changes)
        if chance.random() < 0.4:
            raise GoneError

    monkeypatch.setattr(Lease, "write", written)
    for _ in range(200):
        try:
            town.follow()
        except GoneError:
            gone += 1
            town.take_over()
            continue
        break
    assert gone > 10
    assert rows(late) == rows(live)
    assert Trace.objects.get(pk=late.pk).is_live
    assert [(t.block_number, int(t.amount)) for t in lookbacks.lines(row, 10)][::-1] == [
        (2, 30 * 10**18),
        (3, 5 * 10**18),
        (4, 10 * 10**18),
    ]
    town.check()
