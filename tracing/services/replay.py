"""Replay: the canonical chain applied afresh in memory must give the rows that are kept.

Invariants 2 and 3 of the design: replay gives the same state, rollback then apply equals fresh.
"""

from __future__ import annotations

from incidents import scope
from incidents.models import Incident
from tracing.core.engine import apply_block
from tracing.core.policies import policy as policy_named
from tracing.core.state import TraceState, account_to_row
from tracing.models import Block, Trace
from tracing.models.trace import STANDS
from tracing.services import endpoints
from tracing.watch import branch, bridges, directory, leads, memory
from tracing.watch.ingest import seeds_of
from tracing.watch.source import Source


@scope.trusted
def differences(incident: Incident, caip2: str) -> list[str]:
    """Accounts that differ between a fresh application of the chain and the kept rows."""
    found: list[str] = []
    traces = Trace.objects.filter(STANDS, incident=incident, chain__caip2=caip2)
    for trace in traces.select_related("chain", "incident"):
        found += differences_of(trace)
    return found


def differences_of(trace: Trace) -> list[str]:
    """The same for one trace, under each of its policies."""
    found = []
    for policy, fresh in _fresh(trace).items():
        kept = memory.load(trace, policy)
        for key in sorted(
            fresh.accounts.keys() | kept.accounts.keys(), key=lambda k: (k.address, k.asset)
        ):
            one, other = fresh.get(key), kept.get(key)
            if one is None or other is None or account_to_row(one) != account_to_row(other):
                found.append(f"{policy}: {key.address} {key.asset}")
    return found


def _fresh(trace: Trace) -> memory.States:
    """The trace from its first block on, with today's labels and hubs, under every policy."""
    source = Source(endpoints.adapter_for(trace.chain), trace.chain.native_asset)
    known = directory.load(trace.chain)
    states = {name: TraceState() for name in memory.policies_of(trace)}
    seeds, kinds = seeds_of(trace), known.kinds(trace)
    own = known.vouched() | {seed.asset for seed in seeds}
    rows = Block.objects.filter(
        chain=trace.chain, number__range=(trace.start_number - 1, trace.cursor_number)
    ).exclude(state=Block.State.ORPHANED)
    custody = {row.number: {a: int(v) for a, v in row.custody.items()} for row in rows}
    for number in range(trace.start_number, trace.cursor_number + 1):
        block = branch.as_told(trace.chain, source, number)
        before, after = custody.get(number - 1, {}), custody.get(number, {})
        moved = source.unexplained(block, before, after)
        reading = source.reading(block, states.values(), seeds, kinds, known, moved)
        hubs = leads.hubs_at(trace, number, seeds)
        real = own | leads.tokens_at(trace, number)
        bridged = bridges.read(block, known).bridged
        for name, state in states.items():
            apply_block(
                state,
                reading.block,
                policy=policy_named(name),
                hops=name == trace.policy,
                seeds=seeds,
                kinds=kinds,
                assets=known.infos_of(real),
                balances=reading.balances,
                prices=reading.prices,
                thresholds=known.thresholds(),
                default_threshold=trace.default_threshold(),
                known=real,
                hubs=hubs,
                bridged=bridged,
            )
    return states
