"""Taint over tables in memory: rates by size, what dust costs, and a plain graph library beside."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import networkx

from config.bench.clock import child, rate, seconds
from tracing.core.flows.prepared import Outcome, Prepared
from tracing.core.flows.queues import fifo
from tracing.core.flows.shares import haircut, poison

SEED = 20261121
MOST = 10**12  # base units
SOURCE_EVERY = 100  # one address in a hundred is a source


def synthetic(transfers: int, addresses: int, seed: int = SEED) -> Prepared:
    """Transfers between addresses with heavy reuse: the one of rank ``r`` sends and receives in
    proportion to 1 / (r + 100), as traffic on real chains is spread.

    Amounts are up to 1,000,000 of a token with six decimals; whoever lacks value has had it from
    before. (Smaller integers would flatter small tables: Python divides those below 2^30 faster.)
    """
    chance = random.Random(seed)  # noqa: S311 - a workload, not a secret
    everybody = range(addresses)
    weights = list(accumulate(1 / (rank + 100) for rank in everybody))
    frm = array("l", chance.choices(everybody, cum_weights=weights, k=transfers))
    to = array("l", chance.choices(everybody, cum_weights=weights, k=transfers))
    for at in range(transfers):
        if frm[at] == to[at]:
            to[at] = (to[at] + 1) % addresses
    draw = chance.random
    amount = array("q", (int(draw() * MOST) + 1 for _ in range(transfers)))
    is_source = bytearray(1 if at % SOURCE_EVERY == 0 else 0 for at in everybody)
    return Prepared([str(at) for at in everybody], frm, to, amount, is_source)


def figures(sizes: tuple[int, int, int], addresses: int) -> dict[str, Any]:
    """Haircut at all three sizes, FIFO and the graph library at the smaller ones."""
    found: dict[str, Any] = {"seed": SEED, "addresses": addresses, "haircut": [], "fifo": []}
    for size in sizes:
        table = synthetic(size, addresses)
        times = 3 if size <= 1_000_000 else 1
        found["haircut"].append(_haircut(table, size, times))
        if size != sizes[-1]:
            found["fifo"].append(_fifo(table, size))
        if size == sizes[0]:
            found["networkx"] = beside(table, size)
    found["memory_mib"] = child("config.bench.memory", sizes[1], addresses)
    return found


def _haircut(table: Prepared, size: int, times: int) -> dict[str, Any]:
    spent = seconds(lambda: haircut(table), times)
    return {
        "transfers": size,
        "per_s": round(size / spent),
        "ns_per_transfer": round(spent / size * 1e9),
    }


def _fifo(table: Prepared, size: int) -> dict[str, Any]:
    outcome = fifo(table)
    spent = seconds(lambda: fifo(table))
    return {
        "transfers": size,
        "per_s": round(size / spent),
        "lots_moved": outcome.lots_moved,
        "ns_per_lot": round(spent / max(1, outcome.lots_moved) * 1e9),
        "exposed": sum(1 for amount in outcome.tainted if amount),
    }


# -- a graph library ---------------------------------------------------------------------------


def beside(table: Prepared, size: int) -> dict[str, Any]:
    """The same haircut and poison over a networkx graph: rates, and how many times ours they take.

    Its graph is built before the clock starts, as our table is.

    :raises AssertionError: the two do not agree.
    """
    graph = as_graph(table)
    ours: dict[str, Callable[[Prepared], Outcome]] = {"haircut": haircut, "poison": poison}
    theirs = {"haircut": graph_haircut, "poison": graph_poison}
    found: dict[str, Any] = {"transfers": size}
    for name, kernel in ours.items():
        plain = theirs[name]
        outcome = kernel(table)
        if plain(graph) != {at: amount for at, amount in enumerate(outcome.tainted) if amount}:
            raise AssertionError(f"{name}: the graph says something else")
        fast, slow = rate(size, lambda k=kernel: k(table)), rate(size, lambda p=plain: p(graph), 1)  # type: ignore[misc]
        found[name] = {"per_s": slow, "ours_per_s": fast, "ratio": round(fast / slow, 1)}
    return found


def as_graph(table: Prepared) -> Any:
    """A multigraph with a time and an amount on each edge."""
    graph: Any = networkx.MultiDiGraph()
    for at, is_source in enumerate(table.is_source):
        graph.add_node(at, source=bool(is_source))
    for time, (frm, to, amount) in enumerate(zip(table.frm, table.to, table.amount, strict=True)):
        graph.add_edge(frm, to, time=time, amount=amount)
    return graph


def graph_haircut(graph: Any) -> dict[int, int]:
    """Edges in order of time, shares kept on the nodes."""
    balance, tainted = dict.fromkeys(graph, 0), dict.fromkeys(graph, 0)
    for frm, to, edge in _in_time(graph):
        amount = edge["amount"]
        if balance[frm] < amount:
            if graph.nodes[frm]["source"]:
                tainted[frm] += amount - balance[frm]
            balance[frm] = amount
        share = tainted[frm] * amount // balance[frm]
        balance[frm] -= amount
        tainted[frm] -= share
        balance[to] += amount
        tainted[to] += share
    return {node: amount for node, amount in tainted.items() if amount}


def graph_poison(graph: Any) -> dict[int, int]:
    """Edges in order of time, a mark on the nodes."""
    balance = dict.fromkeys(graph, 0)
    touched = {node for node, data in graph.nodes(data=True) if data["source"]}
    for frm, to, edge in _in_time(graph):
        balance[frm] = max(0, balance[frm] - edge["amount"])
        balance[to] += edge["amount"]
        if frm in touched:
            touched.add(to)
    return {node: balance[node] for node in touched if balance[node]}


def _in_time(graph: Any) -> list[Any]:
    return sorted(graph.edges(data=True), key=lambda edge: edge[2]["time"])
