"""Real answers of nodes, beside the repository: ../shared/data, or what HOLDFAST_DATA names."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("HOLDFAST_DATA", ROOT.parent / "shared" / "data"))
ERIGON = DATA / "rpc" / "erigon"

needs_recordings = pytest.mark.skipif(
    not ERIGON.is_dir(),
    reason=f"no recorded answers of nodes at {DATA} (set HOLDFAST_DATA)",
)


def recorded(name: str) -> bytes:
    """A recording as it is on disk; a .tar holds one JSON file."""
    path = ERIGON / name
    if path.suffix != ".tar":
        return path.read_bytes()
    with tarfile.open(path) as archive:
        member = archive.extractfile(archive.getmembers()[0])
        assert member is not None
        return member.read()


def result(name: str) -> Any:
    """The result in a recording."""
    return json.loads(recorded(name))[0]["response"]["result"]
