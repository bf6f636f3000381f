"""What the page of chains draws: blocks and transfers by the minute, and the worst lag of each."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.node, pytest.mark.django_db]


def test_a_watcher_counts_what_it_applies_and_forgets_what_is_old(town: "Town") -> None:
    from django.utils import timezone

    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.models import ChainSample
    from tracing.watch.samples import Sampler

    town.trace(town.steal())
    town.follow()
    now = timezone.now().replace(second=0, microsecond=0)
    chain = town.chain
    for hours in (1, 25):
        ChainSample.objects.create(chain=chain, minute=now - timedelta(hours=hours), blocks=1)
    samples = Sampler(chain.pk)
    samples.flush()
    town.send(THIEF, MULE, ETHER)
    town.mine(3)
    town.follow()
    samples.take()  # too early: nothing is written
    rows = ChainSample.objects.filter(chain=chain, minute__gte=now)
    assert sum(row.blocks for row in rows) == 0
    samples.flush()
    assert [sum(row.blocks for row in rows.all()), sum(row.transfers for row in rows.all())] == [
        3,
        1,
    ]
    # Two blocks are dropped and the chain goes on: what was taken back is not counted off.
    town.drop(2)
    town.mine()
    town.follow()
    samples.flush()
    assert sum(row.blocks for row in rows.all()) == 3
    assert not ChainSample.objects.filter(minute__lt=now - timedelta(hours=24)).exists()
    assert ChainSample.objects.filter(minute=now - timedelta(hours=1)).exists()


def test_a_running_watcher_takes_samples(town: "Town", monkeypatch: pytest.MonkeyPatch) -> None:
    from tracing.models import ChainSample
    from tracing.watch import samples

    monkeypatch.setattr(samples, "FLUSH_SECONDS", 0.0)
    town.trace(town.steal())
    town.mine(4)
    town.watcher.run(seconds=2)
    assert sum(row.blocks for row in ChainSample.objects.all()) >= 4
    assert {row.lag_blocks for row in ChainSample.objects.all()} <= set(range(6))


def test_a_head_that_somebody_made_up_is_drawn_as_the_worst_lag(db: None) -> None:
    from tracing.models import Chain, ChainSample
    from tracing.watch.samples import MOST_LAG, Sampler

    chain = Chain.objects.create(
        caip2="eip155:1", name="Ethereum", cursor_number=5, head_number=2**53
    )
    Sampler(chain.pk).flush()
    assert [row.lag_blocks for row in ChainSample.objects.filter(chain=chain)] == [MOST_LAG]
