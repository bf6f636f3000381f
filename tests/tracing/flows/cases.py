"""The real thefts beside the repository, and small tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tracing.chains.recorded import DATA
from tracing.core.flows import LAYOUTS, Flow, read, read_list

CASES = DATA / "cases"
HEADER = "Timestamp,Block,Tx_hash,From,From_label,To,To_label,Value_in_USD"

needs_cases = pytest.mark.skipif(
    not CASES.is_dir(), reason=f"no real thefts at {CASES} (set HOLDFAST_DATA)"
)


def files(case: str) -> tuple[Path, Path, Path]:
    """The table of a case, its sources and its terminals."""
    folder = CASES / case
    return (
        folder / f"{case}.csv",
        folder / "source addresses.csv",
        folder / "terminal addresses.csv",
    )


def case(name: str) -> tuple[list[Flow], list[str], list[str]]:
    """A case, read."""
    table, sources, terminals = files(name)
    with table.open(newline="", encoding="utf-8") as lines:
        flows, bad = read(lines, LAYOUTS["laundernet"], 2)
    assert bad == []
    with sources.open() as s, terminals.open() as t:
        return flows, read_list(s)[0], read_list(t)[0]


def flow(block: int, frm: str, to: str, amount: int, tx: str = "") -> Flow:
    """A row of a table without more."""
    return Flow(0, None, block, tx, frm, to, amount)
