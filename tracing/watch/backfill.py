"""Backfill: what begins in the past is brought up to its chain's cursor, block by block.

Traces and lookbacks that are at the same block are read for together. Whoever is behind gets a
short turn; in between the live chain is looked at.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from django.db import transaction

from tracing import events
from tracing.chains.errors import ChainError
from tracing.models import Block, Chain, Lookback, Trace
from tracing.models.trace import STANDS
from tracing.services import lookbacks
from tracing.watch import branch, directory, lookback, pace, poster
from tracing.watch.ahead import Ahead
from tracing.watch.findings import finding
from tracing.watch.ingest import Ingest
from tracing.watch.source import ChainBlock, Source

BATCH = 100  # blocks of one turn at most
TURN_SECONDS = 0.3  # an alert of the live chain waits for one turn of each group
AT_ONCE = 4  # groups; others wait until one of these has caught up


@dataclass
class Group:
    """Everything that goes on after the same block."""

    number: int
    traces: list[Trace] = field(default_factory=list)
    lookbacks: list[Lookback] = field(default_factory=list)


class Past:
    """The past of one chain under one watcher. Close it: it reads ahead in threads."""

    def __init__(self) -> None:
        self._source: Source | None = None
        self._readers: dict[int, Ahead] = {}  # by the block that each has reached

    def turn(self, chain: Chain, ingest: Ingest, source: Source) -> bool:
        """Some blocks for everything that is behind; True when something was done."""
        if self._source is not source:
            self.close()
            self._source = source
        groups = _groups(chain)[:AT_ONCE]
        readers: dict[int, Ahead] = {}
        for group in groups:
            kept = self._readers.pop(group.number, None)
            reader = kept or Ahead(source)
            try:
                reached = _go(chain, group, ingest, reader)
            except ChainError:
                reader.close()
                if kept is None:
                    raise
                continue  # what was read a turn ago may be of a branch that is gone: read anew
            if reached >= (chain.cursor_number or 0) or reached in readers:
                reader.close()
            else:
                readers[reached] = reader
        self.close()  # of those whose group is gone
        self._readers = readers
        return bool(groups)

    def close(self) -> None:
        """Let the threads end."""
        for reader in self._readers.values():
            reader.close()
        self._readers = {}


def _groups(chain: Chain) -> list[Group]:
    """What is behind, by the block that it has reached, the oldest question first."""
    found: dict[int, Group] = {}
    traces = Trace.objects.filter(STANDS, chain=chain, is_live=False)
    for trace in traces.select_related("chain", "incident").order_by("pk"):
        found.setdefault(trace.cursor_number, Group(trace.cursor_number)).traces.append(trace)
    for row in lookback.unfinished(chain):
        if row.is_done:
            lookbacks.tell(row)
        elif row.cursor_number < (chain.cursor_number or 0):
            found.setdefault(row.cursor_number, Group(row.cursor_number)).lookbacks.append(row)
    return list(found.values())


def _go(chain: Chain, group: Group, ingest: Ingest, reader: Ahead) -> int:
    """One turn of one group; the block that it reached."""
    blocks = _apply(chain, group, ingest, reader)
    reached = blocks[-1].movements.number if blocks else group.number
    if group.lookbacks and blocks:
        lookback.save(group.lookbacks, blocks, ingest.lease)
    rows: list[Trace | Lookback] = [*group.traces, *group.lookbacks]
    for row in rows:
        pace.note(row, len(blocks))
    for trace in group.traces:
        if trace.cursor_number >= (chain.cursor_number or 0):
            _catch_up(trace, ingest)
        poster.post_all(trace.incident_id)
    return reached


def _apply(chain: Chain, group: Group, ingest: Ingest, reader: Ahead) -> list[ChainBlock]:
    """The blocks of one turn, applied to the group's traces."""
    last = min(_target(chain, group), group.number + BATCH)
    until = time.monotonic() + TURN_SECONDS
    blocks: list[ChainBlock] = []
    number = group.number
    while number < last and (not blocks or time.monotonic() < until):
        for block in reader.read(number + 1, last):
            if not _is_canonical(chain, group, blocks, block):
                return blocks  # the chain is being reorganised: the live loop rolls back first
            told = branch.as_applied(chain, ingest.source, block) if group.traces else block
            if told is None:
                return blocks
            block = told
            for trace in group.traces:
                ingest.backfill_block(trace, block, directory.load(chain, block.movements))
            blocks.append(block)
            number = block.movements.number
            if time.monotonic() >= until:
                break
    return blocks


def _target(chain: Chain, group: Group) -> int:
    """How far the group has to go: to the cursor, or where its lookbacks end."""
    cursor = chain.cursor_number or 0
    if group.traces:
        return cursor
    return min(cursor, max(row.target_number for row in group.lookbacks))


def _catch_up(trace: Trace, ingest: Ingest) -> None:
    """From now on the trace goes along with its chain."""
    with transaction.atomic():
        trace.is_live = True
        trace.save(update_fields=["is_live"])
        block = (
            Block.objects.filter(chain=trace.chain, number=trace.cursor_number)
            .exclude(state=Block.State.ORPHANED)
            .first()
        )
        if block is not None:
            event = events.CaughtUp(chain=trace.chain.caip2, block=block.number)
            finding(trace, block, f"caught-up:{block.hash}", event.kind, event.content()).save()
        ingest.lease.write()


def _is_canonical(chain: Chain, group: Group, before: list[ChainBlock], block: ChainBlock) -> bool:
    """Whether a block read by its number is the one that was applied at that height, and follows
    the one below it, as far as they are known."""
    if before:
        if before[-1].movements.hash != block.movements.parent_hash:
            return False
    elif not all(lookback.follows(row, block) for row in group.lookbacks):
        _begin_anew(chain, block.movements.number - 1)
        return False
    known = Block.objects.filter(chain=chain).exclude(state=Block.State.ORPHANED)
    hashes = dict(
        known.filter(number__in=(block.movements.number - 1, block.movements.number)).values_list(
            "number", "hash"
        )
    )
    return (
        hashes.get(block.movements.number, block.movements.hash) == block.movements.hash
        and hashes.get(block.movements.number - 1, block.movements.parent_hash)
        == block.movements.parent_hash
    )


def _begin_anew(chain: Chain, number: int) -> None:
    """The chain went another way below the blocks that are kept: lookbacks read again from a depth
    at which nothing changes any more."""
    lookback.cut(chain, max(-1, number - chain.final_depth), "")
