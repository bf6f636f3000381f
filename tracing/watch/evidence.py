"""The way of the money as evidence: from the seed to an arrival, hop by hop."""

from __future__ import annotations

from typing import TypedDict

from tracing.models import Arrival, Hop
from tracing.services import names


class HopJSON(TypedDict):
    """One hop as it stands in a request. Amounts in base units, as strings."""

    depth: int
    kind: str
    chain: str  # CAIP-2: over a bridge the way leads on from another chain
    tx: str
    block: int
    block_hash: str
    block_state: str
    block_standing: str
    at: str
    from_address: str
    to_address: str
    asset: str
    symbol: str
    decimals: int
    amount: str
    origin_asset: str
    origin_amount: str
    estimated: bool


def path_of(arrival: Arrival) -> list[HopJSON]:
    """The hops of the largest piece that arrived (or left, where that is what tells whose the
    address is), oldest first."""
    moved = Hop.objects.filter(
        trace=arrival.trace_id, block__hash=arrival.block_hash, tx=arrival.tx
    ).select_related("block")
    largest = moved.order_by("-origin_amount", "pk")
    last = largest.filter(to_address=arrival.address, to_asset=arrival.asset).first()
    if last is None:  # an inferred deposit address, told by what it forwarded
        last = largest.filter(from_address=arrival.address, from_asset=arrival.asset).first()
    hops = _back_to_the_seed(last) if last is not None else []
    known = names.asset_names(hop.to_asset for hop in hops)
    return [
        {
            "depth": hop.depth,
            "kind": hop.kind,
            "chain": hop.block.chain.caip2,
            "tx": hop.tx,
            "block": hop.block.number,
            "block_hash": hop.block.hash,
            "block_state": hop.block.state,
            "block_standing": hop.block.standing,
            "at": hop.block.timestamp.isoformat(),
            "from_address": hop.from_address,
            "to_address": hop.to_address,
            "asset": hop.to_asset,
            "symbol": known[hop.to_asset].symbol,
            "decimals": known[hop.to_asset].decimals,
            "amount": str(hop.amount_to),
            "origin_asset": hop.origin_asset,
            "origin_amount": str(hop.origin_amount),
            "estimated": hop.is_estimated,
        }
        for hop in hops
    ]


def _back_to_the_seed(last: Hop) -> list[Hop]:
    """The hops that lead to ``last``, oldest first, in one query however many there are. The seed
    of a leg goes on to the hop that entered the bridge, in the trace that the leg belongs to."""
    return list(
        Hop.objects.raw(
            """
            WITH RECURSIVE way AS (
                SELECT hop.id, hop.kind, hop.trace_id, hop.prev_key, crossing.trace_id AS parent_id
                FROM tracing_hop hop JOIN tracing_trace trace ON trace.id = hop.trace_id
                LEFT JOIN tracing_crossing crossing ON crossing.id = trace.crossing_id
                WHERE hop.id = %s
                UNION ALL
                SELECT hop.id, hop.kind, hop.trace_id, hop.prev_key, crossing.trace_id
                FROM way JOIN tracing_hop hop ON hop.key = way.prev_key AND hop.trace_id =
                    CASE WHEN way.kind = 'seed' THEN way.parent_id ELSE way.trace_id END
                JOIN tracing_trace trace ON trace.id = hop.trace_id
                LEFT JOIN tracing_crossing crossing ON crossing.id = trace.crossing_id
            )
            SELECT * FROM tracing_hop WHERE id IN (SELECT id FROM way) ORDER BY depth
            """,
            [last.pk],
        ).prefetch_related("block__chain")
    )
