"""One watcher per chain, with real processes: one that was stopped and wakes up writes nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town
    from tracing.models import Trace

pytestmark = [pytest.mark.node, pytest.mark.django_db(transaction=True)]
Child = subprocess.Popen[str]
Start = Callable[["Town", str, int], Child]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a watcher of its own; none outlives the test, stopped or not."""
    children: list[Child] = []

    def begin(town: "Town", mode: str, height: int) -> Child:
        command = [sys.executable, "-m", "tests.tracing.watch.worker"]
        command += [str(town.chain.pk), mode, str(height)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ.copy())
        children.append(child)
        return child

    yield begin
    for child in children:
        child.kill()
        child.wait()


def said(child: Child) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def flight(town: "Town") -> "Trace":
    """A theft and moves of the thief in six blocks, none of them applied yet."""
    from tests.tracing.watch.town import ETHER, MULE, THIEF
    from tracing.models import Chain

    trace = town.trace(town.steal())
    for amount in range(1, 7):
        town.send(THIEF, MULE, amount * ETHER)
        town.mine()
    Chain.objects.filter(pk=town.chain.pk).update(lease_until=None)
    return trace


def take_over_in_time(town: "Town") -> None:
    """As any other worker: ask until the lease is free. Nobody says that its holder is stopped."""
    from tracing.watch import lease as leases
    from tracing.watch.loop import Watcher

    until = time.monotonic() + 30
    while (lease := leases.claim(town.chain.pk)) is None:
        assert time.monotonic() < until, "the lease of a stopped process is never free"
        time.sleep(0.1)
    town.watcher = Watcher(leases.chain_of(lease), lease)


@pytest.mark.parametrize(("place", "end"), [("reading", "ended"), ("writing", "failed")])
def test_a_worker_that_was_stopped_writes_nothing_when_it_wakes_up(
    town: "Town", start: Start, place: str, end: str
) -> None:
    """Stopped after it read block 4: the epoch refuses it. Stopped inside the transaction of block
    4, with the chain's row locked: the database gives up its session, and the lock."""
    from tests.tracing.watch.town import ETHER, MULE, THIEF

    trace = flight(town)
    child = start(town, place, 4)
    assert said(child) == "claimed"
    assert said(child) == "stops at 4"
    take_over_in_time(town)
    town.follow()
    kept = town.canonical()
    assert kept == town.on_chain()
    child.send_signal(signal.SIGCONT)
    assert said(child).startswith(end)
    assert child.wait(timeout=30) == 0
    assert town.canonical() == kept
    assert town.held(trace) == {THIEF: 79 * ETHER, MULE: 21 * ETHER}
    assert len(town.lines("trace.funds_moved")) == 6
    town.check()


def test_two_that_race_for_a_chain_apply_each_block_once(town: "Town", start: Start) -> None:
    """As when beat runs twice: both are told to watch, again and again."""
    from tests.tracing.watch.town import ETHER, MULE, THIEF

    trace = flight(town)
    height = town.mine(30)
    children = [start(town, "racing", height) for _ in range(2)]
    turns = [said(child) for child in children]
    assert all(turn.startswith("raced ") for turn in turns)
    assert sum(int(turn.removeprefix("raced ")) for turn in turns) > 0
    town.take_over()
    town.follow()
    assert town.held(trace) == {THIEF: 79 * ETHER, MULE: 21 * ETHER}
    assert len(town.lines("trace.funds_moved")) == 6
    town.check()


def test_beat_may_run_twice(town: "Town", monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the order to watch: the second finds the lease taken and goes away."""
    from tracing import tasks
    from tracing.models import Chain
    from tracing.watch import lease as leases

    sent: list[int] = []

    def send(name: str, args: tuple[int], **options: object) -> None:
        sent.append(args[0])

    monkeypatch.setattr(tasks.current_app, "send_task", send, raising=False)
    Chain.objects.filter(pk=town.chain.pk).update(lease_until=None)
    tasks.revive_watchers()
    tasks.revive_watchers()
    assert sent == [town.chain.pk, town.chain.pk]
    held = leases.claim(town.chain.pk)
    epoch = Chain.objects.get(pk=town.chain.pk).lease_epoch
    tasks.watch_chain(town.chain.pk)
    assert held is not None
    assert Chain.objects.get(pk=town.chain.pk).lease_epoch == epoch
    held.write()


def test_a_backfill_that_is_killed_goes_on_where_it_was(town: "Town", start: Start) -> None:
    """kill -9, three times, at whatever it was doing."""
    import random

    from incidents.choices import Marking
    from tests.tracing.watch.test_backfill import chase, rows
    from tests.tracing.watch.town import CHAIN, MULE
    from tracing.models import Chain, Trace
    from tracing.services import lookbacks

    tx = town.steal()
    live = town.trace(tx)
    chase(town)
    town.mine(30)  # none of it is final yet: what undoes it is compared too
    town.follow()
    late = town.trace(tx, town.another_room())
    row = lookbacks.ask(town.incident, CHAIN, MULE, 0, actor=town.cast.lead, marking=Marking.AMBER)
    reached = []
    for _ in range(3):
        Chain.objects.filter(pk=town.chain.pk).update(lease_until=None)
        child = start(town, "plain", 0)
        assert said(child) == "claimed"
        time.sleep(random.uniform(0.05, 0.5))
        child.kill()
        child.wait()
        reached.append(Trace.objects.get(pk=late.pk).cursor_number)
    assert reached == sorted(reached)
    take_over_in_time(town)
    town.follow()
    assert rows(late) == rows(live)
    assert [line.block_number for line in lookbacks.lines(row, 10)] == [4, 3, 2]
    town.check()
