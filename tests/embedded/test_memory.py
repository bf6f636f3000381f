"""A worker that holds too much memory ends as if it had been asked to."""

import subprocess
import sys

from config import memory
from config.embedded.node import ROOT

GROW = """
import signal, sys, time
from config import memory
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
memory.keep_below(memory.resident() + int(sys.argv[1]), every=0.05)
held = bytearray(b"x") * (100 * 2**20)
time.sleep(1)
"""


def test_a_process_ends_in_order_above_its_limit_and_not_below() -> None:
    def run(spare: int) -> int:
        argv = [sys.executable, "-c", GROW, str(spare)]
        return subprocess.run(argv, cwd=ROOT, check=False, timeout=60).returncode

    assert run(50) == 7
    assert run(500) == 0


def test_no_limit_is_no_limit() -> None:
    assert memory.keep_below(0) is None
    assert memory.resident() > 10


def test_workers_have_a_limit() -> None:
    from celery.signals import worker_ready

    from config import celery

    assert celery._worker_is_ready in worker_ready._live_receivers(None)
    assert celery.app.conf.worker_memory_mib == 4096
