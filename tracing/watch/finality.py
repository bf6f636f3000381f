"""Blocks grow old: seen, safe, final. Alerts of final blocks are provisional no longer."""

from tracing.models import Block, Chain

SAFE_SHARE = 2  # a block at half the depth of finality is called safe


def advance(chain: Chain, cursor: int, head: int) -> None:
    """Mark what the chain has buried deep enough below its head."""
    final = min(cursor, head) - chain.final_depth
    safe = min(cursor, head) - chain.final_depth // SAFE_SHARE
    rows = Block.objects.filter(chain=chain)
    rows.filter(number__lte=final, state__in=(Block.State.SEEN, Block.State.SAFE)).update(
        state=Block.State.FINAL
    )
    rows.filter(number__lte=safe, number__gt=final, state=Block.State.SEEN).update(
        state=Block.State.SAFE
    )
