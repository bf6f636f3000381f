"""The figures as one table for people. Each line names its target where the project has one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Line = tuple[str, str, str]  # what, figure, target


def table(figures: dict[str, Any]) -> str:
    """All figures, one a line, in three columns."""
    rows = [("figure", "measured", "target"), *_lines(figures)]
    wide = [max(len(row[column]) for row in rows) for column in range(3)]
    shown = [
        f"{what:<{wide[0]}}  {figure:>{wide[1]}}  {target}".rstrip()
        for what, figure, target in rows
    ]
    shown.insert(1, "-" * (sum(wide) + 4))
    return "\n".join(shown)


def _lines(figures: dict[str, Any]) -> Iterator[Line]:
    for part, lines in PARTS.items():
        if part in figures:
            yield from lines(figures[part])


def _cases(cases: dict[str, Any]) -> Iterator[Line]:
    for name, case in cases.items():
        yield from _case(name, case)


def _engine(engine: dict[str, Any]) -> Iterator[Line]:
    yield "engine: strangers skipped, transactions/s", _count(engine["skip_per_s"]), ""
    yield "engine: a peel followed, transactions/s", _count(engine["peel_per_s"]), ""


def _drill(drill: dict[str, Any]) -> Iterator[Line]:
    latency = drill["alert_latency_ms"]
    yield "drill: adds up against its oracle", "yes" if drill["ok"] else "NO", "yes"
    yield "drill: blocks/s", str(drill["blocks_per_second"]), ""
    for name in sorted(latency):
        yield f"drill: alert latency {name}, ms", str(latency[name]), ""


def _kernels(kernels: dict[str, Any]) -> Iterator[Line]:
    for run in kernels["haircut"]:
        size = _count(run["transfers"])
        yield f"haircut, {size} transfers: a second", _count(run["per_s"]), "1,000,000"
        yield f"haircut, {size} transfers: ns each", _count(run["ns_per_transfer"]), "flat"
    for run in kernels["fifo"]:
        size = _count(run["transfers"])
        yield f"FIFO, {size} transfers: a second", _count(run["per_s"]), "450,000"
        yield f"FIFO, {size} transfers: lots moved", _count(run["lots_moved"]), ""
        yield f"FIFO, {size} transfers: ns a lot", _count(run["ns_per_lot"]), "flat"
    for way, amount in kernels["memory_mib"].items():
        yield f"peak memory ({way}), MiB", _count(amount), "below 1,024"
    graph = kernels["networkx"]
    for name in ("haircut", "poison"):
        size = _count(graph["transfers"])
        yield f"networkx {name}, {size} transfers: a second", _count(graph[name]["per_s"]), ""
        yield f"{name} here, by networkx", f"{graph[name]['ratio']} times", ""


def _fragments(dust: dict[str, Any]) -> Iterator[Line]:
    lots = _count(dust["lots"])
    for way, target in (("whole", "at most 20 times"), ("partial", "")):
        run = dust[way]
        yield f"{lots} lots of dust swept ({way}): us a sweep", str(run["us_per_sweep"]), ""
        yield f"  by a sweep of one lot ({way})", f"{run['ratio']} times", target
    if "by_transfer" in dust:
        yield "  by FIFO's cost of a transfer (partial)", f"{dust['by_transfer']} times", ""


def _case(name: str, case: dict[str, Any]) -> Iterator[Line]:
    reached = f"{case['reached']} of {case['addresses']}"
    yield f"{name}: addresses reached", reached, f"{case['addresses']}"
    ends = f"{case['terminals_reached']} of {case['terminals']}"
    yield f"{name}: terminals reached", ends, f"{case['terminals']}"
    yield f"{name}: coverage", f"{case['coverage']:.3f}", {"HB": "0.856", "LIFI": "1.000"}[name]
    for policy, share in case["at_terminals_percent"].items():
        yield f"{name}: at terminals by {policy}, %", f"{share:.1f}", ""
    noise = dict(case["noise"])
    seeds = len(noise.pop("seeds"))
    for kind, found in noise.items():
        target = "0.90" if kind == "router" else "none claimed"
        yield f"{name}: precision, {kind}, worst of {seeds}", f"{found['worst']:.4f}", target
        if found["worst_without_hubs"] != found["worst"]:
            yield "  without what rests at hubs", f"{found['worst_without_hubs']:.4f}", ""
        yield "  addresses reached, the least", str(found["least_reached"]), reached.split()[0]


def _persisted(persisted: dict[str, Any]) -> Iterator[Line]:
    for way, target in (("own_policy", "5,000"), ("with_range", "")):
        run = persisted[way]
        name = way.replace("_", " ")
        yield f"persisted, {name}: tainted transfers/s", _count(run["per_s"]), target
        yield "  a second of processor, both sides", _count(run["per_s_of_processor"]), target


def _latency(latency: dict[str, Any]) -> Iterator[Line]:
    for share, target in (("p50", ""), ("p95", "below 500"), ("p99", "below 1,000")):
        took = str(latency["latency_ms"][share])
        yield f"block served to alert in a browser, ms, {share}", took, target


def _applied(applied: dict[str, Any]) -> Iterator[Line]:
    for run in applied["runs"]:
        what = f"{applied['transactions']} transactions, {_count(run['exposed'])} exposed"
        yield f"{what}: applied, ms, p50", str(run["whole_ms"]["p50"]), "below 250"
        yield f"{what}: applied, ms, p95", str(run["whole_ms"]["p95"]), ""
        yield "  of it decoding, ms, p50", str(run["decode_ms"]["p50"]), ""
        yield "  of it the processor, ms, p50", str(run["processor_ms"]["p50"]), ""
        yield "  before it read and checked, ms, p50", str(run["read_ms"]["p50"]), ""
    yield "  many exposed by few", f"{applied['growth']} times", "at most 1.1"
    yield "  the same of the processor", f"{applied['growth_of_processor']} times", "at most 1.1"


def _catch_up(caught: dict[str, Any]) -> Iterator[Line]:
    yield "catch-up: light blocks/s", _count(caught["per_s"]), "300"
    yield "  share of time waiting for the node", str(caught["waiting_share"]), ""


def _revoked(found: dict[str, Any]) -> Iterator[Line]:
    """A party of so many sockets is removed."""
    sockets = f"{found['leaving']} sockets of a removed party"
    for share, target in (("p50", ""), ("p99", "below 1,000"), ("most", "below 5,000")):
        yield f"{sockets}: silent after, ms, {share}", str(found["silent_ms"][share]), target
    closed = f"{found['closed']} of {found['leaving']}"
    yield "  closed", closed, str(found["leaving"])
    yield "  entries heard that were recorded later", str(found["heard_later"]), "0"
    for when in ("before", "after"):
        way = found[f"way_{when}_ms"]
        yield f"  an entry to every socket {when}, ms, p99", str(way["p99"]), ""


def _count(number: int) -> str:
    return f"{number:,}"


# In the order of the table.
PARTS = {
    "kernels": _kernels,
    "fragments": _fragments,
    "cases": _cases,
    "persisted": _persisted,
    "latency": _latency,
    "applied": _applied,
    "catch_up": _catch_up,
    "revocation": _revoked,
    "engine": _engine,
    "drill": _drill,
}
