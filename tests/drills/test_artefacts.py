"""The committed bytecode is what the committed sources compile to."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DRILLS = ROOT / "tracing" / "drills"
ARTEFACTS = sorted((DRILLS / "artefacts").glob("*.json"))


def test_every_source_has_its_artefact() -> None:
    used = {name for path in ARTEFACTS for name in json.loads(path.read_text())["sources"]}
    assert used == {path.name for path in (DRILLS / "contracts").glob("*.sol")}


@pytest.mark.parametrize("path", ARTEFACTS, ids=lambda path: path.stem)
def test_artefact_names_the_digest_of_each_source_it_was_built_from(path: Path) -> None:
    artefact = json.loads(path.read_text())
    digests = {
        name: hashlib.sha256((DRILLS / "contracts" / name).read_bytes()).hexdigest()
        for name in artefact["sources"]
    }
    assert artefact["sources"] == digests
    assert artefact["contract"] == path.stem


def test_a_rebuild_gives_the_same_bytes_and_a_changed_source_does_not(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "solc").is_dir():
        pytest.skip("solc is not installed (npm ci): artefacts are checked by digest only")
    command = [node, "compile.js", "--check"]
    assert subprocess.run(command, cwd=DRILLS, check=False).returncode == 0
    copy = tmp_path / "drills"
    for name in ("contracts", "artefacts"):
        shutil.copytree(DRILLS / name, copy / name)
    shutil.copy(DRILLS / "compile.js", copy)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    source = copy / "contracts" / "Mixer.sol"
    source.write_text(source.read_text().replace("nextIndex++", "++nextIndex"))
    changed = subprocess.run(command, cwd=copy, check=False, capture_output=True, text=True)
    assert changed.returncode == 1
    assert "Mixer: the artefact differs" in changed.stderr
