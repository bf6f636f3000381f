"""What an endpoint did is in its row, however short the run in which it did it."""

from typing import TYPE_CHECKING

import pytest

from config.embedded import ports

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town
    from tracing.models import Endpoint

pytestmark = [pytest.mark.node, pytest.mark.django_db]


def row_of(town: "Town") -> "Endpoint":
    from tracing.models import Endpoint

    return Endpoint.objects.get(chain=town.chain)


def test_one_that_is_down_says_so_after_a_run_of_moments(town: "Town") -> None:
    town.trace(town.steal())
    town.take_over(f"http://127.0.0.1:{ports.any_free()}")
    town.watcher.run(seconds=30)  # ends at once: there is nobody else to ask
    row = row_of(town)
    assert (row.last_error, row.errors_in_row) == ("the endpoint cannot be reached", 1)
    assert row.retry_at is not None

    town.take_over(town.node.url)
    town.watcher.run(seconds=0.5)
    row = row_of(town)
    assert (row.last_error, row.errors_in_row, row.retry_at) == ("", 0, None)
    assert row.head_number == town.height
    assert row.latency_ms
