"""One block applied to one trace: from the engine's effects to rows. Called in a transaction."""

from __future__ import annotations

from tracing.core.state import TraceState, account_to_row
from tracing.core.types import Account, AccountKey, BlockEffects, Hop
from tracing.models import Block, Exposure, Trace, Undo
from tracing.models import Hop as HopRow
from tracing.watch import bulk

_UNDO = ("trace_id", "block_number", "chain", "address", "asset", "before")
_EXPOSURE = (
    "trace_id",
    "chain",
    "address",
    "asset",
    "kind",
    "state",
    "tainted",
    "balance",
    "depth",
    "first_block",
    "is_history_incomplete",
)
_HOP = (
    "trace_id",
    "block_id",
    "key",
    "prev_key",
    "kind",
    "tx",
    "position",
    "from_address",
    "from_asset",
    "to_address",
    "to_asset",
    "amount_from",
    "amount_to",
    "seed_key",
    "origin_asset",
    "origin_amount",
    "depth",
    "is_estimated",
)


def save(trace: Trace, block: Block, state: TraceState, effects: BlockEffects) -> None:
    """Write exposures, their undo rows and the hops."""
    _save_undo(trace, block, effects)
    _save_exposures(trace, block, state, effects, _first_depths(effects.hops))
    bulk.insert(HopRow, _HOP, [_hop_row(trace.pk, block.pk, hop) for hop in effects.hops])


def _first_depths(hops: list[Hop]) -> dict[AccountKey, int]:
    depths: dict[AccountKey, int] = {}
    for hop in hops:
        depths.setdefault(hop.to, hop.depth)
    return depths


def _save_undo(trace: Trace, block: Block, effects: BlockEffects) -> None:
    rows = []
    for key, before in effects.before.items():
        was = None if before is None else bulk.as_json(account_to_row(before))
        rows.append((trace.pk, block.number, key.chain, key.address, key.asset, was))
    bulk.insert(Undo, _UNDO, rows)


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
        if account is not None:
            depth = depths.get(key, 0)
            rows.append(_exposure_row(trace.pk, key, account, depth, block.number))
    bulk.upsert(
        Exposure,
        _EXPOSURE,
        rows,
        unique=("trace_id", "chain", "address", "asset"),
        # depth and first_block stay those of the first exposure
        update=("kind", "state", "tainted", "balance", "is_history_incomplete"),
    )


def _exposure_row(
    trace_pk: int, key: AccountKey, account: Account, depth: int, first_block: int
) -> bulk.Row:
    lots = [*account.lots, *account.dust]
    return (
        trace_pk,
        key.chain,
        key.address,
        key.asset,
        account.kind.value,
        account_to_row(account),
        str(sum(lot.amount for lot in lots if lot.origin is not None)),
        str(sum(lot.amount for lot in lots)),
        depth,
        first_block,
        account.incomplete,
    )


def _hop_row(trace_pk: int, block_pk: int, hop: Hop) -> bulk.Row:
    return (
        trace_pk,
        block_pk,
        hop.key,
        hop.prev or "",
        hop.kind.value,
        hop.tx,
        hop.position,
        hop.frm.address if hop.frm else "",
        hop.frm.asset if hop.frm else "",
        hop.to.address,
        hop.to.asset,
        hop.amount_from,
        hop.amount_to,
        hop.origin.seed,
        hop.origin.asset,
        hop.origin.amount,
        hop.depth,
        hop.estimated,
    )
