"""How many queries a block costs: it must not grow with the number of followed addresses."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.node, pytest.mark.django_db]

# A growth is a decision.
QUIET = 22
WITH_A_MOVE = 48


@pytest.fixture(autouse=True)
def health_is_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """How endpoints are is written by the clock, every two seconds: no part of a block's cost."""
    from tracing.services import endpoint_health

    monkeypatch.setattr(endpoint_health, "WRITE_EVERY", 3600.0)


def queries_of_a_step(town: "Town") -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert town.watcher.step(town.source)
    return len(captured)


def spread(town: "Town", count: int) -> None:
    """The thief pays so many mules, in one block."""
    from tests.tracing.watch.town import ETHER, THIEF

    for number in range(count):
        town.send(THIEF, f"0x{0xD000 + number:040x}", ETHER)
    town.mine()
    town.follow()


def test_a_quiet_block_costs_the_same_whoever_is_followed(town: "Town") -> None:
    town.trace(town.steal())
    town.follow()
    costs = []
    for mules in (1, 40):
        spread(town, mules)
        town.mine()
        costs.append(queries_of_a_step(town))
    assert costs == [QUIET, QUIET]


def test_a_block_with_one_move_costs_the_same_whoever_is_followed(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER, THIEF

    town.trace(town.steal())
    town.follow()
    costs = []
    for mules in (1, 40):
        spread(town, mules)
        town.send(THIEF, f"0x{0xE000 + mules:040x}", ETHER)
        town.mine()
        costs.append(queries_of_a_step(town))
    assert costs == [WITH_A_MOVE, WITH_A_MOVE]


def test_a_chain_at_rest_asks_the_database_seldom(town: "Town") -> None:
    """Of many chains in one worker most are at rest most of the time."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tracing.watch import heads

    town.mine(3)
    town.follow()
    with CaptureQueriesContext(connection) as captured:
        town.watcher.run(seconds=2)
    looks = [query for query in captured if query["sql"].startswith('SELECT 1 AS "a" FROM "trac')]
    assert 1 <= len(looks) <= 1 + 2 / heads.LOOK_AROUND
