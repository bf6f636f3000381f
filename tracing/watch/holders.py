"""Names of lease holders, which tell whether the process is gone: a kill -9 says no goodbye.

Only a process of this very place (host, boot, process-id namespace) can be looked at; of any other
nothing is known, and its lease runs out by time. A wrong guess would cost a change of hands and no
row: every writing transaction checks the epoch.
"""

from __future__ import annotations

import functools
import hashlib
import os
import socket
import uuid
from pathlib import Path

_PROC = Path("/proc")
_UNKNOWN = "0"


def name_of(pid: int) -> str:
    """A new name for a lease that a process of this place holds."""
    return f"{_place()}:{pid}:{_started(pid) or _UNKNOWN}:{uuid.uuid4().hex[:8]}"


def is_gone(holder: str) -> bool:
    """Whether the holder was a process of this place that does not run any more."""
    parts = holder.split(":")
    if len(parts) != 4 or parts[0] != _place() or not parts[1].isdecimal():
        return False
    pid, started = int(parts[1]), parts[2]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    # Another process may have got the number since, and a dead one may not be buried yet.
    return started != _UNKNOWN and _started(pid) != started


@functools.cache
def _place() -> str:
    marks = [socket.gethostname(), str(uuid.getnode())]
    for path, read in (("sys/kernel/random/boot_id", Path.read_text), ("self/ns/pid", os.readlink)):
        try:
            marks.append(str(read(_PROC / path)))
        except OSError:
            continue
    return hashlib.sha256("|".join(marks).encode()).hexdigest()[:16]


def _started(pid: int) -> str:
    """When a running process began, in ticks since boot (proc(5), field 22); "" if none runs."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return ""
    # The name in brackets may hold anything, brackets and spaces included.
    state, *fields = stat.rpartition(")")[2].split()
    return "" if state in "ZX" else fields[18]
