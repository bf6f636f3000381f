"""The two real thefts, quiet and in noise: reach, coverage, policies, and the worst precision."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from config.embedded.node import ROOT
from tracing.core.flows import LAYOUTS, Flow, TableResult, read, read_list, trace_table
from tracing.core.policies.names import PolicyName
from tracing.drills.noise import Hub
from tracing.drills.precision import HubFigures, judge

DATA = Path(os.environ.get("HOLDFAST_DATA", ROOT.parent / "shared" / "data")) / "cases"
CASES = ("HB", "LIFI")


def figures(seeds: Sequence[int], kinds: Sequence[Hub] = tuple(Hub)) -> dict[str, Any]:
    """By case; empty where the data is not beside the repository."""
    if not DATA.is_dir():
        return {}
    return {name: _case(name, seeds, kinds) for name in CASES}


def _case(name: str, seeds: Sequence[int], kinds: Sequence[Hub]) -> dict[str, Any]:
    flows, sources, terminals = load(name)
    began = time.perf_counter()
    results = {policy: trace_table(flows, sources, terminals, policy) for policy in PolicyName}
    seconds = (time.perf_counter() - began) / len(results)
    found = _quiet(results[PolicyName.FIFO])
    found["seconds"] = round(seconds, 3)
    found["at_terminals_percent"] = {
        policy.value: round(100 * result.at_terminals / result.minted, 1)
        for policy, result in results.items()
        if policy is not PolicyName.POISON
    }
    found["noise"] = _noise(flows, sources, terminals, seeds, kinds)
    return found


def load(name: str) -> tuple[list[Flow], list[str], list[str]]:
    """Rows, sources, terminals."""
    folder = DATA / name
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as lines:
        flows, bad = read(lines, LAYOUTS["laundernet"], 2)
    if bad:
        raise ValueError(f"{name}, line {bad[0].line}: {bad[0].reason}")
    lists = []
    for what in ("source", "terminal"):
        with (folder / f"{what} addresses.csv").open(encoding="utf-8") as lines:
            lists.append(read_list(lines)[0])
    return flows, lists[0], lists[1]


def _quiet(result: TableResult) -> dict[str, Any]:
    return {
        "rows": result.rows,
        "addresses": result.addresses,
        "reached": len(result.reached),
        "terminals": len(result.terminals),
        "terminals_reached": len(result.terminals & result.reached),
        "coverage": round(result.covered / result.total, 4),
        "conserved": int(result.conserved),
    }


def _noise(
    flows: Sequence[Flow],
    sources: Sequence[str],
    terminals: Sequence[str],
    seeds: Sequence[int],
    kinds: Sequence[Hub],
) -> dict[str, Any]:
    by_kind: dict[str, list[HubFigures]] = {kind.value: [] for kind in kinds}
    for seed in seeds:
        judged = judge(flows, sources, terminals, seed, 2, kinds)
        for kind in by_kind:
            by_kind[kind].append(judged["hubs"][kind])
    found: dict[str, Any] = {"seeds": list(seeds)}
    for kind, all_of in by_kind.items():
        found[kind] = {
            "precision": [one["precision"] for one in all_of],
            "worst": min(one["precision"] for one in all_of),
            "worst_without_hubs": min(one["precision_without_hubs"] for one in all_of),
            "least_reached": min(one["reached"] for one in all_of),
            "rows": max(one["rows"] for one in all_of),
        }
    return found
