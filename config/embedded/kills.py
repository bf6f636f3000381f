"""Plays of a drill whose processes are killed on the way: what `make soak` and a test compare."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from config.embedded import ports
from config.embedded.errors import EmbeddedError
from config.embedded.node import NodeOptions
from config.embedded.room import Room
from config.embedded.stack import Stack

PROCESSES = ("worker", "beat", "web")
# The player stays at most three blocks ahead of the watcher (tracing.drills.play), so a head that
# is further ahead than this tells that blocks are being applied again.
LEAD = 5
PATIENCE = 900.0
POLL = 0.02


@dataclass(frozen=True)
class Kill:
    """SIGKILL to the groups of ``names`` as soon as the chain is ``block`` high."""

    block: int
    names: tuple[str, ...]


@dataclass
class Outcome:
    """What a play came to. ``rows`` is its fingerprint, ``recoveries`` what each kill cost."""

    verdict: dict[str, Any]
    rows: dict[str, list[str]]
    recoveries: list[dict[str, Any]] = field(default_factory=list)


def random_kills(seed: int, count: int, last: int) -> list[Kill]:
    """``count`` kills at different blocks, of one process or of two; the same for one seed."""
    chance = random.Random(seed)  # noqa: S311 (repeatable, not secret)
    blocks = sorted(chance.sample(range(10, last - LEAD), count))
    return [
        Kill(block, tuple(sorted(chance.sample(PROCESSES, chance.choice((1, 1, 2))))))
        for block in blocks
    ]


def play(
    slug: str, options: NodeOptions, kills: Sequence[Kill] = (), *, until: int | None = None
) -> Outcome:
    """One play in a stack of its own, killed as ordered. Nothing is left behind.

    :raises EmbeddedError: something did not start, or the play broke off.
    """
    with Stack.scratch(node_options=options, say=lambda _: None) as stack:
        room = Room(stack, ports.any_free(), {"HOLDFAST_DRILL": "1", "HOLDFAST_LOG": "WARNING"})
        room.migrate()
        room.start()
        report, rows = stack.var / "verdict.json", stack.var / "rows.json"
        last = ["--until", str(until)] if until is not None else []
        room.start_player(slug, "--report", str(report), "--rows", str(rows), *last)
        killer = Killer(room, kills)
        killer.start()
        try:
            code = stack.supervisor.wait_ended("player", timeout=PATIENCE)
        finally:
            killer.stop()
        if code or not report.exists():
            ends = _ends_of_logs(stack.var)
            raise EmbeddedError(f"The play broke off (exit code {code}):\n{ends}")
        return Outcome(
            json.loads(report.read_text()), json.loads(rows.read_text()), killer.recoveries
        )


def _ends_of_logs(var: Path) -> str:
    logs = sorted((var / "log").glob("*.log"))
    return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-2000:]}" for log in logs)


class Killer:
    """Kills in a thread of its own, in the order of the blocks, and measures what it costs."""

    def __init__(self, room: Room, kills: Sequence[Kill]) -> None:
        self.room = room
        self.kills = sorted(kills, key=lambda kill: kill.block)
        self.recoveries: list[dict[str, Any]] = []
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="killer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """No more kills; returns when the one under way has been measured or given up."""
        self._closed.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        for kill in self.kills:
            if self._wait_for_head(kill.block):
                self._kill(kill)

    def _kill(self, kill: Kill) -> None:
        supervisor = self.room.stack.supervisor
        for name in kill.names:  # it may still be on its way up from the kill before
            self._wait(partial(supervisor.is_running, name))
        if self._closed.is_set():
            return
        head, began = self._head(), time.monotonic()
        for name in kill.names:
            supervisor.kill(name)
        cost: dict[str, Any] = {"block": head, "killed": list(kill.names)}
        if "worker" in kill.names and self._wait_for_head(head + LEAD):
            cost["worker_s"] = round(time.monotonic() - began, 2)
        if "web" in kill.names and self._wait(self.room.answers):
            cost["web_s"] = round(time.monotonic() - began, 2)
        self.recoveries.append(cost)

    def _wait_for_head(self, number: int) -> bool:
        return self._wait(lambda: self._head() >= number)

    def _head(self) -> int:
        node = self.room.stack.node
        assert node is not None  # noqa: S101 (a scratch stack has one)
        return int(node.call("eth_blockNumber"), 16)

    def _wait(self, holds: Callable[[], bool]) -> bool:
        """Until it holds; False when the play has ended before."""
        while not self._closed.is_set():
            if holds():
                return True
            self._closed.wait(POLL)
        return False
