"""One block of one chain: read it, apply it to every live trace, commit everything at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

from tracing.core.engine import apply_block
from tracing.core.state import TraceState
from tracing.core.types import BlockEffects, BlockMovements, Seed
from tracing.models import Block, Chain, Trace
from tracing.models import Seed as SeedRow
from tracing.watch import adopt, freezes, transfers
from tracing.watch.directory import Directory
from tracing.watch.findings import Writer
from tracing.watch.lease import Lease
from tracing.watch.memory import Memory
from tracing.watch.source import ChainBlock, Reading, Source


@dataclass(frozen=True)
class Applied:
    """One trace with what the block did to it, in memory only."""

    trace: Trace
    state: TraceState
    effects: BlockEffects
    reading: Reading


def seeds_of(trace: Trace) -> list[Seed]:
    """The seeds as the engine takes them."""
    return [
        Seed(row.key, trace.chain.caip2, row.tx, row.receiver, row.asset, row.amount)
        for row in SeedRow.objects.filter(trace=trace)
    ]


class Ingest:
    """Applies blocks of one chain under one lease."""

    def __init__(self, chain: Chain, source: Source, lease: Lease, memory: Memory) -> None:
        self.chain = chain
        self.source = source
        self.lease = lease
        self.memory = memory

    def live_block(self, block: ChainBlock, directory: Directory, head: int) -> Block:
        """Apply the next block of the chain to all live traces and move the cursor. ``head``: how
        high the endpoint's chain is, for the room to see how far behind this one is.

        :raises LeaseLostError: somebody else writes for this chain; nothing was written.
        """
        traces = Trace.objects.filter(chain=self.chain, is_live=True)
        traces = traces.select_related("chain", "incident")
        custody, moved = self._custody(block, directory)
        applied = [self._apply(trace, block, directory, moved) for trace in traces]
        try:
            with transaction.atomic():
                row = self._block_row(block.movements, custody)
                self._save(row, applied, directory)
                freezes.save(row, block.logs, directory, [a.trace for a in applied])
                self.lease.write(
                    cursor_number=row.number,
                    cursor_hash=row.hash,
                    head_number=head,
                    verified_at=timezone.now(),
                    last_error="",
                    errors_in_row=0,
                    retry_at=None,
                )
        except BaseException:
            self.memory.forget_all()  # memory is a block ahead of the database
            raise
        self.chain.cursor_number, self.chain.cursor_hash = row.number, row.hash
        return row

    def backfill_block(self, trace: Trace, block: ChainBlock, directory: Directory) -> None:
        """Apply one earlier block to a trace that has not caught up yet.

        :raises LeaseLostError: somebody else writes for this chain; nothing was written.
        """
        custody, moved = self._custody(block, directory)
        applied = self._apply(trace, block, directory, moved)
        try:
            with transaction.atomic():
                row = self._block_row(block.movements, custody)
                self._save(row, [applied], directory)
                freezes.save(row, block.logs, directory, [trace])
                self.lease.write()
        except BaseException:
            self.memory.forget_all()
            raise

    def _apply(
        self, trace: Trace, block: ChainBlock, directory: Directory, moved: dict[str, int]
    ) -> Applied:
        """Everything that needs the network or the processor, before the transaction."""
        state = self.memory.state_of(trace)
        seeds, kinds = seeds_of(trace), directory.kinds(trace)
        reading = self.source.reading(block, state, seeds, kinds, directory, moved)
        try:
            effects = apply_block(
                state,
                reading.block,
                seeds=seeds,
                kinds=kinds,
                assets=directory.asset_infos,
                balances=reading.balances,
                prices=reading.prices,
                thresholds=directory.thresholds(),
                default_threshold=trace.default_threshold(),
                known=directory.asset_infos.keys(),
            )
        except BaseException:
            self.memory.forget(trace.pk)
            raise
        return Applied(trace, state, effects, reading)

    def _save(self, row: Block, applied: list[Applied], directory: Directory) -> None:
        for one in applied:
            adopt.save(one.trace, row, one.state, one.effects)
            transfers.save(row, one.reading.block, one.state, one.effects)
            Writer(one.trace, row, directory).write(one.effects.hops, set(one.effects.opened))
            one.trace.cursor_number = row.number
            one.trace.save(update_fields=["cursor_number"])
            self.memory.keep(one.trace, one.state)

    def _block_row(self, movements: BlockMovements, custody: dict[str, int]) -> Block:
        count = sum(len(tx.movements) for tx in movements.transactions)
        row, is_new = Block.objects.get_or_create(
            chain=self.chain,
            hash=movements.hash,
            defaults={
                "number": movements.number,
                "parent_hash": movements.parent_hash,
                "timestamp": datetime.fromtimestamp(movements.timestamp, UTC),
                "transfer_count": count,
                "custody": {address: str(value) for address, value in custody.items()},
            },
        )
        if not is_new and row.state == Block.State.ORPHANED:
            row.state = Block.State.SEEN
            row.times_adopted += 1
            row.save(update_fields=["state", "times_adopted"])
        return row

    def _custody(
        self, block: ChainBlock, directory: Directory
    ) -> tuple[dict[str, int], dict[str, int]]:
        """Balances of custody addresses after the block, and what of them nothing explains."""
        after = self.source.custody_balances(block.movements.hash, directory.custody())
        before = self._custody_before(block, directory)
        return after, self.source.unexplained(block, before, after)

    def _custody_before(self, block: ChainBlock, directory: Directory) -> dict[str, int]:
        """Custody balances after the parent: as noted with it, else read at the parent."""
        addresses = directory.custody()
        if not addresses or block.movements.number == 0:
            return {}  # before the first block there is nothing to compare with
        parent = Block.objects.filter(chain=self.chain, hash=block.movements.parent_hash).first()
        noted = {a: int(v) for a, v in parent.custody.items()} if parent else {}
        missing = [address for address in addresses if address not in noted]
        if missing:
            noted |= self.source.custody_balances(block.movements.parent_hash, missing)
        return noted
