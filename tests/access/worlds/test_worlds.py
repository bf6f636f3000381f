"""Two worlds: one person's whole transcript is the same, whatever happens behind their back.

Without more said one history. With WORLDS in the environment as many, from WORLDS_SEED, and the
figures go to the file that WORLDS_JSON names.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.access.worlds import history, leaks
from tests.access.worlds.play import Stage
from tests.access.worlds.world import World


def test_nobody_can_tell_the_two_worlds_apart(stage: Stage) -> None:
    many, first = int(os.environ.get("WORLDS", "1")), int(os.environ.get("WORLDS_SEED", "0"))
    began, clock, used = datetime.now(UTC), time.monotonic(), time.process_time()
    differences: dict[int, str] = {}
    commit = _commit()
    for seed in range(first, first + many):
        one = history.make(seed)
        if told := stage.compare(one):
            differences[seed] = f"{one.low}: {told}"
        if many > 1:
            print(seed, one.low, "differs" if told else "same", file=sys.stderr, flush=True)
    if path := os.environ.get("WORLDS_JSON"):
        spent = time.monotonic() - clock, time.process_time() - used
        _write(Path(path), first, commit, began, spent, stage, differences)
    assert "\n\n".join(f"{seed} {told}" for seed, told in differences.items()) == ""
    assert stage.figures.hidden


def _commit() -> str:
    argv = ["git", "rev-parse", "--short=12", "HEAD"]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()


def _write(
    path: Path,
    seed: int,
    commit: str,
    began: datetime,
    seconds: tuple[float, float],
    stage: Stage,
    differences: dict[int, str],
) -> None:
    """The figures, as docs/measurements/README.md asks for them."""
    told = {
        "what": "Random histories played twice, with and without what one person may not see",
        "command": f"make worlds WORLDS={stage.figures.histories} SEED={seed}",
        "seed": seed,
        "commit": commit,
        "machine": f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.0f} at the end",
        "started": began.isoformat(timespec="seconds"),
        "seconds": round(seconds[0]),
        "processor_seconds": round(seconds[1]),
        "runs": 1,
        "figures": {
            "histories": stage.figures.histories,
            "acts": stage.figures.deeds,
            "acts_hidden": stage.figures.hidden,
            "requests": stage.figures.requests,
            "bytes_compared": stage.figures.size,
            "differences": {str(one): told[:4000] for one, told in differences.items()},
        },
    }
    path.write_text(json.dumps(told, indent=2) + "\n")


@pytest.mark.parametrize(("leak", "hidden"), leaks.LEAKS, ids=lambda one: one.__name__)
def test_a_leak_is_found(stage: Stage, leak: Any, hidden: Callable[[World], object]) -> None:
    with leak():
        assert stage.compare(leaks.history(hidden), leaks.ONLY) != ""


@pytest.mark.parametrize("hidden", [leaks.hidden_note, leaks.hidden_address])
def test_without_a_leak_nothing_differs(stage: Stage, hidden: Callable[[World], object]) -> None:
    assert stage.compare(leaks.history(hidden), leaks.ONLY) == ""


def test_who_may_see_it_tells_the_worlds_apart(stage: Stage) -> None:
    played = leaks.history(leaks.hidden_note, low="rival")
    assert leaks.HIDDEN in stage.compare(played, leaks.ONLY)
