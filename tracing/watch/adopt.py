"""One block applied to one trace: from the engine's effects to rows. Called in a transaction."""

from __future__ import annotations

from typing import Any

from tracing.core.state import TraceState, account_to_row
from tracing.core.types import Account, AccountKey, BlockEffects, Hop
from tracing.models import Block, Exposure, Trace, Undo
from tracing.models import Hop as HopRow
from tracing.watch import bulk

_UNDO = ("trace_id", "block_number", "accounts")
_ACCOUNT = ("trace_id", "chain", "address", "asset")
_EXPOSURE = (*_ACCOUNT, "kind", "state", "tainted", "balance", "is_history_incomplete")
_NEW_EXPOSURE = (*_EXPOSURE, "depth", "first_block")
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
    before = [
        (*key, None if account is None else account_to_row(account))
        for key, account in effects.before.items()
    ]
    if before:
        bulk.insert(Undo, _UNDO, [(trace.pk, block.number, bulk.as_json(before))])


def _save_exposures(
    trace: Trace,
    block: Block,
    state: TraceState,
    effects: BlockEffects,
    depths: dict[AccountKey, int],
) -> None:
    new, known = [], []
    for key, before in effects.before.items():
        account = state.get(key)
        if account is None:
            continue
        kind, row, *rest = _exposure_row(account)
        if before is None:
            first = (depths.get(key, 0), block.number)
            new.append((trace.pk, *key, kind, bulk.as_json(row), *rest, *first))
        else:
            known.append((trace.pk, *key, kind, row, *rest))
    bulk.insert(Exposure, _NEW_EXPOSURE, new)
    # depth and first_block stay those of the first exposure
    bulk.update(Exposure, _EXPOSURE, known, unique=_ACCOUNT)


def _exposure_row(account: Account) -> tuple[Any, ...]:
    lots = [*account.lots, *account.dust]
    return (
        account.kind.value,
        account_to_row(account),
        str(sum(lot.amount for lot in lots if lot.origin is not None)),
        str(sum(lot.amount for lot in lots)),
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
