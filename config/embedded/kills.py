"""Plays of a drill whose processes are killed on the way: what `make soak` and a test compare."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from config.embedded import ports
from config.embedded.errors import EmbeddedError
from config.embedded.node import NodeOptions
from config.embedded.room import Room
from config.embedded.stack import Stack
from config.embedded.victims import (
    HOLDING_UP,
    VICTIMS,
    WORKERS,
    has_followed,
    is_served,
    process_of,
    strike,
)

# The player may be this far ahead of the watcher when it comes to its end.
LEAD = 5
PATIENCE = 900.0
POLL = 0.05


@dataclass(frozen=True)
class Kill:
    """A blow to each of ``names`` (victims.VICTIMS) as soon as the chain is ``block`` high."""

    block: int
    names: tuple[str, ...]


@dataclass
class Outcome:
    """What a play came to. ``rows`` is its fingerprint, ``recoveries`` what each kill cost."""

    verdict: dict[str, Any]
    rows: dict[str, list[str]]
    recoveries: list[dict[str, Any]] = field(default_factory=list)


def random_kills(seed: int, count: int, last: int, tips: Sequence[int] = ()) -> list[Kill]:
    """``count`` kills at different blocks; the same for one seed.

    Every victim has its turn before one has its second, and at every fourth kill another goes with
    it. A third of them come when the chain reaches one of ``tips``, the last blocks of branches
    that are dropped then.
    """
    chance = random.Random(seed)  # noqa: S311 (repeatable, not secret)
    span = range(10, last - 2 * LEAD)
    near = {tip for tip in tips if tip in span}
    chosen = set(chance.sample(sorted(near), min(len(near), count // 3)))
    chosen |= set(chance.sample(sorted(set(span) - near), count - len(chosen)))
    blocks = sorted(chosen)
    deck: list[str] = []
    kills = []
    for block in blocks:
        if not deck:
            deck = chance.sample(VICTIMS, len(VICTIMS))
        names = {deck.pop()}
        if chance.random() < 0.25:
            names.add(chance.choice(VICTIMS))
        kills.append(Kill(block, tuple(sorted(names))))
    return kills


def play(
    slug: str,
    options: NodeOptions,
    kills: Sequence[Kill] = (),
    *,
    until: int | None = None,
    forks: int = 0,
) -> Outcome:
    """One play in a stack of its own, killed as ordered. Nothing is left behind. ``forks``: so
    many more than the scenario has.

    :raises EmbeddedError: something did not start, or the play broke off.
    """
    with Stack.scratch(node_options=options, say=lambda _: None) as stack:
        room = Room(stack, ports.any_free(), {"HOLDFAST_DRILL": "1", "HOLDFAST_LOG": "WARNING"})
        room.migrate()
        room.start()
        if kills:
            room.start_beat(2)  # two of them do no harm, or the comparison would tell
        report, rows = stack.var / "verdict.json", stack.var / "rows.json"
        last = ["--until", str(until)] if until is not None else []
        more = ["--forks", str(forks)] if forks else []
        room.start_player(slug, "--report", str(report), "--rows", str(rows), *last, *more)
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
        self._chance = random.Random(len(kills))  # noqa: S311 (repeatable, not secret)
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
            self._wait(partial(supervisor.is_running, process_of(name)))
        if self._closed.is_set():
            return
        head = self._head()
        cost: dict[str, Any] = {"block": head, "killed": []}
        for name in kill.names:
            with suppress(EmbeddedError):  # one of two may have taken the other along
                strike(name, self.room, self._chance)
                cost["killed"].append(name)
        began, struck_at = time.monotonic(), datetime.now(UTC)
        for key, holds in self._signs(kill, struck_at).items():
            if self._wait(holds):
                cost[key] = round(time.monotonic() - began, 2)
        self.recoveries.append(cost)

    def _signs(self, kill: Kill, struck_at: datetime) -> dict[str, Callable[[], bool]]:
        """By what a recovery is known."""
        signs: dict[str, Callable[[], bool]] = {}
        if HOLDING_UP & set(kill.names):
            signs["watch_s"] = partial(has_followed, self.room, struck_at)
        if {"redis", *WORKERS} & set(kill.names):
            signs["tasks_s"] = partial(is_served, self.room, struck_at)
        if "web" in kill.names:
            signs["web_s"] = self.room.answers
        return signs

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
