"""Going over to another branch: rolled back and applied anew in one transaction.

Nobody sees the chain in between. The branch is read before (tracing/watch/branch.py); what applying
it needs besides is found out by rehearsals: docs/adr/0021-a-reorganisation-is-one-transaction.md.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from tracing.models import Chain
from tracing.watch import directory, reorg
from tracing.watch.branch import Branch
from tracing.watch.ingest import Ingest
from tracing.watch.lease import Lease
from tracing.watch.memory import Memory
from tracing.watch.recall import Recalled
from tracing.watch.source import Source

logger = logging.getLogger(__name__)
MOST_REHEARSALS = 40


class _Rehearsed(Exception):
    """Something lacked: nothing of this run is kept."""


def go_over(
    chain: Chain, branch: Branch, source: Source, lease: Lease, memory: Memory, head: int
) -> int:
    """Undo what is above the branch's ancestor and apply the branch; how many were dropped.

    Where the rehearsals find no end, the rollback stands alone and the blocks are applied one by
    one: the cursor then shows a shorter chain for that long.

    :raises LeaseLostError: somebody else writes for this chain; nothing was written.
    """
    recalled = Recalled(source.adapter)
    ingest = Ingest(chain, Source(recalled, source.native), lease, memory)
    for _ in range(MOST_REHEARSALS):
        try:
            with _unchanged(chain, memory), transaction.atomic():
                dropped = reorg.roll_back(chain, branch.ancestor, lease)
                for block in branch.blocks:
                    ingest.live_block(block, directory.load(chain, block.movements), head)
                if recalled.lacks:
                    raise _Rehearsed
        except _Rehearsed:
            recalled.ask()
        else:
            return dropped
    logger.warning("%s is rolled back without what comes instead", chain)
    with _unchanged(chain, memory):
        return reorg.roll_back(chain, branch.ancestor, lease)


@contextmanager
def _unchanged(chain: Chain, memory: Memory) -> Iterator[None]:
    """Memory holds nothing of the branch that is left, nor of a run that is not kept."""
    before = (chain.cursor_number, chain.cursor_hash, chain.verified_number, chain.unverified_since)
    memory.forget_all()
    try:
        yield
    except BaseException:
        memory.forget_all()
        (
            chain.cursor_number,
            chain.cursor_hash,
            chain.verified_number,
            chain.unverified_since,
        ) = before
        raise
