"""The range over policies: what the five conserving policies say, each run on the whole trace.

A range and never bounds: over a network, another policy may lie outside of what taint-first and
taint-last give (docs/taint.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from incidents import access
from incidents.access import Actor
from incidents.models import Incident
from incidents.services import answers
from tracing.core.state import account_from_row
from tracing.core.types import Account, AccountKey
from tracing.models import Exposure, RangeAccount, Trace
from tracing.services.ports import key_of, strip_of
from tracing.watch.memory import policies_of


@dataclass(frozen=True)
class PolicyRange:
    """Amounts in base units. ``by_policy`` has one per conserving policy, the trace's own first."""

    by_policy: Mapping[str, int]

    @property
    def low(self) -> int:
        return min(self.by_policy.values())

    @property
    def high(self) -> int:
        return max(self.by_policy.values())


def at_address(
    viewer: Actor, incident: Incident, chain: str, address: str
) -> dict[str, PolicyRange]:
    """Asset -> stolen base units at an address, over the traces that the viewer may see.

    An asset is there where any of the policies puts something, also where the trace's own does not.
    """
    traces = list(access.visible(viewer, Trace.scoped.filter(incident=incident)))
    here = {"trace__in": traces, "chain": chain, "address": address}
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_policies(traces), 0))
    own = {trace.pk: trace.policy for trace in traces}
    for exposure in Exposure.objects.filter(**here).order_by("pk"):
        sums[exposure.asset][own[exposure.trace_id]] += exposure.tainted
    for account in RangeAccount.objects.filter(**here).order_by("pk"):
        sums[account.asset][account.policy] += account.tainted
    return {asset: PolicyRange(row) for asset, row in sums.items() if any(row.values())}


def of_trace(viewer: Actor, trace: Trace) -> dict[str, dict[str, PolicyRange]]:
    """Origin asset -> bucket of the money strip -> range in origin amounts, for a viewer who may
    see the trace. A desk's hold covers the same units under every policy."""
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    holds = answers.held_amounts(trace.incident, viewer)
    for policy, accounts in _accounts(trace).items():
        held = {AccountKey(*account): amount for account, amount in holds.items()}
        for asset, buckets in strip_of(trace, viewer, held, accounts).items():
            for bucket, amount in buckets.items():
                found[asset][bucket][policy] = amount
    names = _policies([trace])
    return {
        asset: {
            bucket: PolicyRange({name: row.get(name, 0) for name in names})
            for bucket, row in buckets.items()
        }
        for asset, buckets in found.items()
    }


def faults(trace: Trace) -> list[str]:
    """Policies under which the origins of a trace do not add up to its seeds; none, if all is well.

    Only seeds whose block has been applied count.
    """
    wrong = []
    seeds: dict[str, int] = defaultdict(int)
    for seed in trace.seeds.filter(block_number__lte=trace.cursor_number):
        if not seed.lots:
            seeds[seed.asset] += seed.amount
        for lot in seed.lots:  # of a leg: what came over a bridge keeps its origins
            seeds[lot["origin_asset"]] += int(lot["origin_amount"])
    for policy, accounts in _accounts(trace).items():
        sums: dict[str, int] = defaultdict(int)
        for account in accounts.values():
            for lot in (*account.lots, *account.dust):
                if lot.origin is not None:
                    sums[lot.origin.asset] += lot.origin.amount
        if sums != seeds:
            wrong.append(policy)
    return wrong


def _policies(traces: Iterable[Trace]) -> list[str]:
    return list(dict.fromkeys(name.value for trace in traces for name in policies_of(trace)))


def _accounts(trace: Trace) -> dict[str, dict[AccountKey, Account]]:
    """Policy -> accounts, the trace's own policy first."""
    found: dict[str, dict[AccountKey, Account]] = {name: {} for name in _policies([trace])}
    for row in Exposure.objects.filter(trace=trace):
        found[trace.policy][key_of(row)] = account_from_row(row.state)
    for other in RangeAccount.objects.filter(trace=trace):
        key = AccountKey(other.chain, other.address, other.asset)
        found[other.policy][key] = account_from_row(other.state)
    return found
