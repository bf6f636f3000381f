"""What a block says beside where the money went: freezes, tokens, mixers, tip-offs.

Everything is read before the block's transaction and written inside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracing.core.types import BlockEffects
from tracing.models import Block, Trace
from tracing.watch import freezes, mixers, probe, signals
from tracing.watch.directory import Directory
from tracing.watch.source import ChainBlock, Source


@dataclass(frozen=True)
class Asides:
    """All that was read of one block, for the traces that it is applied to."""

    traces: Sequence[Trace]
    probed: list[probe.Probed]
    frozen: freezes.Reading
    mixed: mixers.Reading
    signals: list[signals.Signal]

    def save(self, row: Block) -> None:
        """Write it all, inside the block's transaction and after where the money went."""
        traces = list(self.traces)
        probe.save(row, self.probed, traces)
        freezes.save(row, self.frozen, traces)
        mixers.save(row, self.mixed, traces)
        signals.save(row, self.signals, traces)


def read(
    source: Source,
    block: ChainBlock,
    directory: Directory,
    traces: Sequence[Trace],
    effects: Sequence[BlockEffects],
    now: Block | None = None,
) -> Asides:
    """``now``: the newest applied block, for a block of the past, whose state a node may not have.

    Probing changes the directory in memory, and comes first: what it finds is asked at once.
    """
    at = now.hash if now else block.movements.hash
    return Asides(
        traces,
        probe.read(source, directory, effects, at),
        freezes.read(source, block, directory, effects, now),
        mixers.read(source, block, traces),
        signals.read(source, block),
    )
