"""Time, and programs that measure themselves in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from config.embedded.node import ROOT


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """Processor seconds of the quickest of so many runs: a shared machine disturbs only some."""
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return max(best, 1e-9)


def rate(count: int, work: Callable[[], object], times: int = 3) -> int:
    """So many things a second of the processor, in the quickest run."""
    return round(count / seconds(work, times))


def child(module: str, *arguments: object, env: Mapping[str, str] | None = None) -> Any:
    """Run a module as a program; the last line that it prints is its JSON.

    :raises subprocess.CalledProcessError: it broke off; what it said went to stderr.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])
