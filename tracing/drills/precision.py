"""How much of what FIFO calls exposed lies on a case's own addresses, in the middle of noise."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypedDict

from tracing.core.flows import Flow, units
from tracing.core.flows.netting import net
from tracing.core.flows.order import in_order
from tracing.core.flows.prepared import prepare
from tracing.core.flows.queues import fifo
from tracing.core.flows.trace import holdings, reach
from tracing.drills.noise import Hub, Noisy, add_noise

# The kind of hub that the target of 0.90 is claimed for; the others are told beside it.
CLAIMED = Hub.ROUTER


class HubFigures(TypedDict):
    """One noisy table under FIFO. Amounts are decimal strings; shares are rounded down."""

    rows: int
    background_rows: int
    hub_rows: int
    routed: str
    hub_clean: str
    minted: str
    on_case: str
    at_hubs: str
    off_case: str
    at_terminals: str
    conserved: bool
    precision: float
    precision_without_hubs: float
    reached: int
    terminals_reached: int


class NoiseFigures(TypedDict):
    """``precision`` and ``reached`` (of the case's ``addresses``) are those of ``claimed_for``."""

    seed: int
    policy: str
    claimed_for: str
    precision: float
    addresses: int
    reached: int
    hubs: dict[str, HubFigures]


def judge(
    flows: Sequence[Flow],
    sources: Collection[str],
    terminals: Collection[str],
    seed: int,
    decimals: int,
    kinds: Sequence[Hub] = tuple(Hub),
) -> NoiseFigures:
    """Noise of one seed around a case, for each kind of hub: what FIFO makes of it.

    ``decimals`` as the table was read with, two at least. The case has rows.
    """
    hubs = {}
    for kind in dict.fromkeys((CLAIMED, *kinds)):
        noisy = add_noise(flows, seed, kind, 10 ** (decimals - 2))
        hubs[kind.value] = _figures(noisy, sources, terminals, decimals)
    claimed = hubs[CLAIMED.value]
    return {
        "seed": seed,
        "policy": "fifo",
        "claimed_for": CLAIMED.value,
        "precision": claimed["precision"],
        "addresses": len({flow.frm for flow in flows} | {flow.to for flow in flows}),
        "reached": claimed["reached"],
        "hubs": hubs,
    }


def _figures(
    noisy: Noisy, sources: Collection[str], terminals: Collection[str], decimals: int
) -> HubFigures:
    reached, _ = reach(in_order(noisy.flows, sources), sources)
    table = prepare(in_order(net(noisy.flows), sources), sources)
    outcome = fifo(table)
    held = holdings(table, outcome)
    total = sum(held.values())
    on_case = sum(amount for address, amount in held.items() if address in noisy.case)
    at_hubs = sum(amount for address, amount in held.items() if address in noisy.hubs)
    ends = frozenset(terminals)
    return {
        "rows": len(noisy.flows),
        "background_rows": noisy.background_rows,
        "hub_rows": noisy.hub_rows,
        "routed": units(noisy.routed, decimals),
        "hub_clean": units(noisy.hub_clean, decimals),
        "minted": units(outcome.minted, decimals),
        "on_case": units(on_case, decimals),
        "at_hubs": units(at_hubs, decimals),
        "off_case": units(total - on_case - at_hubs, decimals),
        "at_terminals": units(sum(held.get(address, 0) for address in ends), decimals),
        "conserved": total == outcome.minted,
        "precision": _share(on_case, total),
        "precision_without_hubs": _share(on_case, total - at_hubs),
        "reached": len(reached & noisy.case),
        "terminals_reached": len(reached & noisy.case & ends),
    }


def _share(part: int, whole: int) -> float:
    """To four places, rounded down: never better than it is."""
    return part * 10_000 // whole / 10_000 if whole else 0.0
