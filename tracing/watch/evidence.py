"""The way of the money as evidence: from the seed to an arrival, hop by hop."""

from __future__ import annotations

from typing import TypedDict

from tracing.models import Arrival, Hop
from tracing.services import names


class HopJSON(TypedDict):
    """One hop as it stands in a request. Amounts in base units, as strings."""

    depth: int
    kind: str
    tx: str
    block: int
    block_hash: str
    block_state: str
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
            "tx": hop.tx,
            "block": hop.block.number,
            "block_hash": hop.block.hash,
            "block_state": hop.block.state,
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
    """The hops that lead to ``last``, oldest first, in one query however many there are."""
    return list(
        Hop.objects.raw(
            """
            WITH RECURSIVE way AS (
                SELECT id, trace_id, prev_key FROM tracing_hop WHERE id = %s
                UNION ALL
                SELECT hop.id, hop.trace_id, hop.prev_key FROM tracing_hop hop
                JOIN way ON hop.trace_id = way.trace_id AND hop.key = way.prev_key
            )
            SELECT * FROM tracing_hop WHERE id IN (SELECT id FROM way) ORDER BY depth
            """,
            [last.pk],
        ).prefetch_related("block")
    )
