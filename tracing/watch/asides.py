"""What a block says beside where the money went: freezes, tokens, mixers, tip-offs.

Everything is read before the block's transaction and written inside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracing import lead_events
from tracing.core.types import BlockEffects
from tracing.models import Block, Lead, Trace
from tracing.services import leads
from tracing.watch import freezes, hidden, mixers, probe, signals, views
from tracing.watch.directory import Directory
from tracing.watch.findings import finding
from tracing.watch.source import ChainBlock, Source


@dataclass(frozen=True)
class Asides:
    """All that was read of one block, for the traces that it is applied to."""

    traces: Sequence[Trace]
    probed: list[probe.Probed]
    frozen: freezes.Reading
    mixed: mixers.Reading
    signals: list[signals.Signal]
    is_over: bool  # more unknown tokens than are asked in one block
    hidden: hidden.Reading

    def save(self, row: Block) -> None:
        """Write it all, inside the block's transaction and after where the money went."""
        traces = list(self.traces)
        probe.save(row, self.probed, traces)
        freezes.save(row, self.frozen, traces)
        mixers.save(row, self.mixed, traces)
        signals.save(row, self.signals, traces)
        hidden.save(row, self.hidden)
        for trace in self.hidden.over:
            _bound(row, trace, "balances to compare without traces", hidden.MOST_COMPARED)
        for trace in traces:
            if self.is_over:
                _bound(row, trace, "tokens to ask whether they can freeze", probe.MOST_PROBED)
            if self.frozen.is_over:
                _bound(row, trace, "accounts to ask tokens about", views.MOST_ASKED)


def _bound(row: Block, trace: Trace, what: str, bound: int) -> None:
    """Say that something was left out, once for each kind of thing."""
    lead, is_new = leads.note(
        trace,
        Lead.Kind.WORK_BOUND,
        f"bound:{what}:{row.chain.caip2}:",
        row.chain.caip2,
        "",
        confidence=100,
        evidence={"what": what, "bound": bound},
        block=row,
    )
    if is_new:
        event = lead_events.WorkBoundMet(
            chain=lead.chain,
            block=row.number,
            block_hash=row.hash,
            address="",
            what=what,
            bound=bound,
        )
        key = f"lead:{lead.key}:{row.ident}"[:200]
        finding(trace, row, key, event.kind, event.content()).save()


def read(
    source: Source,
    block: ChainBlock,
    directory: Directory,
    traces: Sequence[Trace],
    effects: Sequence[BlockEffects],
    now: Block | None = None,
    compared: hidden.Reading | None = None,
) -> Asides:
    """``now``: the newest applied block, for a block of the past, whose state a node may not have.
    ``compared``: what balances say of a block without traces.

    Probing changes the directory in memory, and comes first: what it finds is asked at once.
    """
    at = now.hash if now else block.movements.hash
    is_over = probe.is_over(directory, effects)
    return Asides(
        traces,
        probe.read(source, directory, effects, at),
        freezes.read(source, block, directory, effects, now),
        mixers.read(source, block, traces),
        signals.read(source, block),
        is_over,
        compared or hidden.Reading(),
    )
