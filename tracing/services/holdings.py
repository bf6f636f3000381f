"""What one address holds of the stolen value, under the policies, for a viewer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from incidents import access
from incidents.access import Actor
from incidents.display.amounts import Shown, places_needed, show
from incidents.models import Incident
from incidents.ports import AssetName
from tracing.models import Exposure, Trace
from tracing.services import names, ranges
from tracing.services.ports import active_freezes, key_of
from tracing.services.ranges import PolicyRange


@dataclass(frozen=True)
class Held:
    """What one trace has at the address in one asset."""

    trace: UUID
    policy: str  # with its version
    asset: str
    name: AssetName
    tainted: int
    balance: int
    depth: int
    kind: str
    is_frozen: bool
    is_freeze_confirmed: bool
    is_incomplete: bool


@dataclass(frozen=True)
class AssetRange:
    """The range over policies of one asset at the address, over the traces in view."""

    asset: str
    name: AssetName
    policies: list[tuple[str, Shown]]
    low: Shown
    high: Shown


def at_address(viewer: Actor, incident: Incident, chain: str, address: str) -> list[Held]:
    """One line per trace and asset, for the traces that the viewer may see; what is empty last."""
    traces = access.visible(viewer, Trace.scoped.filter(incident=incident))
    found = Exposure.objects.filter(trace__in=traces, chain=chain, address=address)
    related = ("trace__incident", "trace__chain")
    rows = list(found.select_related(*related).order_by("asset", "pk"))
    rows.sort(key=lambda row: not row.tainted)
    known = names.asset_names(row.asset for row in rows)
    frozen = active_freezes([chain]) if rows else {}
    kinds = {
        trace.pk: names.kinds_of_trace(trace, viewer, {address})
        for trace in {row.trace for row in rows}
    }
    return [
        Held(
            row.trace.public_id,
            row.trace.policy_version,
            row.asset,
            known[row.asset],
            row.tainted,
            row.balance,
            row.depth,
            kinds[row.trace_id].get(row.address, row.kind),
            key_of(row) in frozen,
            frozen.get(key_of(row), False),
            row.is_history_incomplete,
        )
        for row in rows
    ]


def ranges_at(viewer: Actor, incident: Incident, chain: str, address: str) -> list[AssetRange]:
    """The range over policies per asset, also of one that only another policy puts there."""
    found = ranges.at_address(viewer, incident, chain, address)
    known = names.asset_names(found)
    return [_range(asset, known[asset], row) for asset, row in sorted(found.items())]


def _range(asset: str, name: AssetName, row: PolicyRange) -> AssetRange:
    places = places_needed(list(row.by_policy.values()), name.decimals)

    def shown(amount: int) -> Shown:
        return show(amount, name.decimals, places=places)

    policies = [(policy, shown(amount)) for policy, amount in row.by_policy.items()]
    return AssetRange(asset, name, policies, shown(row.low), shown(row.high))
