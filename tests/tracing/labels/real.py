"""Real label files, beside the repository: ../shared/data/labels, or what HOLDFAST_DATA names."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.tracing.chains.recorded import DATA
from tracing import labels
from tracing.labels.base import BadRow, LabelFact, Said

FOLDER = DATA / "labels"
PACKS = FOLDER / "graphsense_tagpacks" / "packs"
ETHERSCAN = FOLDER / "etherscan_labels"
OFAC = FOLDER / "ofac_addresses"
FACTS = DATA / "facts" / "service_labels.csv"

needs_files = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"no label files at {FOLDER} (set HOLDFAST_DATA)"
)


def read(slug: str, path: Path, **said: object) -> tuple[list[LabelFact], list[BadRow]]:
    """The facts of a file, and what was refused of it."""
    facts: list[LabelFact] = []
    bad: list[BadRow] = []
    with path.open("rb") as stream:
        for row in labels.registry()[slug].read(stream, Said(**said)):  # type: ignore[arg-type]
            (facts if isinstance(row, LabelFact) else bad).append(row)  # type: ignore[arg-type]
    return facts, bad


def dated(day: str) -> date:
    return date.fromisoformat(day)
