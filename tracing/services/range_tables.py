"""The range over policies as pages and the API tell it: bucket by bucket, policy by policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from incidents.access import Actor
from incidents.display.amounts import Shown, places_needed, show
from incidents.display.strip import BUCKETS
from incidents.ports import AssetName
from tracing.models import Trace
from tracing.services import names, ranges
from tracing.services.ranges import PolicyRange

_ROWS = (*BUCKETS[:1], ("at_services", "at services", ""), ("in_crossing", "in crossing", ""),
         *BUCKETS[1:])  # fmt: skip


@dataclass(frozen=True)
class RangeRow:
    """One bucket under every policy, in base units of the stolen asset."""

    bucket: str
    name: str
    is_part: bool  # of "at large"
    amounts: list[int]  # in the order of the table's policies
    low: int
    high: int
    shown: list[tuple[str, Shown]]  # policy and amount, points below each other
    shown_low: Shown
    shown_high: Shown


@dataclass(frozen=True)
class RangeTable:
    """The range over policies of one stolen asset; ``policies``: the trace's own first."""

    asset: str
    name: AssetName
    policies: list[str]
    rows: list[RangeRow]


def of_trace(viewer: Actor, trace: Trace) -> list[RangeTable]:
    """The range over policies, per stolen asset, bucket by bucket."""
    found = ranges.of_trace(viewer, trace)
    known = names.asset_names(found)
    return [table(asset, known[asset], rows) for asset, rows in sorted(found.items())]


def table(asset: str, name: AssetName, rows: Mapping[str, PolicyRange]) -> RangeTable:
    """One table. Buckets that are empty under every policy are left out."""
    policies = list(next(iter(rows.values())).by_policy) if rows else []
    every = [n for row in rows.values() for n in row.by_policy.values()]
    places = places_needed(every, name.decimals)

    def shown(amount: int) -> Shown:
        return show(amount, name.decimals, places=places)

    told = []
    for bucket, title, _ in _ROWS:
        row = rows.get(bucket)
        if row is None or not row.high:
            continue
        amounts = [row.by_policy[policy] for policy in policies]
        told.append(
            RangeRow(
                bucket,
                title,
                bucket in ("at_services", "in_crossing"),
                amounts,
                row.low,
                row.high,
                [(policy, shown(row.by_policy[policy])) for policy in policies],
                shown(row.low),
                shown(row.high),
            )
        )
    return RangeTable(asset, name, policies, told)
