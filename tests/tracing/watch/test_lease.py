"""One chain, one writer: a lease with an epoch that every writing transaction checks."""

import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.node, pytest.mark.django_db]


def test_a_second_claimant_is_refused_until_the_lease_runs_out(town: "Town") -> None:
    from django.utils import timezone

    from tracing.models import Chain
    from tracing.watch import lease as leases

    assert leases.claim(town.chain.pk) is None
    assert leases.idle_chains() == []
    past = timezone.now() - timedelta(seconds=1)
    Chain.objects.filter(pk=town.chain.pk).update(lease_until=past)
    assert leases.idle_chains() == [town.chain.pk]
    taken = leases.claim(town.chain.pk)
    assert taken is not None
    assert taken.epoch == town.watcher.lease.epoch + 1


def test_a_released_lease_is_free_at_once(town: "Town") -> None:
    from tracing.watch import lease as leases

    town.watcher.lease.release()
    assert leases.claim(town.chain.pk) is not None
    town.watcher.lease.release()  # it is not this one's any more
    assert leases.claim(town.chain.pk) is None


def test_nothing_of_a_stale_writer_stays(town: "Town") -> None:
    from incidents.models import TimelineEntry
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.models import Block, Finding, Hop, Transfer, Undo
    from tracing.watch.lease import LeaseLostError

    trace = town.trace(town.steal())
    town.follow()
    stale, source = town.watcher, town.source
    town.send(THIEF, MULE, ETHER)
    town.mine()
    tables = (Block, Transfer, Hop, Undo, Finding, TimelineEntry)
    before = [model.objects.count() for model in tables]
    town.take_over()
    with pytest.raises(LeaseLostError):
        stale.step(source)
    assert [model.objects.count() for model in tables] == before
    assert town.held(trace) == {THIEF: 100 * ETHER}

    town.follow()  # the positive twin: whoever holds the lease applies the same block
    assert town.held(trace) == {THIEF: 99 * ETHER, MULE: ETHER}
    town.check()


def test_a_stale_writer_rolls_nothing_back(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.watch.lease import LeaseLostError

    trace = town.trace(town.steal())
    town.send(THIEF, MULE, ETHER)
    town.mine()
    town.follow()
    stale, source, kept = town.watcher, town.source, town.canonical()
    town.drop(1)
    town.mine(2)
    town.take_over()
    with pytest.raises(LeaseLostError):
        stale.step(source)
    assert town.canonical() == kept
    assert town.held(trace) == {THIEF: 99 * ETHER, MULE: ETHER}


def test_a_lease_whose_process_is_gone_is_free_at_once(town: "Town") -> None:
    from tracing.models import Chain
    from tracing.watch import holders
    from tracing.watch import lease as leases

    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    Chain.objects.filter(pk=town.chain.pk).update(lease_holder=holders.name_of(child.pid))
    assert leases.claim(town.chain.pk) is None
    assert leases.idle_chains() == []
    child.kill()
    child.wait()
    assert leases.idle_chains() == [town.chain.pk]
    assert leases.claim(town.chain.pk) is not None


@pytest.mark.parametrize("holder", ["", "elsewhere:999999999:1:abcd", "nonsense"])
def test_of_a_holder_elsewhere_nothing_is_known(town: "Town", holder: str) -> None:
    from tracing.models import Chain
    from tracing.watch import lease as leases

    Chain.objects.filter(pk=town.chain.pk).update(lease_holder=holder)
    assert leases.claim(town.chain.pk) is None
