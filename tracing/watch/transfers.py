"""The movements that are kept: those of transactions that touched an exposed address."""

from __future__ import annotations

from tracing.core.state import TraceState
from tracing.core.types import BlockEffects, BlockMovements
from tracing.models import Block, Transfer
from tracing.watch import bulk

_COLUMNS = (
    "block_id",
    "tx",
    "position",
    "kind",
    "asset",
    "from_address",
    "to_address",
    "amount",
)


def save(row: Block, block: BlockMovements, state: TraceState, effects: BlockEffects) -> None:
    """Keep whole transactions, so that netting can be explained later. Repeats are ignored: two
    traces may share a transaction."""
    followed = state.followed(block.chain)
    touched = {hop.tx for hop in effects.hops}
    kept = [
        (
            row.pk,
            tx.tx,
            movement.position,
            movement.kind.value,
            movement.asset,
            movement.frm or "",
            movement.to or "",
            movement.amount,
        )
        for tx in block.transactions
        if tx.tx in touched or any(m.frm in followed or m.to in followed for m in tx.movements)
        for movement in tx.movements
    ]
    if Transfer.objects.filter(block=row).exists():  # another trace's, or the block came back
        as_text = [(*values, str(amount)) for *values, amount in kept]
        bulk.insert_missing(Transfer, _COLUMNS, as_text, unique=("block_id", "position"))
    else:
        bulk.insert(Transfer, _COLUMNS, kept)
