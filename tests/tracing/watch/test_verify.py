"""A quorum of two among three: who lies, lags or is away moves nothing, stalls nothing, and nothing
is called verified that two did not say. Once they are back, everything is."""

from typing import TYPE_CHECKING

import pytest

from tests.effort import long_form
from tests.liars.faults import FakeBranch, StaleHead
from tests.liars.forgeries import forgery
from tests.liars.server import Server
from tests.tracing.watch.absent import away

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.tracing.watch.crowd import Crowd

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def crowd(cast: "Cast", server: Server) -> "Crowd":
    from tests.tracing.watch.crowd import gather

    return gather(server, "abc", cast, quorum=2)


def test_two_of_three_verify_every_block(crowd: "Crowd") -> None:
    crowd.trace()
    crowd.world.mine(5)
    crowd.follow()
    assert crowd.is_verified()
    row = crowd.row()
    assert (row.verified_number, row.unverified_since) == (crowd.world.head.number, None)
    assert all(len(block.operators) >= 2 for block in crowd.canonical())
    crowd.check()


def test_one_of_two_goes_on_unverified_and_is_verified_later(crowd: "Crowd") -> None:
    trace = crowd.trace()
    crowd.follow()
    verified = crowd.row().verified_number
    away(crowd, "b", "c")
    crowd.world.mine(12)
    crowd.hurry()
    crowd.follow()
    row = crowd.row()
    assert row.cursor_hash == crowd.world.head.name
    assert row.verified_number == verified
    assert row.unverified_since is not None
    assert {block.standing for block in crowd.canonical()[-12:]} == {"unverified"}
    held = crowd.held(trace)

    crowd.operators["b"].stop()
    crowd.follow_until(crowd.is_verified)
    assert crowd.row().verified_number == crowd.world.head.number
    assert crowd.held(trace) == held
    assert crowd.lines("trace.alert_withdrawn") == []
    crowd.check()


def test_what_a_liar_told_alone_is_replaced(crowd: "Crowd") -> None:
    crowd.trace()
    crowd.world.mine(3)
    crowd.follow()
    away(crowd, "a", "b")
    crowd.operators["c"].do(FakeBranch(depth=2, more=3))
    crowd.world.mine(10)
    crowd.hurry()
    crowd.follow()
    assert "verified" not in {block.standing for block in crowd.canonical()[4:]} - {"verified"}
    crowd.operators["a"].stop()
    crowd.operators["b"].stop()
    crowd.follow_until(crowd.is_verified)
    crowd.check()


def test_a_liar_among_three_neither_moves_nor_stalls_the_watcher(crowd: "Crowd") -> None:
    crowd.trace()
    crowd.world.mine(3)
    crowd.follow()
    crowd.operators["c"].do(FakeBranch(depth=3, more=50))
    for _ in range(5):
        crowd.world.mine()
        crowd.follow_until(
            lambda: crowd.hashes()[: crowd.world.head.number + 1] == crowd.true_hashes()
        )
    assert len(crowd.hashes()) <= crowd.world.head.number + 2
    crowd.operators["c"].stop()
    crowd.follow_until(crowd.is_verified)
    crowd.check()


def test_a_shorter_chain_of_one_rolls_nothing_back(crowd: "Crowd") -> None:
    crowd.world.mine(6)
    crowd.follow()
    crowd.operators["c"].do(StaleHead(by=4))
    before = crowd.hashes()
    crowd.hurry()
    crowd.follow()
    assert crowd.hashes() == before
    assert crowd.is_verified()


@pytest.mark.parametrize("depth", long_form(1, 32, more=[7, 64]))
def test_a_reorganisation_that_a_quorum_tells_is_followed(crowd: "Crowd", depth: int) -> None:
    crowd.trace()
    crowd.world.mine(66)
    crowd.follow()
    crowd.operators["c"].held = crowd.world.head  # it stays on the branch that is left
    crowd.world.reorganise(depth, more=1)
    crowd.follow_until(crowd.is_verified)
    crowd.check()
    crowd.operators["c"].held = None
    crowd.follow()
    crowd.check()


def test_a_reorganisation_that_one_tells_is_not_followed(crowd: "Crowd") -> None:
    crowd.trace()
    crowd.world.mine(20)
    crowd.follow()
    before = crowd.hashes()
    crowd.operators["c"].do(FakeBranch(depth=8, more=1))
    crowd.hurry()
    crowd.follow()
    assert crowd.hashes()[: len(before)] == before
    assert crowd.is_verified()


def test_a_block_waits_for_traces_that_a_quorum_can_tell(cast: "Cast", server: Server) -> None:
    """One of the two tracers told other traces for longer than the chain takes to be final."""
    from tests.tracing.watch.crowd import gather

    crowd = gather(server, "ab", cast, quorum=2, final_depth=10)
    crowd.trace()
    crowd.operators["b"].do(forgery("missing-trace"))
    crowd.world.mine(30)
    crowd.hurry()
    crowd.follow()
    left = [row.number for row in crowd.canonical() if row.standing == "logs"]
    assert min(left) < crowd.world.head.number - 10
    assert crowd.row().final_number == min(left) - 1
    crowd.operators["b"].stop()
    crowd.follow_until(crowd.is_verified)
    assert crowd.row().final_number == crowd.world.head.number - 10
    crowd.check()


def test_no_block_waits_for_traces_that_no_quorum_can_tell(cast: "Cast", server: Server) -> None:
    from tests.tracing.watch.crowd import gather

    crowd = gather(server, "ab", cast, quorum=2, final_depth=10)
    crowd.trace()
    crowd.operators["b"].tracer = ""
    crowd.world.mine(30)
    crowd.hurry()
    crowd.follow()
    assert "logs" in crowd.standings()
    assert crowd.row().final_number == crowd.world.head.number - 10


def test_who_contradicts_a_final_block_is_put_into_quarantine(cast: "Cast", server: Server) -> None:
    from tests.tracing.watch.crowd import gather
    from tracing.models import Quarantine

    crowd = gather(server, "abc", cast, quorum=2, final_depth=10)
    crowd.trace()
    crowd.world.mine(30)
    crowd.follow()
    final = crowd.row().final_number
    assert final == crowd.world.head.number - 10
    before = crowd.hashes()
    crowd.operators["c"].do(FakeBranch(depth=25, more=1))
    crowd.watcher.recheck_at = 0.0
    crowd.follow()
    assert crowd.hashes()[: len(before)] == before
    (found,) = Quarantine.objects.all()
    assert (found.endpoint.operator, found.kind) == ("c", "final-block")
    crowd.world.mine(3)
    crowd.follow()
    assert crowd.is_verified()
    crowd.check()
