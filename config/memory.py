"""A worker that has grown too large ends in order, to be started again by whoever looks after it.

Celery's own limit is for pools of processes; ours are threads.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from pathlib import Path

logger = logging.getLogger(__name__)
LOOK_SECONDS = 30.0
_STATM = Path("/proc/self/statm")


def resident() -> int:
    """Memory of this process in MiB (proc(5)); 0 where the system does not say."""
    try:
        pages = int(_STATM.read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def keep_below(limit: int, every: float = LOOK_SECONDS) -> threading.Thread | None:
    """Send ourselves SIGTERM, as an operator does, once more than ``limit`` MiB are held. 0: never.

    Chains are given back after the block under way, and other tasks are finished.
    """
    if not limit:
        return None
    thread = threading.Thread(target=_look, args=(limit, every), name="memory", daemon=True)
    thread.start()
    return thread


def _look(limit: int, every: float) -> None:
    closed = threading.Event()
    while not closed.wait(every):
        held = resident()
        if held > limit:
            logger.warning("this worker holds %s MiB, %s are allowed: it ends", held, limit)
            os.kill(os.getpid(), signal.SIGTERM)
            return
