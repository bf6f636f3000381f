"""Backfill: a trace that starts in the past is brought up to its chain's cursor."""

from __future__ import annotations

from django.db import transaction

from tracing import events
from tracing.models import Block, Chain, Trace
from tracing.models.trace import STANDS
from tracing.watch import directory, poster
from tracing.watch.findings import finding
from tracing.watch.ingest import Ingest
from tracing.watch.source import ChainBlock, Source

BATCH = 25  # blocks per turn, so that the live chain is looked at in between


def backfill_some(chain: Chain, ingest: Ingest, source: Source) -> bool:
    """Up to BATCH blocks for each trace that is behind; True when something was done."""
    behind = Trace.objects.filter(STANDS, chain=chain, is_live=False).select_related(
        "chain", "incident"
    )
    worked = False
    for trace in behind:
        worked = True
        for _ in range(BATCH):
            if trace.cursor_number >= (chain.cursor_number or 0):
                _catch_up(trace, ingest)
                break
            block = source.read(trace.cursor_number + 1)
            if not _is_canonical(chain, block):
                return worked  # the chain is being reorganised: the live loop rolls back first
            ingest.backfill_block(trace, block, directory.load(chain, block.movements))
        poster.post_all(trace.incident_id)
    return worked


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


def _is_canonical(chain: Chain, block: ChainBlock) -> bool:
    """Whether a block read by its number is the one that was applied at that height, and follows
    the one below it, as far as they are known."""
    known = Block.objects.filter(chain=chain).exclude(state=Block.State.ORPHANED)
    same = known.filter(number=block.movements.number).first()
    parent = known.filter(number=block.movements.number - 1).first()
    return (same is None or same.hash == block.movements.hash) and (
        parent is None or parent.hash == block.movements.parent_hash
    )
