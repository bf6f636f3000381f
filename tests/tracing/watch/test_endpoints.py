"""An endpoint that is down, slow, on another chain or talks nonsense: the watcher waits and shows
it, and when the endpoint is well again there is neither gap nor double."""

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from config.embedded.node import Node
from tests.tracing.watch.liar import Liar, replacing, without

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town
    from tracing.models import Chain

pytestmark = [pytest.mark.node, pytest.mark.django_db]


@pytest.fixture
def liar(node: Node) -> Iterator[Liar]:
    found = Liar(node.url)
    yield found
    found.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watcher waits half a second for an answer, not twenty."""
    from tracing.chains.evm import EvmAdapter
    from tracing.models import Chain, Endpoint
    from tracing.services import endpoints

    def adapter_for(chain: Chain) -> EvmAdapter:
        return EvmAdapter(chain.caip2, Endpoint.objects.get(chain=chain).url, timeout=0.5)

    monkeypatch.setattr(endpoints, "adapter_for", adapter_for)


def down(liar: Liar) -> None:
    liar.status = 503


def slow(liar: Liar) -> None:
    liar.delay = 0.7


def elsewhere(liar: Liar) -> None:
    liar.mood = replacing('"0x7a69"', '"0x1"')


def not_json(liar: Liar) -> None:
    liar.mood = lambda _: b"<html>502 Bad Gateway</html>"


def without_parents(liar: Liar) -> None:
    liar.mood = without("parentHash")


def without_logs(liar: Liar) -> None:
    """Receipts without their logs: the header's bloom tells that there were some."""
    liar.mood = without("logs")


BAD = [
    (down, "HTTP 503"),
    (slow, "did not answer"),
    (elsewhere, "serves eip155:1"),
    (not_json, "not JSON"),
    (without_parents, ""),
    (without_logs, ""),
]


def row_of(town: "Town") -> "Chain":
    from tracing.models import Chain

    return Chain.objects.get(pk=town.chain.pk)


@pytest.mark.parametrize(("behave", "reason"), BAD, ids=[b.__name__ for b, _ in BAD])
def test_a_bad_endpoint_leaves_no_gap(
    town: "Town", liar: Liar, behave: Callable[[Liar], None], reason: str
) -> None:
    from incidents.access import SYSTEM
    from incidents.ports import money
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.watch import lease as leases

    trace = town.trace(town.steal())
    town.follow()
    kept = town.canonical()
    town.send(THIEF, MULE, ETHER)
    town.mine(2)

    behave(liar)
    town.take_over(liar.url)
    town.watcher.run(seconds=3)
    assert town.canonical() == kept
    row = row_of(town)
    assert row.errors_in_row == 1
    assert row.lease_until is None
    assert leases.idle_chains() == []  # not before the pause is over
    (state,) = money().watch_state(town.incident, SYSTEM).chains
    assert state.error
    assert reason in state.error
    assert liar.url not in state.error
    assert (state.applied_block, state.verified_at) == (kept[-1][0], row.verified_at)

    liar.honest()
    town.take_over(liar.url)
    town.follow()
    assert town.held(trace) == {THIEF: 99 * ETHER, MULE: ETHER}
    assert len(town.lines("trace.funds_moved")) == 1
    assert (row_of(town).last_error, row_of(town).errors_in_row) == ("", 0)
    town.check()


def test_pauses_grow_and_begin_anew_after_success(town: "Town", liar: Liar) -> None:
    from django.utils import timezone

    pauses = []
    for _ in range(3):
        down(liar)
        town.take_over(liar.url)
        town.watcher.run(seconds=1)
        retry_at = row_of(town).retry_at
        assert retry_at is not None
        pauses.append((retry_at - timezone.now()).total_seconds())
    assert pauses[0] < pauses[1] < pauses[2]

    liar.honest()
    town.take_over(liar.url)
    town.mine()
    town.follow()
    down(liar)
    town.watcher.run(seconds=1)  # the same watcher, which had begun after three errors
    assert row_of(town).errors_in_row == 1


def test_an_unexpected_error_is_shown_by_its_kind_only(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    from incidents.access import SYSTEM
    from incidents.ports import money
    from tracing import tasks
    from tracing.watch.loop import Watcher

    town.trace(town.steal())
    town.watcher.lease.release()

    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr(Watcher, "step", fail)
    with pytest.raises(ZeroDivisionError):
        tasks.watch_chain(town.chain.pk)
    (state,) = money().watch_state(town.incident, SYSTEM).chains
    assert state.error == "internal error (ZeroDivisionError)"
    assert row_of(town).lease_until is None
    assert row_of(town).retry_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_slow_endpoint_does_not_cost_the_lease(
    town: "Town", liar: Liar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each watcher would lose every block to the next one, for ever."""
    from django.db import connection

    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.watch import lease as leases

    trace = town.trace(town.steal())
    town.follow()
    town.send(THIEF, MULE, ETHER)
    town.mine()
    monkeypatch.setattr(leases, "SECONDS", 1.2)
    liar.delay = 0.4
    town.take_over(liar.url)
    done, claims = threading.Event(), []

    def compete() -> None:
        while not done.wait(0.1):
            claims.append(leases.claim(town.chain.pk))
        connection.close()

    rival = threading.Thread(target=compete)
    rival.start()
    town.watcher.run(seconds=3)
    done.set()
    rival.join()
    assert len(claims) > 10
    assert [lease for lease in claims[:-3] if lease is not None] == []
    assert town.held(trace) == {THIEF: 99 * ETHER, MULE: ETHER}
