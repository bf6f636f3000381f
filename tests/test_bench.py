"""The bench's short form: every figure is there and is a number. No time is asserted."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from tests.effort import LONG
from tests.tracing.flows.cases import needs_cases

pytestmark = pytest.mark.drill  # starts a database and programs of its own

FIGURES = {
    "persisted": {"per_block", "own_policy", "with_range"},
    "latency": {"alerts", "blocks", "pause_s", "latency_ms", "reconnects"},
    "revocation": {
        "leaving",
        "staying",
        "silent_ms",
        "closed",
        "heard_later",
        "written_later",
        "way_before_ms",
        "way_after_ms",
    },
    "applied": {
        "transactions",
        "tainted",
        "blocks",
        "runs",
        "growth",
        "growth_of_processor",
    },
    "catch_up": {
        "blocks",
        "exposed",
        "transactions",
        "per_s",
        "waiting_share",
        "seconds",
        "processor_s",
        "database_processor_s",
    },
    "engine": {"transactions", "iterate_per_s", "skip_per_s", "peel_per_s"},
    "kernels": {"seed", "addresses", "haircut", "fifo", "networkx", "memory_mib"},
    "fragments": {"lots", "sweeps", "whole", "partial", "by_transfer"},
    "cases": {"HB", "LIFI"},
}
CASE = {
    "rows",
    "addresses",
    "reached",
    "terminals",
    "terminals_reached",
    "coverage",
    "conserved",
    "seconds",
    "at_terminals_percent",
    "noise",
}


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """Every single figure, by where it stands."""
    if isinstance(value, dict):
        return {k: v for key in value for k, v in leaves(value[key], f"{path}.{key}").items()}
    if isinstance(value, list):
        return {
            k: v for at in range(len(value)) for k, v in leaves(value[at], f"{path}.{at}").items()
        }
    return {path: value}


# Each of these starts a room of its own, which takes long; two of them have tests beside.
ROOMS = {
    "persisted": [],
    "applied": ["exposed"],
    "catch_up": ["catch-up"],
    "revocation": ["removed party"],  # tests/incidents/test_sockets_revoked.py
}


@needs_cases
def test_short_form_has_every_figure() -> None:
    left_out = set() if LONG else set(ROOMS)
    out, parts = StringIO(), [part for part in FIGURES if part not in left_out]
    call_command("bench", "--short", "--only", *parts, stdout=out, stderr=StringIO())
    *table, last = out.getvalue().splitlines()
    figures = json.loads(last)
    assert {name: set(figures[name]) for name in parts} == {n: FIGURES[n] for n in parts}
    assert not left_out & set(figures)
    assert all(set(case) == CASE for case in figures["cases"].values())
    single = leaves({name: figures[name] for name in parts})
    assert len(single) > 70
    assert [path for path, value in single.items() if not isinstance(value, int | float)] == []
    assert len(figures["kernels"]["haircut"]) == 3
    assert figures["latency"]["alerts"] == 3
    if LONG:
        assert [run["exposed"] for run in figures["applied"]["runs"]] == [20, 40]
        assert figures["catch_up"]["blocks"] == 21
    assert {"commit", "started", "seconds", "machine"} <= set(figures)
    shown = "\n".join(table)
    for said in (
        "haircut, ",
        "FIFO, ",
        "lots moved",
        "networkx",
        "dust",
        "HB: coverage",
        "worst",
        "browser",
        *(word for part in parts for word in ROOMS.get(part, [])),
    ):
        assert said in shown
    assert table[0].split() == ["figure", "measured", "target"]
