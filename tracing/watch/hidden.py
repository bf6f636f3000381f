"""Native value that moves inside transactions, where no endpoint traces: seen by its effect.

The balances of followed addresses are compared before and after each block. What no movement of the
block explains is told as a suspicion; nothing is followed because of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracing import lead_events
from tracing.core.state import TraceState
from tracing.core.types import AccountKey, BlockMovements
from tracing.models import Block, Lead, Trace
from tracing.services import leads, names
from tracing.watch.findings import finding
from tracing.watch.source import ChainBlock, Source

MOST_COMPARED = 500  # addresses of one trace, those that hold most first
MOST_TOLD = 50  # of one trace and block


@dataclass(frozen=True)
class Suspicion:
    """A native balance that changed by ``delta`` base units beyond what the block tells."""

    trace: Trace
    address: str
    asset: str
    delta: int


@dataclass(frozen=True)
class Reading:
    """What was found, and the traces of which more addresses hold value than are compared."""

    found: Sequence[Suspicion] = ()
    over: Sequence[Trace] = ()


def may_hide(block: ChainBlock, native: str, states: Iterable[TraceState]) -> bool:
    """Whether the block could move followed value that it does not tell of."""
    chain = block.movements.chain
    return not block.is_traced and any(state.holders(chain, native) for state in states)


def read(
    source: Source,
    block: ChainBlock,
    applied: Iterable[tuple[Trace, TraceState, BlockMovements]],
) -> Reading:
    """Compare, for traces as they are after the block and the block as it was applied to each. A
    block with traces costs nothing; of one without, two batches of balances for each trace."""
    if block.is_traced:
        return Reading()
    found: list[Suspicion] = []
    over: list[Trace] = []
    for trace, state, movements in applied:
        keys = _held(state, movements.chain, source.native)
        if len(keys) > MOST_COMPARED:
            over.append(trace)
        deltas = source.adapter.balance_deltas(keys[:MOST_COMPARED], movements)
        ordered = sorted(deltas.items(), key=lambda item: (-abs(item[1]), item[0].address))
        found += [
            Suspicion(trace, key.address, key.asset, delta) for key, delta in ordered[:MOST_TOLD]
        ]
    return Reading(found, over)


def save(row: Block, reading: Reading) -> None:
    """Write the leads and their findings, inside the block's transaction: one for an address and a
    height, which goes with its block."""
    known = names.asset_names(one.asset for one in reading.found) if reading.found else {}
    for one in reading.found:
        lead, is_new = leads.note(
            one.trace,
            Lead.Kind.INTERNAL_SUSPECTED,
            f"internal:{row.chain.caip2}:{one.address}:{row.number}",
            row.chain.caip2,
            one.address,
            confidence=50,
            evidence={"asset": one.asset, "amount": str(abs(one.delta)), "is_gain": one.delta > 0},
            block=row,
        )
        if not is_new:
            continue
        event = lead_events.InternalMovementSuspected(
            chain=lead.chain,
            block=row.number,
            block_hash=row.hash,
            address=one.address,
            asset=one.asset,
            amount=str(abs(one.delta)),
            is_gain=one.delta > 0,
            symbol=known[one.asset].symbol,
            decimals=known[one.asset].decimals,
        )
        key = f"lead:{lead.key}:{row.ident}"[:200]
        finding(one.trace, row, key, event.kind, event.content()).save()


def _held(state: TraceState, chain: str, native: str) -> list[AccountKey]:
    """The followed native accounts, those with most first."""
    keys = [AccountKey(chain, address, native) for address in state.holders(chain, native)]
    held = {key: sum(lot.amount for lot in state.accounts[key].lots) for key in keys}
    return sorted(keys, key=lambda key: (-held[key], key.address))
