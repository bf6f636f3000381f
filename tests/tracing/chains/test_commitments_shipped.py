"""Shipped chains declare what the decision record says was shown, and nothing else."""

import tomllib
from pathlib import Path

import tracing.chains
from tracing.chains.evm_commitments import NAMES

ROOT = Path(__file__).resolve().parents[3]
RECORD = ROOT / "docs" / "adr" / "0018-what-can-be-recomputed.md"
SHIPPED = Path(tracing.chains.__file__).parent / "shipped"


def declared() -> dict[str, list[str]]:
    """The record's table of chains: the first column may name several."""
    found = {}
    for line in RECORD.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        names = cells[1].split() if len(cells) == 3 and line.startswith("|") else ["?"]
        if names == ["-"] or set(names) <= set(NAMES):
            for chain in cells[0].split(", "):
                found[chain] = [] if names == ["-"] else names
    return found


def test_shipped_chains_declare_what_was_shown() -> None:
    shipped = {}
    for path in SHIPPED.glob("*.toml"):
        chain = tomllib.loads(path.read_text())
        shipped[chain["name"]] = chain["commitments"]
    assert shipped == declared()
    assert len(shipped) == 11
