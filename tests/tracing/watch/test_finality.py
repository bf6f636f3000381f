"""Blocks grow old by what a quorum has, never above one that it does not vouch for; what a rollback
needs is kept until then, and no longer."""

from typing import TYPE_CHECKING

import pytest

from tests.liars.faults import StaleHead
from tests.liars.server import Server

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.tracing.watch.crowd import Crowd
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def crowd(cast: "Cast", server: Server) -> "Crowd":
    from tests.tracing.watch.crowd import gather

    return gather(server, "abc", cast, quorum=2, final_depth=10)


def states(crowd: "Crowd") -> dict[str, list[int]]:
    """Heights by state."""
    found: dict[str, list[int]] = {"seen": [], "safe": [], "final": []}
    for row in crowd.canonical():
        found[row.state].append(row.number)
    return found


def test_a_block_is_safe_at_half_the_depth_and_final_at_all_of_it(crowd: "Crowd") -> None:
    crowd.world.mine(20)
    crowd.follow()
    top = crowd.world.head.number
    assert states(crowd) == {
        "final": list(range(top - 9)),
        "safe": list(range(top - 9, top - 4)),
        "seen": list(range(top - 4, top + 1)),
    }
    assert crowd.row().final_number == top - 10


def test_nothing_above_an_unverified_block_grows_old(crowd: "Crowd") -> None:
    from tracing.models import Block
    from tracing.watch.finality import Heights, advance

    crowd.world.mine(6 - crowd.world.head.number)
    crowd.follow()
    chain, lease = crowd.watcher.chain, crowd.watcher.lease
    chain.final_depth = 1
    fifth = Block.objects.filter(chain=chain, number=5)
    fifth.update(standing="unverified")
    assert advance(chain, lease, Heights(6))
    assert states(crowd) == {"final": list(range(5)), "safe": [], "seen": [5, 6]}
    assert not advance(chain, lease, Heights(1000))

    fifth.update(standing="logs")
    assert advance(chain, lease, Heights(6))
    assert states(crowd) == {"final": list(range(6)), "safe": [6], "seen": []}


def test_traces_that_nobody_keeps_any_more_are_waited_for_no_longer(crowd: "Crowd") -> None:
    from tracing.models import Block
    from tracing.watch import finality

    crowd.world.mine(6 - crowd.world.head.number)
    crowd.follow()
    chain, lease = crowd.watcher.chain, crowd.watcher.lease
    chain.final_depth = 1
    Block.objects.filter(chain=chain, number=2).update(standing="logs")
    assert finality.advance(chain, lease, finality.Heights(6, may_trace=True))
    assert chain.final_number == 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finality, "LATE_TRACES", 2)
        assert finality.advance(chain, lease, finality.Heights(6, may_trace=True))
    assert chain.final_number == 3


def test_one_high_head_makes_nothing_old(crowd: "Crowd") -> None:
    """The k-th highest counts: of two honest ones that lag, the lower."""
    crowd.world.mine(20)
    crowd.operators["a"].do(StaleHead(by=12))
    crowd.operators["b"].do(StaleHead(by=12))
    crowd.follow()
    assert crowd.row().final_number == crowd.world.head.number - 22


def test_a_chain_by_tag_is_final_where_a_quorum_calls_it_finalized(
    crowd: "Crowd", monkeypatch: pytest.MonkeyPatch
) -> None:
    from tracing.chains.pool import Pool
    from tracing.models import Chain

    real, finalized = Pool.agreed_head, [None]

    def agreed_head(pool: Pool, tag: str = "latest") -> int | None:
        return finalized[0] if tag == "finalized" else real(pool, tag)

    monkeypatch.setattr(Pool, "agreed_head", agreed_head)
    Chain.objects.filter(pk=crowd.chain.pk).update(finality="tag")
    crowd.take_over()
    crowd.world.mine(20)
    crowd.follow()
    assert crowd.row().final_number is None  # too few tell

    for told in (7, 22):  # the tag alone makes nothing final
        finalized[0] = told  # type: ignore[call-overload]
        crowd.take_over()
        crowd.world.mine()
        crowd.follow()
        assert crowd.row().final_number == min(told, crowd.world.head.number - 10)


@pytest.mark.node
def test_undo_is_forgotten_below_final_and_any_depth_above_is_still_undone(town: "Town") -> None:
    from tests.tracing.watch.test_reorgs import flight
    from tests.tracing.watch.town import ETHER, FINAL_DEPTH, MULE, THIEF
    from tracing.models import Chain, RangeUndo, Undo

    trace = town.trace(town.steal())
    flight(town, FINAL_DEPTH + 5, ETHER // 100)
    town.follow()
    final = Chain.objects.get(pk=town.chain.pk).final_number
    assert final == town.height - FINAL_DEPTH
    for table in (Undo, RangeUndo):
        kept = table.objects.order_by("block_number").values_list("block_number", flat=True)
        assert list(kept.distinct()) == list(range(final + 1, town.height + 1))

    town.drop(FINAL_DEPTH)  # down to the highest final block
    town.send(THIEF, MULE, ETHER)
    town.mine(FINAL_DEPTH + 1)
    town.follow()
    assert town.held(trace)[MULE] == ETHER
    town.check()


def test_a_turn_prunes_no_more_than_its_bound(crowd: "Crowd") -> None:
    from tracing.models import Undo
    from tracing.watch import finality

    trace = crowd.trace()
    crowd.world.mine(20)
    crowd.follow()
    Undo.objects.filter(trace=trace).delete()
    Undo.objects.bulk_create(Undo(trace=trace, block_number=n, accounts=[]) for n in range(-7, 1))
    chain = crowd.row()
    assert finality.prune(chain, 5)
    assert Undo.objects.filter(trace=trace).count() == 3
    assert not finality.prune(chain, 5)
    assert not Undo.objects.filter(trace=trace).exists()
