"""US dollars at the time of the theft: said by people, or read from a feed on the chain."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.handmade import program, returns

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.node, pytest.mark.django_db]

FEED = "0x" + "fe" * 20


def word(value: int) -> bytes:
    return value.to_bytes(32, signed=value < 0)


def feed(town: "Town", answer: int, updated: int) -> None:
    """An aggregator as Chainlink deploys them: round, answer, started, updated, answered in."""
    told = b"".join(map(word, (7, answer, updated, updated, 7)))
    code = program({"feaf968c": returns(told), "313ce567": returns(word(8))})
    town.node.call("anvil_setCode", FEED, code)


def arrive(town: "Town") -> Any:
    from incidents.models import FreezeTarget
    from tests.tracing.watch.town import ETHER, EXCHANGE, THIEF

    town.send(THIEF, EXCHANGE, ETHER)
    town.mine()
    town.follow()
    return FreezeTarget.objects.select_related("request").get(address=EXCHANGE)


def quotes(target: Any) -> tuple[str, str]:
    target.refresh_from_db()
    return target.usd_price, target.usd_price_source


def test_feed_is_read_at_the_block_of_the_theft(town: "Town", settings: Any) -> None:
    from tests.tracing.watch.town import GENESIS_TIME, NATIVE
    from tracing.services import prices

    feed(town, 183425_000000, GENESIS_TIME - 60)
    settings.PRICE_FEEDS = {NATIVE: FEED}
    town.trace(town.steal())
    town.follow()
    town.mine(2)
    feed(town, 1_00000000, GENESIS_TIME - 30)  # what it says later is not asked
    assert [prices.read_feeds(), prices.read_feeds()] == [1, 0]
    price, source = quotes(arrive(town))
    assert price == "1834.25000000"
    assert source.startswith(f"Chainlink feed {FEED} at block ")


@pytest.mark.parametrize("answer", [0, -1])
def test_feed_that_makes_no_sense_is_not_believed(town: "Town", settings: Any, answer: int) -> None:
    from tests.tracing.watch.town import GENESIS_TIME, NATIVE
    from tracing.services import prices

    feed(town, answer, GENESIS_TIME - 60)
    settings.PRICE_FEEDS = {NATIVE: FEED}
    town.trace(town.steal())
    town.follow()
    assert prices.read_feeds() == 0
    assert quotes(arrive(town)) == ("", "")


def test_nearest_quote_counts_and_drafts_follow_it(town: "Town") -> None:
    from incidents.exceptions import BadInput, NotYours
    from incidents.services import freezes
    from tests.tracing.watch.town import NATIVE
    from tracing.services import prices

    town.trace(town.steal())
    town.follow()
    stolen = prices.stolen_at(town.incident)
    assert stolen is not None
    cast = town.cast
    target = arrive(town)

    def say(usd: str, minutes: int) -> None:
        at = stolen - timedelta(minutes=minutes)
        prices.put(town.incident, NATIVE, usd, at, f"{minutes} min before", actor=cast.analyst)

    say("1800", 30)
    assert quotes(target) == ("1800", "30 min before")
    say("1834.250", 5)
    say("1700", 60)
    assert quotes(target) == ("1834.250", "5 min before")
    say("9", 60 * 48)
    freezes.approve(target.request, actor=cast.lead)
    say("1835", 1)
    assert quotes(target) == ("1834.250", "5 min before")
    for wrong in ("0", "-1", "NaN", "1e999", "many"):
        with pytest.raises(BadInput):
            say(wrong, 1)
    with pytest.raises(NotYours):
        prices.put(town.incident, NATIVE, "1", stolen, "me", actor=cast.white_hat)
