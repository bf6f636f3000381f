"""Lifting a block by proof where no quorum agrees on its traces: balances bind whoever tells them.

A quorum agrees on the block and its logs, but too few of its operators have a tracer, or they
differ. What was applied is then held against the state root: the native balances of everybody who
is followed, and of all who share a transaction with them, before and after the block.
"""

from __future__ import annotations

from collections.abc import Sequence

from tracing.chains.errors import ChainError
from tracing.chains.quorum import Agreement, Digest, Standing
from tracing.models import Block, Exposure
from tracing.watch.source import ChainBlock, Source

MOST = 200  # followed holders of the native asset; a proof of each is asked for, twice


def lifted(row: Block, views: Sequence[ChainBlock], source: Source) -> Agreement | None:
    """The agreement on an applied block whose native movements are proved; None: they are not."""
    if row.standing != Standing.LOGS or not row.traces_digest:
        return None
    applied = Digest(row.hash, row.contents_digest, row.traces_digest)
    told = next((view for view in views if view.vouched.digest == applied), None)
    if told is None:
        return None
    chain = told.movements.chain
    held = Exposure.objects.filter(chain=chain, asset=source.native).order_by("address")
    followed = held.values_list("address", flat=True).distinct()[: MOST + 1]
    if not 0 < len(followed) <= MOST:
        return None
    try:
        is_proved = source.adapter.proves_native(told.movements, followed)
    except ChainError:
        return None
    return Agreement(Standing.VERIFIED, applied, tuple(row.operators)) if is_proved else None
