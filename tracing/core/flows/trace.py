"""What a policy makes of a whole table: who was reached, what lies where, does it add up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from tracing.core.flows.netting import net
from tracing.core.flows.order import in_order
from tracing.core.flows.prepared import Outcome, Prepared, prepare
from tracing.core.flows.queues import fifo, lifo
from tracing.core.flows.shares import haircut, poison, taint_first, taint_last
from tracing.core.flows.table import Flow
from tracing.core.policies.names import CONSERVING, VERSIONS, PolicyName

KERNELS: dict[PolicyName, Callable[[Prepared], Outcome]] = {
    PolicyName.POISON: poison,
    PolicyName.HAIRCUT: haircut,
    PolicyName.FIFO: fifo,
    PolicyName.LIFO: lifo,
    PolicyName.TAINT_FIRST: taint_first,
    PolicyName.TAINT_LAST: taint_last,
}


class RangeFigures(TypedDict):
    """At terminals, over the conserving policies, each run on the whole table."""

    low: str
    high: str


class TableFigures(TypedDict):
    """A result as JSON. Amounts are decimal strings in units (of USD, with cents)."""

    policy: str
    version: str
    rows: int
    addresses: int
    sources: int
    reached: int
    exposed: int
    terminals_total: int
    terminals_reached: int
    usd_total: str
    usd_covered: str
    minted: str
    at_terminals: str
    elsewhere: str
    clean_opened: str
    conserved: bool
    range: RangeFigures


@dataclass(frozen=True, slots=True)
class TableResult:
    """Amounts in base units. ``held`` has the addresses with an amount under the policy.

    ``reached`` are addresses of the table that stolen value can have touched in time order, sources
    included; ``incomplete`` those that sent more than they had and are no source: the difference
    opened clean lots, ``clean_opened`` in all.
    """

    policy: PolicyName
    version: str
    rows: int
    addresses: int
    sources: int
    reached: frozenset[str]
    terminals: frozenset[str]
    total: int
    covered: int
    minted: int
    at_terminals: int
    elsewhere: int
    clean_opened: int
    conserved: bool
    low: int
    high: int
    held: Mapping[str, int] = field(repr=False)
    incomplete: frozenset[str] = frozenset()

    def figures(self, decimals: int) -> TableFigures:
        """As JSON; ``decimals`` as the table was read with."""

        def shown(amount: int) -> str:
            return units(amount, decimals)

        return {
            "policy": self.policy.value,
            "version": self.version,
            "rows": self.rows,
            "addresses": self.addresses,
            "sources": self.sources,
            "reached": len(self.reached),
            "exposed": len(self.held),
            "terminals_total": len(self.terminals),
            "terminals_reached": len(self.terminals & self.reached),
            "usd_total": shown(self.total),
            "usd_covered": shown(self.covered),
            "minted": shown(self.minted),
            "at_terminals": shown(self.at_terminals),
            "elsewhere": shown(self.elsewhere),
            "clean_opened": shown(self.clean_opened),
            "conserved": self.conserved,
            "range": {"low": shown(self.low), "high": shown(self.high)},
        }


def trace_table(
    flows: Sequence[Flow],
    sources: Collection[str],
    terminals: Collection[str],
    policy: PolicyName | str,
) -> TableResult:
    """Follow what ``sources`` sent beyond what they had received through the whole table.

    ``sources`` and ``terminals`` as ``addresses.read_list`` answers them. A terminal that sends
    passes value on like anybody: amounts are those at the end of the table. The result does not
    depend on the order of ``flows``.

    :raises ValueError: there is no policy of that name.
    """
    name = PolicyName(policy)
    ordered = in_order(flows, sources)
    reached, covered = reach(ordered, sources)
    everybody = {flow.frm for flow in flows} | {flow.to for flow in flows}
    table = prepare(in_order(net(flows), sources), sources)
    ends = frozenset(terminals) & everybody
    outcome = KERNELS[name](table)
    over = {
        one: at(table, outcome if one is name else KERNELS[one](table), ends) for one in CONSERVING
    }
    held = holdings(table, outcome)
    at_terminals = at(table, outcome, ends)
    return TableResult(
        policy=name,
        version=VERSIONS[name],
        rows=len(flows),
        addresses=len(everybody),
        sources=len(set(sources)),
        reached=frozenset(reached & everybody),
        terminals=ends,
        total=sum(flow.amount for flow in flows),
        covered=covered,
        minted=outcome.minted,
        at_terminals=at_terminals,
        elsewhere=sum(held.values()) - at_terminals,
        clean_opened=outcome.opened,
        conserved=sum(held.values()) == outcome.minted,
        low=min(over.values()),
        high=max(over.values()),
        held=held,
        incomplete=frozenset(table.addresses[place] for place in outcome.incomplete),
    )


def reach(ordered: Sequence[Flow], sources: Collection[str]) -> tuple[set[str], int]:
    """Who stolen value can have touched, and the value of rows whose sender is reached by the end
    of the row's block. ``ordered`` as ``in_order`` answers it."""
    reached = set(sources)
    covered = 0
    for flow in ordered:
        if flow.frm in reached:
            covered += flow.amount
            if flow.amount:
                reached.add(flow.to)
    return reached, covered


def holdings(table: Prepared, outcome: Outcome) -> dict[str, int]:
    """Addresses with an amount."""
    return {
        address: amount
        for address, amount in zip(table.addresses, outcome.tainted, strict=True)
        if amount
    }


def at(table: Prepared, outcome: Outcome, ends: Collection[str]) -> int:
    """What lies at these addresses."""
    held = zip(table.addresses, outcome.tainted, strict=True)
    return sum(amount for address, amount in held if address in ends)


def units(amount: int, decimals: int) -> str:
    """Base units as a decimal string with all its decimals: 12.50."""
    if not decimals:
        return str(amount)
    digits = str(amount).rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}"
