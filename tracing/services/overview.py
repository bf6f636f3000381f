"""What a trace's page and its API tell of it, for a viewer who may see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from incidents import access
from incidents.access import Actor
from incidents.display.strip import BUCKETS
from incidents.ports import AssetName, BlockMark, Strip, money
from incidents.services import answers
from tracing.core.provenance_file import account_json
from tracing.core.state import account_from_row
from tracing.core.types import AccountKey
from tracing.models import (
    Arrival,
    Asset,
    Crossing,
    Exposure,
    Lead,
    Seed,
    Trace,
)
from tracing.models.trace import STANDS
from tracing.services import names
from tracing.services.ports import strip_of
from tracing.services.provenance import WITHOUT_ADDRESS

LARGEST = 25  # exposures on the page
NEWEST = 50  # arrivals and crossings on the page


@dataclass(frozen=True)
class Holding:
    """What the trace has at one account. ``of_theft``: per stolen asset."""

    key: AccountKey
    address: str  # "" for a sink without one
    name: AssetName
    kind: str
    tainted: int
    of_theft: list[tuple[int, AssetName]]
    depth: int
    is_incomplete: bool


@dataclass(frozen=True)
class Threshold:
    """From how much on a recipient of this asset is followed."""

    name: AssetName
    amount: int


def strips(viewer: Actor, trace: Trace) -> list[Strip]:
    """The money strip of this trace alone, per stolen asset."""
    stolen = _stolen(trace)
    held = {
        AccountKey(*account): amount
        for account, amount in answers.held_amounts(trace.incident, viewer).items()
    }
    found = strip_of(trace, viewer, held)
    known = names.asset_names(stolen)
    told = []
    for asset, total in sorted(stolen.items()):
        buckets = dict.fromkeys(("at_large", *_PARTS), 0) | found.get(asset, {})
        seen = sum(buckets[name] for name, _, _ in BUCKETS)
        buckets["at_large"] += max(0, total - seen)  # whose block has not been applied yet
        name = known[asset]
        told.append(Strip(asset, name.symbol, name.decimals, max(total, seen), **buckets))
    return told


_PARTS = ("at_services", "in_crossing", "held", "frozen", "recovered", "lost")


def _stolen(trace: Trace) -> dict[str, int]:
    """What the trace follows: its seeds, or of a leg the origins that crossed."""
    found: dict[str, int] = {}
    for seed in trace.seeds.all():
        lots = seed.lots or [{"origin_asset": seed.asset, "origin_amount": seed.amount}]
        for lot in lots:
            asset = lot["origin_asset"]
            found[asset] = found.get(asset, 0) + int(lot["origin_amount"])
    return found


def largest(viewer: Actor, trace: Trace, most: int = LARGEST) -> tuple[list[Holding], int]:
    """The accounts with the largest part of the theft, and how many accounts have any."""
    stolen = _stolen(trace)
    rows = Exposure.objects.filter(trace=trace, tainted__gt=0)
    sized = []
    for row in rows.iterator(chunk_size=1000):
        origins = _origins(row)
        size = max((n * 10**9 // stolen[a] for a, n in origins.items() if stolen.get(a)), default=0)
        sized.append((size, row, origins))
    sized.sort(key=lambda one: (-one[0], one[1].pk))
    shown = sized[:most]
    known = names.asset_names(
        {row.asset for _, row, _ in shown} | {a for _, _, origins in shown for a in origins}
    )
    kinds = names.kinds_of_trace(trace, viewer, {row.address for _, row, _ in shown})
    found = [
        Holding(
            AccountKey(row.chain, row.address, row.asset),
            "" if row.address in WITHOUT_ADDRESS else row.address,
            known[row.asset],
            kinds.get(row.address, row.kind),
            row.tainted,
            [(amount, known[asset]) for asset, amount in sorted(origins.items())],
            row.depth,
            row.is_history_incomplete,
        )
        for _, row, origins in shown
    ]
    return found, len(sized)


def _origins(row: Exposure) -> dict[str, int]:
    account = account_from_row(row.state)
    found: dict[str, int] = {}
    for lot in (*account.lots, *account.dust):
        if lot.origin is not None and lot.origin.amount:
            found[lot.origin.asset] = found.get(lot.origin.asset, 0) + lot.origin.amount
    return found


def incomplete(trace: Trace) -> list[AccountKey]:
    """Accounts whose opening balance is an assumption."""
    rows = Exposure.objects.filter(trace=trace, is_history_incomplete=True).order_by("pk")
    return [AccountKey(row.chain, row.address, row.asset) for row in rows]


def thresholds(trace: Trace) -> list[Threshold]:
    """From how much on a recipient is followed, where somebody set it for an asset."""
    rows = Asset.objects.filter(chain=trace.chain).exclude(follow_threshold="").order_by("pk")
    return [
        Threshold(AssetName(row.symbol, row.decimals), int(row.follow_threshold)) for row in rows
    ]


def arrivals(trace: Trace) -> list[Arrival]:
    """Value that reached a place that can freeze it, the newest first."""
    rows = Arrival.objects.filter(trace=trace).select_related("service")
    return list(rows.order_by("-pk")[:NEWEST])


def arrival_lines(
    rows: Iterable[Arrival], known: Mapping[str, AssetName]
) -> list[tuple[Arrival, AssetName, BlockMark | None]]:
    """Arrivals with the names of their assets and what their blocks are by now."""
    rows = list(rows)
    marks = money().block_marks((row.chain, row.block_hash) for row in rows)
    return [(row, known[row.asset], marks.get((row.chain, row.block_hash))) for row in rows]


def arrival_count(trace: Trace) -> int:
    """How many arrivals there are."""
    return Arrival.objects.filter(trace=trace).count()


def crossings(trace: Trace) -> list[Crossing]:
    """What entered a bridge, the newest first."""
    rows = Crossing.objects.filter(trace=trace).select_related("block", "leg", "decided_by")
    return list(rows.order_by("-pk")[:NEWEST])


def legs(viewer: Actor, trace: Trace) -> list[Trace]:
    """Traces that follow on another chain what this one's crossings brought there."""
    rows = Trace.scoped.filter(STANDS, incident=trace.incident, crossing__trace=trace)
    return list(access.visible(viewer, rows).select_related("chain").order_by("pk"))


def open_leads(trace: Trace) -> int:
    """How many leads need a look."""
    return Lead.objects.filter(trace=trace, state=Lead.State.OPEN).count()


def seeds(trace: Trace) -> list[tuple[Seed, AssetName]]:
    """What was stolen, with names."""
    rows = list(trace.seeds.all())
    known = names.asset_names(row.asset for row in rows)
    return [(row, known[row.asset]) for row in rows]


def asset_names_of(rows: Iterable[Arrival | Crossing]) -> dict[str, AssetName]:
    """Names of the assets of arrivals and crossings, and of what was seen on the far side."""
    rows = list(rows)
    far = [row.far_asset for row in rows if isinstance(row, Crossing) and row.far_asset]
    return names.asset_names([*(row.asset for row in rows), *far])


def accounts_json(keys: Iterable[AccountKey]) -> list[dict[str, object]]:
    """Accounts for the API."""
    return [{**account_json(key)} for key in keys]
