"""A room hears once when a chain that it follows is not verified, and once when it is again."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.liars.server import Server
from tests.tracing.watch.absent import away

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.tracing.watch.crowd import Crowd

pytestmark = [pytest.mark.django_db]
BEGAN, ENDED = "trace.chain_not_verified", "trace.chain_verified_again"


@pytest.fixture
def crowd(cast: "Cast", server: Server) -> "Crowd":
    from tests.tracing.watch.crowd import gather

    return gather(server, "ab", cast, quorum=2)


def look(crowd: "Crowd") -> None:
    """As if the pause between two looks were over."""
    crowd.follow()
    crowd.watcher.notices._look_at = 0.0
    crowd.follow()


def test_a_room_hears_once_of_an_episode_and_once_of_its_end(crowd: "Crowd", settings: Any) -> None:
    trace = crowd.trace()
    crowd.follow()
    away(crowd, "b")
    crowd.world.mine(2)
    look(crowd)
    assert crowd.lines(BEGAN) == []  # it may pass

    settings.NOT_VERIFIED_GRACE_SECONDS = 0
    look(crowd)
    crowd.take_over()  # the next watcher knows what was told
    crowd.world.mine()
    look(crowd)
    (line,) = crowd.lines(BEGAN)
    since = crowd.row().unverified_since
    assert since is not None
    expected = (
        f"Made-up is not verified since {since:%H:%M} UTC (1 operator answers, 2 must agree)."
    )
    from incidents.serialized import entry_json

    told = entry_json(line)
    assert (told["headline"], told["is_alert"], told["is_provisional"]) == (expected, True, False)
    assert line.marking == trace.marking

    crowd.operators["b"].stop()
    crowd.follow_until(crowd.is_verified)
    look(crowd)
    look(crowd)
    (line,) = crowd.lines(ENDED)
    top = crowd.world.head.number
    expected = f"Made-up is verified again, up to block {top}. It was not since {since:%H:%M} UTC."
    assert entry_json(line)["headline"] == expected
    assert crowd.row().told_since is None


def test_silence_of_all_endpoints_is_told_too(crowd: "Crowd", settings: Any) -> None:
    from incidents.serialized import entry_json
    from tracing.models import Chain

    crowd.trace()
    crowd.follow()
    away(crowd, "a", "b")
    long_ago = crowd.row().verified_at - timedelta(seconds=90)  # type: ignore[operator]
    Chain.objects.filter(pk=crowd.chain.pk).update(verified_at=long_ago)
    crowd.watcher.run(seconds=1)
    crowd.take_over()
    crowd.watcher.run(seconds=1)
    (line,) = crowd.lines(BEGAN)
    assert entry_json(line)["headline"].endswith("UTC: no endpoint answers.")

    crowd.operators["a"].stop()
    crowd.operators["b"].stop()
    crowd.take_over()
    crowd.world.mine()
    crowd.follow_until(crowd.is_verified)
    look(crowd)
    assert len(crowd.lines(ENDED)) == 1


def test_rooms_that_do_not_follow_the_chain_hear_nothing(crowd: "Crowd", settings: Any) -> None:
    from incidents.models import TimelineEntry

    settings.NOT_VERIFIED_GRACE_SECONDS = 0
    away(crowd, "b")
    crowd.world.mine(2)
    look(crowd)
    assert crowd.row().unverified_since is not None
    assert not TimelineEntry.objects.filter(kind=BEGAN).exists()
