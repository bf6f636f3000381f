"""Ends the children of a supervisor that was killed before it could do so.

Runs as a process of its own, in a session of its own, with nothing but the standard library. Its
stdin is a pipe that only the supervisor holds open: ``+ <group> <signal>`` announces a process
group and how it wants to be stopped, ``- <group>`` withdraws it, ``x <directory>`` names one to be
removed at the end. When the pipe closes, whatever is still announced is stopped, politely and
then for good.

A signal on the parent's death (PR_SET_PDEATHSIG) would reach direct children only, is bound to
the thread that started them, and exists on Linux alone.
"""

import contextlib
import os
import shutil
import signal
import sys
import time

GRACE_SECONDS = 8.0


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def main() -> None:
    """Read announcements until the pipe closes, then stop what is left."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    directories: list[str] = []
    for line in sys.stdin:
        sign, rest = line.rstrip("\n").split(" ", 1)
        if sign == "+":
            group, number = rest.split()
            groups[int(group)] = int(number)
        elif sign == "-":
            groups.pop(int(rest), None)
        else:
            directories.append(rest)
    _stop(groups)
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


def _stop(groups: dict[int, int]) -> None:
    for group, number in reversed(groups.items()):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)
    deadline = time.monotonic() + GRACE_SECONDS
    while any(_alive(group) for group in groups) and time.monotonic() < deadline:
        time.sleep(0.05)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
