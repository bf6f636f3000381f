"""Every decoder on both sides, by its published topics; and what nobody may slip past it."""

from collections.abc import Callable

import pytest

from tests.tracing.bridges.more_samples import MORE
from tests.tracing.bridges.rollup_samples import ROLLUPS
from tests.tracing.bridges.samples import SAMPLES, Sample
from tracing.bridges import Receipt, departures, landings, registry
from tracing.core.crossings import Certainty, Seen, match

ALL = [*SAMPLES, *MORE, *ROLLUPS]
BOTH = [sample for sample in ALL if sample().far is not None]

sample_of = pytest.mark.parametrize("make", ALL, ids=lambda make: make.__name__)
both_of = pytest.mark.parametrize("make", BOTH, ids=lambda make: make.__name__)
Make = Callable[[], Sample]


@sample_of
def test_departure_says_who_what_and_where_to(make: Make) -> None:
    sample = make()
    found, refused = departures(sample.near)
    assert refused == []
    (left,) = found
    assert {name: getattr(left, name) for name in sample.left} == sample.left
    assert (left.bridge, left.chain, left.tx) == (sample.slug, sample.near.chain, sample.near.tx)
    assert bool(left.data_request) == (not left.to_address) or left.bridge in ("orbiter", "lifi")
    assert len(left.match_key) <= 200


@both_of
def test_landing_says_who_received_what(make: Make) -> None:
    sample = make()
    assert sample.far is not None
    found, refused = landings(sample.far)
    assert refused == []
    (came,) = found
    assert {name: getattr(came, name) for name in sample.came} == sample.came
    assert (came.bridge, came.chain, came.tx) == (sample.slug, sample.far.chain, sample.far.tx)


@both_of
def test_both_sides_share_a_key_and_are_certain(make: Make) -> None:
    sample = make()
    assert sample.far is not None
    (left,) = departures(sample.near).found
    (came,) = landings(sample.far).found
    (one,) = match(left, 1000, [Seen(came, 1060)])
    assert (one.certainty, one.confidence) == (Certainty.CERTAIN, 100)


@sample_of
def test_logs_of_an_attackers_contract_are_no_departure(make: Make) -> None:
    """The same words from another contract: nothing left, and nothing is refused either."""
    sample = make()
    evil = "0x" + "66" * 20
    logs = [type(log)(evil, log.topics, log.data, log.tx, log.index) for log in sample.near.logs]
    assert departures(Receipt(sample.near.chain, sample.near.tx, evil, evil, logs)) == ([], [])


@both_of
def test_logs_of_an_attackers_contract_are_no_landing(make: Make) -> None:
    sample = make()
    assert sample.far is not None
    evil = "0x" + "66" * 20
    logs = [type(log)(evil, log.topics, log.data, log.tx, log.index) for log in sample.far.logs]
    assert landings(Receipt(sample.far.chain, sample.far.tx, evil, evil, logs)) == ([], [])


def test_every_bridge_has_a_sample() -> None:
    known = {make().slug for make in ALL} | {"thorchain", "maya", "squid"}  # tested on their own
    assert known == set(registry())
