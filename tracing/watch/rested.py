"""Labels that targets rest on: where one is withdrawn, or names another service, evidence changed.

An arrival at a desk is one because a label says whose the address is. A label that counts no more,
or another one that counts now, takes the arrival out of what the desk is asked for.
"""

from __future__ import annotations

from collections import defaultdict

from incidents.access import SYSTEM
from incidents.models import FreezeTarget
from incidents.services import target_evidence
from tracing.models import Arrival, Asset, Chain
from tracing.watch import directory

INFERRED = "inferred:"  # keys of arrivals that rest on no label


def reconcile(targets: list[FreezeTarget]) -> int:
    """Withdraw what rests on a label that counts no more, of one room's targets; returns of how
    many arrivals."""
    found = _arrivals(targets)
    if not found:
        return 0
    issuers = dict(
        Asset.objects.filter(
            caip19__in={row.asset for row in found}, issuer__isnull=False
        ).values_list("caip19", "issuer_id")
    )
    by_chain: dict[str, list[Arrival]] = defaultdict(list)
    for row in found:
        if issuers.get(row.asset) != row.service_id:  # at rest in a token: its issuer's own
            by_chain[row.chain].append(row)
    done = 0
    for chain in Chain.objects.filter(caip2__in=by_chain):
        rows = by_chain[chain.caip2]
        words = directory.at(chain, {row.address for row in rows})
        for row in rows:
            service = words.service_at(row.address, row.trace)
            if service is None or service.pk != row.service_id:
                done += _withdraw(row, service.name if service else "")
    return done


def _arrivals(targets: list[FreezeTarget]) -> list[Arrival]:
    """Those that the evidence of the targets rests on, as far as it stands and a label says so."""
    keys = set()
    for target in targets:
        for name, part in target.evidence.items():
            trace, _, key = name.partition(":")
            if trace.isdecimal() and not key.startswith(INFERRED) and not part.get("withdrawn"):
                keys.add((int(trace), key))
    rows = Arrival.objects.filter(
        trace__in={trace for trace, _ in keys},
        key__in={key for _, key in keys},
        service__isnull=False,
        is_withdrawn=False,
    ).select_related("trace__incident")
    return [row for row in rows if (row.trace_id, row.key) in keys]


def _withdraw(row: Arrival, now: str) -> bool:
    reason = "the label that said whose the address is counts no more"
    if now:
        reason = f"the address is labelled as {now[:80]}'s now"
    key = f"{row.trace_id}:{row.key}"
    incident = row.trace.incident
    return target_evidence.withdraw_evidence(incident, key, reason, actor=SYSTEM) is not None
