"""What moved at one address, for a viewer: transfers, and the pieces of stolen value in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from incidents import access
from incidents.access import Actor
from incidents.models import Incident
from incidents.ports import AssetName
from tracing.models import Chain, Exposure, Hop, Trace, Transfer
from tracing.services import names


@dataclass(frozen=True)
class TransferLine:
    """One movement of the canonical chain. ``name.symbol`` is hostile text."""

    block: int
    state: str
    standing: str  # who vouches for the block
    at: datetime
    tx: str
    position: int
    kind: str
    from_address: str
    to_address: str
    amount: int
    name: AssetName


@dataclass(frozen=True)
class HopLine:
    """One piece of stolen value that came or went. ``origin_amount`` is in what was stolen."""

    block: int
    state: str
    standing: str  # who vouches for the block
    at: datetime
    tx: str
    kind: str
    from_address: str
    to_address: str
    amount: int
    name: AssetName
    origin_amount: int
    origin: AssetName
    depth: int
    is_estimated: bool


def chain_of(viewer: Actor, incident: Incident, caip2: str) -> Chain | None:
    """The watched chain, if a trace that the viewer may see is on it."""
    traces = access.visible(viewer, Trace.scoped.filter(incident=incident, chain__caip2=caip2))
    trace = traces.select_related("chain").first()
    return trace.chain if trace else None


def transfers(
    viewer: Actor, incident: Incident, chain: Chain | None, address: str, *, limit: int
) -> list[TransferLine]:
    """The newest movements from or to ``address``; orphaned blocks are left out.

    Rows are kept for every trace of every incident: which of them are there would tell whom
    others follow. Shown is what belongs to stolen value of the traces in view.
    """
    traces = access.visible(viewer, Trace.scoped.filter(incident=incident, chain=chain))
    held = Exposure.objects.filter(
        trace__in=traces, address=address, first_block__lte=OuterRef("block__number")
    )
    moved = Hop.objects.filter(trace__in=traces, block=OuterRef("block"), tx=OuterRef("tx"))
    rows = (
        Transfer.objects.filter(Q(from_address=address) | Q(to_address=address), block__chain=chain)
        .filter(Exists(held) | Exists(moved))
        .exclude(block__state="orphaned")
        .select_related("block")
        .order_by("-block__number", "-position")[:limit]
    )
    found = list(rows)
    known = names.asset_names(row.asset for row in found)
    return [
        TransferLine(
            block=row.block.number,
            state=row.block.state,
            standing=row.block.standing,
            at=row.block.timestamp,
            tx=row.tx,
            position=row.position,
            kind=row.kind,
            from_address=row.from_address,
            to_address=row.to_address,
            amount=row.amount,
            name=known[row.asset],
        )
        for row in found
    ]


def hops(
    viewer: Actor, incident: Incident, chain: Chain | None, address: str, *, limit: int
) -> list[HopLine]:
    """The newest pieces of stolen value from or to ``address``, of the traces in view."""
    traces = access.visible(viewer, Trace.scoped.filter(incident=incident, chain=chain))
    rows = list(
        Hop.objects.filter(Q(from_address=address) | Q(to_address=address), trace__in=traces)
        .exclude(block__state="orphaned")
        .select_related("block")
        .order_by("-block__number", "-pk")[:limit]
    )
    known = names.asset_names(_assets(rows))
    return [
        HopLine(
            block=row.block.number,
            state=row.block.state,
            standing=row.block.standing,
            at=row.block.timestamp,
            tx=row.tx,
            kind=row.kind,
            from_address=row.from_address,
            to_address=row.to_address,
            amount=row.amount_to if row.to_address == address else row.amount_from,
            name=known[row.to_asset if row.to_address == address else row.from_asset],
            origin_amount=row.origin_amount,
            origin=known[row.origin_asset],
            depth=row.depth,
            is_estimated=row.is_estimated,
        )
        for row in rows
    ]


def _assets(rows: Iterable[Hop]) -> set[str]:
    return {
        asset for row in rows for asset in (row.from_asset, row.to_asset, row.origin_asset) if asset
    }
