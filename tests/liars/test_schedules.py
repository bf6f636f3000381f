"""Random schedules of faults: nothing false is called verified, nothing is missed or doubled.

Without more said a few dozen schedules that are always the same. With LIARS_SCHEDULES in the
environment as many, from LIARS_SEED, and the figures go to the file that LIARS_JSON names.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.liars.server import Server

FEW = 20
STEPS = 12


@pytest.mark.django_db(transaction=True)
def test_random_schedules(server: Server) -> None:
    from tests.liars.room import in_a_hurry, open_room
    from tests.liars.schedules import Figures, Schedule

    many = int(os.environ.get("LIARS_SCHEDULES", "0"))
    chance = int(os.environ.get("LIARS_SEED", "1"))
    how = settings(
        max_examples=many or FEW,
        stateful_step_count=int(os.environ.get("LIARS_STEPS", STEPS)),
        derandomize=not many,
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=[Phase.generate, *([Phase.shrink] if "LIARS_SHRINK" in os.environ else [])],
        suppress_health_check=list(HealthCheck),
    )
    with in_a_hurry():
        found = Figures(asked=many or FEW)

        class Here(Schedule):
            pass

        Here.server, Here.incident, Here.figures = server, open_room(server), found
        began, clock = datetime.now(UTC), time.monotonic()
        violation: Exception | AssertionError | None = None
        try:
            run_state_machine_as_test(seed(chance)(Here) if many else Here, settings=how)
        except (Exception, AssertionError) as error:
            violation = error
            raise
        finally:
            if many and (path := os.environ.get("LIARS_JSON")):
                _write(Path(path), chance, began, time.monotonic() - clock, found, violation)
    assert found.schedules >= (many or FEW)
    assert found.faults, "nobody lied"
    assert found.reorganisations
    assert found.calm_runs


def _write(
    path: Path, chance: int, began: datetime, seconds: float, found: Any, violation: object
) -> None:
    """The figures, as docs/measurements/README.md asks for them."""
    argv = ["git", "rev-parse", "--short=12", "HEAD"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    told = {
        "what": "Random schedules of the lying-node simulator against the real watcher",
        "command": f"make liars SCHEDULES={found.asked} SEED={chance}",
        "seed": chance,
        "commit": done.stdout.strip(),
        "machine": f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.0f} at the end",
        "started": began.isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "runs": 1,
        "violations": [] if violation is None else [repr(violation)[:2000]],
        "figures": {name: _plain(value) for name, value in vars(found).items()},
    }
    path.write_text(json.dumps(told, indent=1) + "\n")


def _plain(value: Any) -> Any:
    return {str(key): value[key] for key in sorted(value)} if isinstance(value, dict) else value
