"""A drill played into a real room: the player's hooks over the watcher and the services."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from django.db import close_old_connections

from tracing.drills.acts import Cast
from tracing.drills.plan import Act
from tracing.drills.probe import Probe
from tracing.drills.stage import Stage
from tracing.services import progress
from tracing.watch import outages

PATIENCE = 180.0  # seconds that the watcher may need for a backlog


class WatcherStuckError(RuntimeError):
    """The watcher did not apply a block in time."""


@dataclass
class LiveRoom:
    """What the player tells, and what it waits for (tracing.drills.player.Hooks)."""

    stage: Stage
    cast: Cast
    probe: Probe | None = None
    lead: int | None = None  # how many blocks the node may be ahead of the watcher; None: any
    blocks: int = 0
    started: float = field(default_factory=time.monotonic)

    def on_block(self, number: int, block_hash: str, served_at: float) -> None:
        """A block was mined."""
        self.blocks += 1
        if self.probe is not None:
            self.probe.served[block_hash] = served_at
        if self.lead is not None:
            self._keep_pace(number - self.lead)

    def _keep_pace(self, number: int) -> None:
        """At full speed the chain goes as fast as the room follows: a chain that outruns its
        watcher for ever is no chain that anybody watches."""
        until = time.monotonic() + PATIENCE
        caip2 = self.stage.chain.caip2
        while time.monotonic() < until and outages.endure(lambda: progress.cursor(caip2)) < number:
            time.sleep(0.01)

    def wait_applied(self, number: int, block_hash: str) -> None:
        """Until the watcher has applied this very block and posted what it found.

        :raises WatcherStuckError: it did not, in three minutes.
        """
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            close_old_connections()
            if outages.endure(lambda: self._has_applied(block_hash)):
                return
            time.sleep(0.02)
        raise WatcherStuckError(
            f"block {number} was not applied within {PATIENCE:.0f} s: "
            f"{progress.describe(self.stage.chain.caip2)}"
        )

    def _has_applied(self, block_hash: str) -> bool:
        return progress.has_applied(self.stage.chain.caip2, block_hash, self.cast.slug)

    def perform(self, act: Act) -> None:
        """Somebody does something in the room; again, as people do, when the answer was lost."""
        outages.endure(lambda: self.cast.perform(act.fields))
        if self.probe is not None and act.fields["act"] == "open_incident":
            self.probe.start()
