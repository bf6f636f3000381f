"""One block applied to one trace: from the engine's effects to rows. Called in a transaction."""

from __future__ import annotations

from tracing.core.state import TraceState, account_to_row
from tracing.core.types import AccountKey, BlockEffects, Hop
from tracing.models import Block, Exposure, Trace, Undo
from tracing.models import Hop as HopRow


def save(trace: Trace, block: Block, state: TraceState, effects: BlockEffects) -> None:
    """Write exposures, their undo rows and the hops."""
    depths = _first_depths(effects.hops)
    _save_undo(trace, block, effects)
    _save_exposures(trace, block, state, effects, depths)
    HopRow.objects.bulk_create(_hop_row(trace, block, hop) for hop in effects.hops)


def _first_depths(hops: list[Hop]) -> dict[AccountKey, int]:
    depths: dict[AccountKey, int] = {}
    for hop in hops:
        depths.setdefault(hop.to, hop.depth)
    return depths


def _save_undo(trace: Trace, block: Block, effects: BlockEffects) -> None:
    Undo.objects.bulk_create(
        Undo(
            trace=trace,
            block_number=block.number,
            chain=key.chain,
            address=key.address,
            asset=key.asset,
            before=None if before is None else account_to_row(before),
        )
        for key, before in effects.before.items()
    )


def _save_exposures(
    trace: Trace,
    block: Block,
    state: TraceState,
    effects: BlockEffects,
    depths: dict[AccountKey, int],
) -> None:
    rows = []
    for key in effects.before:
        account = state.get(key)
        if account is None:
            continue
        rows.append(exposure_row(trace, key, state, depths.get(key, 0), block.number))
    Exposure.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["trace", "chain", "address", "asset"],
        # depth and first_block stay those of the first exposure
        update_fields=["kind", "state", "tainted", "balance", "is_history_incomplete"],
    )


def exposure_row(
    trace: Trace, key: AccountKey, state: TraceState, depth: int, first_block: int
) -> Exposure:
    """The row of one account as it is in memory."""
    account = state.accounts[key]
    lots = [*account.lots, *account.dust]
    return Exposure(
        trace=trace,
        chain=key.chain,
        address=key.address,
        asset=key.asset,
        kind=account.kind.value,
        state=account_to_row(account),
        tainted=sum(lot.amount for lot in lots if lot.origin is not None),
        balance=sum(lot.amount for lot in lots),
        depth=depth,
        first_block=first_block,
        is_history_incomplete=account.incomplete,
    )


def _hop_row(trace: Trace, block: Block, hop: Hop) -> HopRow:
    return HopRow(
        trace=trace,
        block=block,
        key=hop.key,
        prev_key=hop.prev or "",
        kind=hop.kind.value,
        tx=hop.tx,
        position=hop.position,
        from_address=hop.frm.address if hop.frm else "",
        from_asset=hop.frm.asset if hop.frm else "",
        to_address=hop.to.address,
        to_asset=hop.to.asset,
        amount_from=hop.amount_from,
        amount_to=hop.amount_to,
        seed_key=hop.origin.seed,
        origin_asset=hop.origin.asset,
        origin_amount=hop.origin.amount,
        depth=hop.depth,
        is_estimated=hop.estimated,
    )
