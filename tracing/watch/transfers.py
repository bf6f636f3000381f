"""The movements that are kept: those of transactions that touched an exposed address."""

from __future__ import annotations

from tracing.core.state import TraceState
from tracing.core.types import BlockEffects, BlockMovements
from tracing.models import Block, Transfer


def save(row: Block, block: BlockMovements, state: TraceState, effects: BlockEffects) -> None:
    """Keep whole transactions, so that netting can be explained later. Repeats are ignored: two
    traces may share a transaction."""
    followed = state.followed(block.chain)
    touched = {hop.tx for hop in effects.hops}
    kept = [
        Transfer(
            block=row,
            tx=tx.tx,
            position=movement.position,
            kind=movement.kind.value,
            asset=movement.asset,
            from_address=movement.frm or "",
            to_address=movement.to or "",
            amount=movement.amount,
        )
        for tx in block.transactions
        if tx.tx in touched or any(m.frm in followed or m.to in followed for m in tx.movements)
        for movement in tx.movements
    ]
    Transfer.objects.bulk_create(kept, ignore_conflicts=True)
