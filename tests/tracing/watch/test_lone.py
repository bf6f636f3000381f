"""Who is always first with a block that nobody else has may be followed once, not every time."""

from typing import TYPE_CHECKING

import pytest

from tests.liars.faults import FakeBranch
from tests.liars.server import Server
from tests.tracing.watch.absent import away

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.tracing.watch.crowd import Crowd

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def crowd(cast: "Cast", server: Server, monkeypatch: pytest.MonkeyPatch) -> "Crowd":
    from tests.tracing.watch.crowd import gather
    from tracing.watch import lone

    monkeypatch.setattr(lone, "_overruled", {})
    return gather(server, "abc", cast, quorum=2)


def orphans(crowd: "Crowd") -> int:
    from tracing.models import Block

    return Block.objects.filter(chain=crowd.watcher.chain, state="orphaned").count()


def lead(crowd: "Crowd") -> None:
    """One operator is a made-up block ahead of the others; then they get theirs."""
    crowd.world.mine()
    crowd.follow_until(crowd.is_verified)
    crowd.operators["c"].do(FakeBranch(depth=0, more=1))
    crowd.hurry()


def test_a_block_that_one_has_waits_for_a_second_voice(crowd: "Crowd") -> None:
    lead(crowd)
    crowd.follow()
    assert len(crowd.hashes()) == crowd.world.head.number + 1
    crowd.operators["c"].stop()
    crowd.world.mine()
    crowd.hurry()
    crowd.follow_until(crowd.is_verified)
    assert orphans(crowd) == 0
    crowd.check()


def test_who_was_overruled_is_not_followed_alone_again(
    crowd: "Crowd", monkeypatch: pytest.MonkeyPatch
) -> None:
    from tracing.watch import lone

    monkeypatch.setattr(lone, "SECONDS", 0.0)  # whoever waits long enough is followed once
    for _ in range(3):
        lead(crowd)
        crowd.follow()
        crowd.world.mine()
        crowd.hurry()
        crowd.operators["c"].stop()
        crowd.follow_until(crowd.is_verified)
    assert orphans(crowd) == 1
    crowd.check()


def test_where_no_quorum_answers_nobody_waits(crowd: "Crowd") -> None:
    lead(crowd)
    away(crowd, "a", "b")
    crowd.hurry()
    crowd.follow()
    assert len(crowd.hashes()) == crowd.world.head.number + 2
    assert crowd.canonical()[-1].standing == "unverified"
