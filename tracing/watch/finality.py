"""Blocks grow old: seen, safe, final. Alerts of final blocks are provisional no longer.

A block is final once it is deep enough, a quorum agrees on it and on everything below it. What only
a rollback needs is pruned then: docs/adr/0020-seen-safe-final.md.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import models, transaction
from django.db.models import Case, Q, Value, When

from tracing.chains.errors import ChainError
from tracing.models import Block, Chain, RangeUndo, Trace, Undo
from tracing.watch import standing
from tracing.watch.lease import Lease
from tracing.watch.source import Source

SAFE_SHARE = 2  # a block at half the depth of finality is called safe
# Traces that a quorum could tell are waited for so long: a full node keeps the state of 128 blocks.
LATE_TRACES = 128
MOST_PRUNED = 500  # rows of one table in one turn
TAG_SECONDS = 10.0  # between two questions for the block that is called finalized


@dataclass(frozen=True)
class Heights:
    """How high the chain is. ``head``: a quorum's endpoints are there or above. ``finalized``: the
    same of the block that they call finalized; None: not known, or this chain does not ask.
    ``may_trace``: a quorum has tracers, so blocks whose traces are not agreed on wait for them."""

    head: int
    finalized: int | None = None
    may_trace: bool = False


def advance(chain: Chain, lease: Lease, heights: Heights) -> bool:
    """Mark what the chain has buried deep enough; True: there is more that is final.

    Never above a block that a quorum does not agree on, and never back.

    :raises LeaseLostError: somebody else writes for this chain; nothing was written.
    """
    final, safe = _bounds(chain, heights)
    final = max(final, -1 if chain.final_number is None else chain.final_number)
    rows = standing.young(chain).filter(number__lte=max(final, safe))
    rows = rows.exclude(standing__in=standing.kinds_wanting(chain))
    with transaction.atomic():
        rows.filter(Q(number__lte=final) | Q(state=Block.State.SEEN)).update(
            state=Case(
                When(number__lte=final, then=Value(Block.State.FINAL)),
                default=Value(Block.State.SAFE),
                output_field=models.CharField(),
            )
        )
        if final < 0 or final == chain.final_number:
            return False
        lease.write(final_number=final)
    chain.final_number = final
    return True


def _bounds(chain: Chain, heights: Heights) -> tuple[int, int]:
    """Up to where blocks may be final, and safe."""
    top = min(-1 if chain.cursor_number is None else chain.cursor_number, heights.head)
    final, safe = top - chain.final_depth, top - chain.final_depth // SAFE_SHARE
    if chain.finality == "tag":
        final = min(final, -1 if heights.finalized is None else heights.finalized)
    wanting = standing.wanting(chain).values_list("number", flat=True).first()
    if wanting is not None:
        final, safe = min(final, wanting - 1), min(safe, wanting - 1)
    if heights.may_trace:
        first = standing.without_traces(chain).values_list("number", flat=True).first()
        if first is not None:
            final = min(final, max(first - 1, final - LATE_TRACES))
    return final, safe


def prune(chain: Chain, most: int = MOST_PRUNED) -> bool:
    """Forget how final blocks are undone; False: nothing is left to forget.

    What is not final keeps it, and all above it: also a block of the past that was read late.
    """
    if chain.final_number is None:
        return False
    lowest = standing.young(chain).order_by("number").values_list("number", flat=True).first()
    last = chain.final_number if lowest is None else min(chain.final_number, lowest - 1)
    traces = Trace.objects.filter(chain=chain)
    is_more = False
    for table in (Undo, RangeUndo):
        old = table.objects.filter(trace__in=traces, block_number__lte=last)
        gone, _ = table.objects.filter(
            pk__in=list(old.values_list("pk", flat=True)[:most])
        ).delete()
        is_more = is_more or gone == most
    return is_more


@dataclass
class Ager:
    """Lets the blocks of one chain grow old, under its lease."""

    chain: Chain
    lease: Lease
    _finalized: int | None = None
    _ask_at: float = 0.0
    _may_prune: bool = True

    def grow(self, source: Source, head: int) -> None:
        """After blocks were applied, or their standing rose. ``head``: the highest, for a chain
        with a single source.

        :raises LeaseLostError: somebody else writes for this chain.
        """
        heights = self._heights(source, head)
        if heights is not None and advance(self.chain, self.lease, heights):
            self._may_prune = True
        if self._may_prune:
            self._may_prune = prune(self.chain)

    def _heights(self, source: Source, head: int) -> Heights | None:
        """None: fewer endpoints than a quorum say how high the chain is."""
        try:
            agreed = source.agreed_head() if self.chain.quorum > 1 else head
            if self.chain.finality == "tag" and time.monotonic() >= self._ask_at:
                self._ask_at = time.monotonic() + TAG_SECONDS
                self._finalized = source.agreed_head("finalized")
        except ChainError:
            return None  # blocks are not older for it
        may_trace = source.may_trace(self.chain.quorum)
        return None if agreed is None else Heights(agreed, self._finalized, may_trace)
