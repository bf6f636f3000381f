"""Everything that is measured, in one object."""

from __future__ import annotations

import platform
import subprocess
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from os import cpu_count, getloadavg
from typing import Any

from config.bench import (
    applied,
    cases,
    catchup,
    engine,
    fragments,
    kernels,
    latency,
    persisted,
    revocation,
)
from config.embedded.node import ROOT
from tracing.drills.noise import Hub


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    transfers: tuple[int, int, int]
    addresses: int
    lots: int
    sweeps: int
    seeds: tuple[int, ...]
    hubs: tuple[Hub, ...]
    tainted: int
    per_block: int
    transactions: int
    exposed: tuple[int, ...]  # addresses, while busy blocks are applied
    busy_blocks: int
    busy_transactions: int
    light_blocks: int
    alerts: int
    pause: float  # seconds between blocks
    leaving: int  # sockets of a party that is removed
    staying: int


LONG = Sizes(
    transfers=(100_000, 1_000_000, 10_000_000),
    addresses=50_000,
    lots=100_000,
    sweeps=10_000,
    seeds=(1, 2, 3, 4, 5),
    hubs=tuple(Hub),
    tainted=20_000,
    per_block=500,
    transactions=100_000,
    exposed=(100, 100_000),
    busy_blocks=30,
    busy_transactions=400,
    light_blocks=2_000,
    alerts=120,
    pause=1.0,
    leaving=500,
    staying=50,
)
# Every figure, none of it worth comparing.
SHORT = Sizes(
    transfers=(1_000, 2_000, 4_000),
    addresses=100,
    lots=2_000,
    sweeps=200,
    seeds=(1,),
    hubs=(Hub.ROUTER,),
    tainted=200,
    per_block=50,
    transactions=1_000,
    exposed=(20, 40),
    busy_blocks=2,
    busy_transactions=20,
    light_blocks=20,
    alerts=3,
    pause=0.2,
    leaving=8,
    staying=2,
)


# Each part and how it is measured; those over a database come first.
PARTS: dict[str, Callable[[Sizes], dict[str, Any]]] = {
    "persisted": lambda sizes: persisted.figures(sizes.tainted, sizes.per_block),
    "latency": lambda sizes: latency.figures(sizes.alerts, sizes.pause),
    "revocation": lambda sizes: revocation.figures(sizes.leaving, sizes.staying),
    "applied": lambda sizes: applied.figures(
        sizes.exposed, sizes.busy_blocks, sizes.busy_transactions
    ),
    "catch_up": lambda sizes: catchup.figures(sizes.light_blocks, sizes.exposed[0]),
    "engine": lambda sizes: engine.figures(sizes.transactions),
    "kernels": lambda sizes: kernels.figures(sizes.transfers, sizes.addresses),
    "fragments": lambda sizes: fragments.figures(sizes.lots, sizes.sweeps),
    "cases": lambda sizes: cases.figures(sizes.seeds, sizes.hubs),
}


def measure(
    sizes: Sizes, say: Callable[[str], None], parts: Collection[str] = PARTS
) -> dict[str, Any]:
    """The figures of these parts, and what one has to know to read them.

    :raises EmbeddedError: the database did not start.
    :raises subprocess.CalledProcessError: a part that runs by itself broke off.
    """
    began, started = time.perf_counter(), datetime.now(UTC)
    found: dict[str, Any] = {
        "started": started.isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "cores": cpu_count() or 0,
            "load_before": round(getloadavg()[0], 1),
        },
    }
    for part, figures in PARTS.items():
        if part in parts:
            say(part.replace("_", "-"))
            found[part] = figures(sizes)
    if "kernels" in found and "fragments" in found:
        each = 1e6 / found["kernels"]["fifo"][-1]["per_s"]  # microseconds of a transfer
        dust = found["fragments"]
        dust["by_transfer"] = round(dust["partial"]["us_per_sweep"] / each, 1)
    if found.get("cases") == {}:
        say(f"no real thefts at {cases.DATA}: their figures are left out")
    found["seconds"] = round(time.perf_counter() - began, 1)
    return found


def _commit() -> str:
    """The commit that is measured, marked where the tree differs from it."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=40"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()
