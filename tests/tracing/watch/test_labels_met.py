"""Labels and a live trace: one that contradicts a seed, and one that a party confirms meanwhile."""

from datetime import date
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town

pytestmark = pytest.mark.node

CHAIN = "eip155:31337"
VICTIM, THIEF, MULE = ("0x" + pair * 20 for pair in ("a1", "b0", "b1"))
ETHER = 10**18
AMBER, RED = "TLP:AMBER", "TLP:RED"


def label(town: "Town", address: str) -> None:
    from tracing.services import directory

    directory.ensure_label(
        town.chain, address, town.exchange, source="a list", dated=date(2026, 11, 21)
    )


def notes(town: "Town", address: str) -> list[str]:
    from tracing.services import labels

    return labels.account(town.cast.lead, town.incident, CHAIN, address).notes


def moved(town: "Town", sender: str, to: str, amount: int) -> None:
    town.send(sender, to, amount * ETHER)
    town.mine()
    town.follow()


def arrivals(town: "Town") -> set[str]:
    from tracing.models import Arrival

    return set(Arrival.objects.values_list("address", flat=True))


def test_the_seed_wins_over_a_later_label_of_its_receiver(town: "Town") -> None:
    trace = town.trace(town.steal())
    label(town, THIEF)
    moved(town, THIEF, MULE, 40)
    assert town.held(trace) == {THIEF: 60 * ETHER, MULE: 40 * ETHER}
    assert arrivals(town) == set()
    assert notes(town, THIEF) == [
        "The newest source counts.",
        "It contradicts a seed: stolen value was received here first. The seed wins, and what "
        "leaves is followed.",
    ]
    town.check()


def test_a_labelled_receiver_is_followed_once_the_label_is_rejected(town: "Town") -> None:
    from incidents.exceptions import BadInput
    from tracing.services import label_words

    label(town, THIEF)
    tx = town.steal()
    with pytest.raises(BadInput, match="correct the label first"):
        town.trace(tx)
    label_words.say(
        town.incident,
        CHAIN,
        THIEF,
        verdict="rejected",
        meaning="service:big-exchange",
        actor=town.cast.lead,
        marking=AMBER,
    )
    trace = town.trace(tx)
    moved(town, THIEF, MULE, 40)
    assert town.held(trace) == {THIEF: 60 * ETHER, MULE: 40 * ETHER}
    assert arrivals(town) == set()


def test_a_label_of_an_address_that_is_no_seed_holds(town: "Town") -> None:
    label(town, MULE)
    trace = town.trace(town.steal())
    moved(town, THIEF, MULE, 40)
    assert arrivals(town) == {MULE}
    assert town.held(trace) == {THIEF: 60 * ETHER, MULE: 40 * ETHER}
    assert notes(town, MULE) == ["The newest source counts."]


def test_an_exchange_that_was_robbed_is_an_exchange_still(town: "Town") -> None:
    label(town, VICTIM)
    town.trace(town.steal())
    moved(town, THIEF, VICTIM, 40)
    assert arrivals(town) == {VICTIM}
    assert notes(town, VICTIM)[1:] == [
        "Value was stolen from here. What comes back is taken to arrive here."
    ]


def test_a_confirmed_label_acts_on_later_blocks(town: "Town") -> None:
    from tracing.services import label_words

    trace = town.trace(town.steal())
    moved(town, THIEF, MULE, 10)
    label_words.say(
        town.incident,
        CHAIN,
        MULE,
        verdict="confirmed",
        meaning="service:big-exchange",
        actor=town.cast.analyst,
        marking=AMBER,
    )
    town.follow()
    assert arrivals(town) == set(), "history by block is not written again"
    moved(town, THIEF, MULE, 5)
    assert arrivals(town) == {MULE}
    assert town.held(trace) == {THIEF: 85 * ETHER, MULE: 15 * ETHER}
    (line,) = town.lines("trace.funds_arrived")
    assert line.subject == f"address:{CHAIN}:{MULE}"


def test_a_word_for_few_books_no_arrival(town: "Town") -> None:
    from incidents.services.timeline import Audience
    from tests.cast import person
    from tracing.services import label_words

    town.trace(town.steal())
    label_words.say(
        town.incident,
        CHAIN,
        MULE,
        verdict="confirmed",
        meaning="service:big-exchange",
        actor=town.cast.analyst,
        marking=RED,
        audience=Audience(people=[person(town.cast.analyst).pk]),
    )
    moved(town, THIEF, MULE, 5)
    assert arrivals(town) == set()
