"""Figures of an incident's traces."""

from __future__ import annotations

from django.db.models import Exists, Max, OuterRef, Sum

from incidents import scope
from incidents.models import Incident
from tracing.core.types import AccountKind
from tracing.models import Block, ChainFreeze, Exposure, Finding, Hop
from tracing.services import ranges


def of_chain(incident: Incident, caip2: str) -> dict[str, int]:
    """Counts that a drill reports."""
    blocks = Block.objects.filter(chain__caip2=caip2)
    canonical = blocks.exclude(state=Block.State.ORPHANED)
    parents = canonical.filter(chain=OuterRef("chain"), hash=OuterRef("parent_hash"))
    forks = blocks.filter(Exists(parents), state=Block.State.ORPHANED)
    followed = Exposure.objects.filter(
        trace__incident=incident, kind=AccountKind.FOLLOWED, tainted__gte=0
    )
    hops = Hop.objects.filter(trace__incident=incident)
    return {
        "blocks": canonical.count(),
        "orphaned_blocks": blocks.filter(state=Block.State.ORPHANED).count(),
        "transfers": canonical.aggregate(n=Sum("transfer_count"))["n"] or 0,
        "followed_addresses": followed.values("address").distinct().count(),
        "hops": hops.count(),
        "longest_path": hops.aggregate(n=Max("depth"))["n"] or 0,
        "chain_freezes_seen": ChainFreeze.objects.filter(chain__caip2=caip2).count(),
        "reorgs_handled": forks.count(),
    }


@scope.trusted
def unbalanced(incident: Incident) -> list[str]:
    """Policies of the incident's traces under which value was lost or made."""
    return [fault for trace in incident.traces.all() for fault in ranges.faults(trace)]


def left_over(incident: Incident) -> int:
    """Findings that were neither posted nor voided."""
    states = (Finding.State.PENDING, Finding.State.PARKED)
    return Finding.objects.filter(incident=incident, state__in=states).count()
