"""One block of one chain: read it, apply it to every live trace, commit everything at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from tracing.chains.errors import BadAnswer
from tracing.core.engine import apply_block
from tracing.core.inference.hubs import Hubs
from tracing.core.policies import PolicyName, policy
from tracing.core.state import TraceState, lot_from_row
from tracing.core.types import BlockEffects, Seed
from tracing.models import Block, Chain, Trace
from tracing.models import Seed as SeedRow
from tracing.models.trace import STANDS
from tracing.watch import (
    adopt,
    asides,
    crossings,
    directory,
    hidden,
    hubs,
    leads,
    preface,
    ranges,
    standing,
    transfers,
)
from tracing.watch.asides import Asides
from tracing.watch.bridges import Told
from tracing.watch.directory import Directory
from tracing.watch.findings import Writer
from tracing.watch.hubs import HubSeen, Judge
from tracing.watch.lease import Lease
from tracing.watch.memory import Memory, States
from tracing.watch.preface import Preface
from tracing.watch.quiet import Listener
from tracing.watch.source import ChainBlock, Reading, Source

MOST_TOGETHER = 128  # blocks that are looked at, and passed, together


class Run(NamedTuple):
    """One policy's state after the block, and what the block did to it."""

    state: TraceState
    effects: BlockEffects


@dataclass(frozen=True)
class Applied:
    """One trace with what the block did to it, in memory only."""

    trace: Trace
    runs: dict[PolicyName, Run]  # the trace's own policy first
    reading: Reading
    known: leads.Known  # leads before the block
    hubs: list[HubSeen]
    default_threshold: int

    @property
    def own(self) -> Run:
        """What the block did under the policy that the trace is pinned to."""
        return self.runs[PolicyName(self.trace.policy)]

    @property
    def states(self) -> States:
        return {name: run.state for name, run in self.runs.items()}


def seeds_of(trace: Trace) -> list[Seed]:
    """The seeds as the engine takes them."""
    return [
        Seed(
            row.key,
            trace.chain.caip2,
            row.tx,
            row.receiver,
            row.asset,
            row.amount,
            tuple(lot_from_row(lot) for lot in row.lots),
        )
        for row in SeedRow.objects.filter(trace=trace)
    ]


class Ingest:
    """Applies blocks of one chain under one lease."""

    def __init__(self, chain: Chain, source: Source, lease: Lease, memory: Memory) -> None:
        self.chain = chain
        self.source = source
        self.lease = lease
        self.memory = memory

    def live_blocks(self, blocks: Sequence[ChainBlock], head: int) -> Block:
        """Apply the next blocks of the chain to all live traces and move the cursor: as many as say
        nothing of any trace in one transaction, else the first by itself. Answers the last row; the
        blocks above it are not applied yet. ``head``: how high the endpoint's chain is, for the
        room to see how far behind this one is.

        :raises LeaseLostError: somebody else writes for this chain; nothing was written.
        """
        traces = self._live()
        looked = blocks[: self.memory.stride]
        known = directory.load(self.chain, *(block.movements for block in looked))
        said = preface.read(self.chain, self.source, looked, known)
        states = [state for trace in traces for state in self.memory.states_of(trace).values()]
        count = Listener(self.chain, known, traces, states).quiet(said)
        stride = self.memory.stride
        self.memory.stride = min(2 * stride, MOST_TOGETHER) if count else max(1, stride // 2)
        if count:
            return self._pass(said[:count], traces, head)
        return self._live_block(said[0], traces, known, head)

    def live_block(self, block: ChainBlock, directory: Directory, head: int) -> Block:
        """Apply the next block by itself, whatever it says.

        :raises LeaseLostError: somebody else writes for this chain; nothing was written.
        """
        (said,) = preface.read(self.chain, self.source, [block], directory)
        return self._live_block(said, self._live(), directory, head)

    def _live(self) -> list[Trace]:
        traces = Trace.objects.filter(STANDS, chain=self.chain, is_live=True)
        return list(traces.select_related("chain", "incident"))

    def _live_block(
        self, said: Preface, traces: list[Trace], directory: Directory, head: int
    ) -> Block:
        self.source.heard.forget()
        try:
            applied = [self._apply(trace, said, directory) for trace in traces]
            beside = self._beside(said.block, directory, applied)
            with transaction.atomic():
                row = self._block_row(said)
                crossings.save_landings(self.chain, [(row, said.told)])
                self._save(row, applied, directory, said.told)
                beside.save(row)
                agreed = self._advance([row], head)
        except BaseException:
            self.memory.forget_all()  # memory is a block ahead of the database
            raise
        self.chain.cursor_number, self.chain.cursor_hash = row.number, row.hash
        standing.keep(self.chain, agreed)
        return row

    def _pass(self, said: Sequence[Preface], traces: list[Trace], head: int) -> Block:
        """Blocks that change nothing but how far the chain was followed."""
        with transaction.atomic():
            rows = Block.objects.bulk_create(
                Block(chain=self.chain, hash=one.block.movements.hash, **_columns(one))
                for one in said
            )
            told = [(row, one.told) for row, one in zip(rows, said, strict=True)]
            crossings.save_landings(self.chain, told)
            last = rows[-1]
            followed = Trace.objects.filter(pk__in=[trace.pk for trace in traces])
            if traces:
                followed.update(cursor_number=last.number)
            agreed = self._advance(rows, head)
        standing.keep(self.chain, agreed)
        for trace in traces:
            states = self.memory.states_of(trace)
            trace.cursor_number = last.number
            self.memory.keep(trace, states)
            for state in states.values():
                state.last[self.chain.caip2] = last.hash
        self.chain.cursor_number, self.chain.cursor_hash = last.number, last.hash
        return last

    def _advance(self, rows: Sequence[Block], head: int) -> dict[str, Any]:
        agreed = standing.risen(self.chain, rows)
        self.lease.advance(
            (rows[0].number - 1, rows[0].parent_hash),
            (rows[-1].number, rows[-1].hash),
            head_number=head,
            verified_at=timezone.now(),
            last_error="",
            errors_in_row=0,
            retry_at=None,
            **agreed,
        )
        return agreed

    def backfill_block(self, trace: Trace, block: ChainBlock, directory: Directory) -> None:
        """Apply one earlier block to a trace that has not caught up yet.

        :raises LeaseLostError: somebody else writes for this chain; nothing was written.
        """
        (said,) = preface.read(self.chain, self.source, [block], directory)
        self.source.heard.forget()
        applied = self._apply(trace, said, directory)
        try:
            now = Block.objects.filter(chain=self.chain, hash=self.chain.cursor_hash).first()
            beside = self._beside(block, directory, [applied], now)
            with transaction.atomic():
                row = self._block_row(said)
                crossings.save_landings(self.chain, [(row, said.told)])
                self._save(row, [applied], directory, said.told)
                beside.save(row)
                self.lease.write()
        except BaseException:
            self.memory.forget_all()
            raise

    def _beside(
        self,
        block: ChainBlock,
        directory: Directory,
        applied: list[Applied],
        now: Block | None = None,
    ) -> Asides:
        traces, effects = [a.trace for a in applied], [a.own.effects for a in applied]
        held = [(a.trace, a.own.state, a.reading.block) for a in applied]
        compared = hidden.read(self.source, block, held)
        return asides.read(self.source, block, directory, traces, effects, now, compared)

    def _apply(self, trace: Trace, said: Preface, directory: Directory) -> Applied:
        """Everything that needs the network or the processor, before the transaction."""
        states = self.memory.states_of(trace)
        seeds, kinds = seeds_of(trace), directory.kinds(trace)
        reading = self.source.reading(
            said.block, states.values(), seeds, kinds, directory, said.moved
        )
        known, seen = leads.load(trace, seeds), []
        real = directory.vouched() | known.tokens
        infos, thresholds = directory.infos_of(real), directory.thresholds()
        default_threshold = trace.default_threshold()
        bridged = said.told.bridged

        def run(name: PolicyName, state: TraceState, met: Hubs) -> Run:
            effects = apply_block(
                state,
                reading.block,
                policy=policy(name),
                hops=name == trace.policy,  # the others are for their amounts alone
                seeds=seeds,
                kinds=kinds,
                assets=infos,
                balances=reading.balances,
                prices=reading.prices,
                thresholds=thresholds,
                default_threshold=default_threshold,
                known=real,
                hubs=met,
                bridged=bridged,
            )
            return Run(state, effects)

        runs: dict[PolicyName, Run] = {}
        met = known.hubs
        judge = Judge(self.source.adapter, directory, default_threshold, known.dismissed)
        try:
            for name, state in states.items():
                runs[name] = run(name, state, met)
                if name == trace.policy:
                    seen = judge.look(reading.block, *runs[name], seeds, kinds)
                    if seen:  # once more, now that they are known
                        state.restore(runs[name].effects.before)
                        met = hubs.with_these(met, seen)
                        runs[name] = run(name, state, met)
        except BaseException:
            self.memory.forget(trace.pk)
            raise
        return Applied(trace, runs, reading, known, seen, default_threshold)

    def _save(self, row: Block, applied: list[Applied], directory: Directory, told: Told) -> None:
        for one in applied:
            state, effects = one.own
            adopt.save(one.trace, row, state, effects)
            others = {name: run for name, run in one.runs.items() if name != one.trace.policy}
            ranges.save(one.trace, row, others)
            transfers.save(row, one.reading.block, state, effects)
            left = crossings.save(one.trace, row, effects.hops, told, directory)
            writer = Writer(one.trace, row, directory, left)
            writer.write(effects.hops, set(effects.opened))
            leads.Notes(
                one.trace,
                row,
                one.reading.block,
                state,
                effects,
                directory,
                one.known,
                one.default_threshold,
            ).save(one.hubs)
            one.trace.cursor_number = row.number
            one.trace.save(update_fields=["cursor_number"])
            self.memory.keep(one.trace, one.states)

    def _block_row(self, said: Preface) -> Block:
        movements = said.block.movements
        values = _columns(said) | {"beside": self.source.heard.column(said.block.vouched)}
        row, is_new = Block.objects.get_or_create(
            chain=self.chain, hash=movements.hash, defaults=values
        )
        if not is_new and row.state == Block.State.ORPHANED:
            standing.readopt(row, values)
        elif row.number != movements.number:
            raise BadAnswer(f"block {row.number} is told again as {movements.number}")
        return row


def _columns(said: Preface) -> dict[str, Any]:
    """Of a block's row, all but its chain and hash."""
    movements = said.block.movements
    return {
        "number": movements.number,
        "parent_hash": movements.parent_hash,
        "timestamp": datetime.fromtimestamp(movements.timestamp, UTC),
        "transfer_count": sum(len(tx.movements) for tx in movements.transactions),
        "custody": {address: str(value) for address, value in said.custody.items()},
        **standing.columns(said.block.vouched),
    }
