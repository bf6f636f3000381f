"""Our end of the pipe to the guard process, which ends our children if we are killed."""

import contextlib
import signal
import subprocess
import sys
from pathlib import Path

from config.embedded import guard


class Lifeline:
    """Announces process groups to a guard; starts another guard when one was killed."""

    def __init__(self) -> None:
        self._groups: dict[int, signal.Signals] = {}
        self._directories: list[Path] = []
        self._guard: subprocess.Popen[bytes] | None = None

    def check(self) -> None:
        """See to it that a guard runs and knows every group."""
        if self._guard is not None and self._guard.poll() is None:
            return
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", guard.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )
        for group, stop_signal in self._groups.items():
            self._tell(f"+ {group} {int(stop_signal)}")
        for directory in self._directories:
            self._tell(f"x {directory}")

    def add(self, group: int, stop_signal: signal.Signals) -> None:
        """From now on, stop this group if we die."""
        self._groups[group] = stop_signal
        self._tell(f"+ {group} {int(stop_signal)}")

    def remove(self, group: int) -> None:
        """This group has ended: its number may soon be somebody else's."""
        self._groups.pop(group, None)
        self._tell(f"- {group}")

    def remove_at_end(self, directory: Path) -> None:
        """Remove this directory when we close or die."""
        self._directories.append(directory.resolve())
        self._tell(f"x {directory.resolve()}")

    def close(self) -> None:
        """Let the guard end what is left, and wait for it."""
        if self._guard is not None and self._guard.stdin is not None:
            self._guard.stdin.close()
            self._guard.wait()
        self._guard = None

    @property
    def pid(self) -> int | None:
        """The guard's pid."""
        return None if self._guard is None else self._guard.pid

    def _tell(self, line: str) -> None:
        if self._guard is None or self._guard.stdin is None:
            return
        with contextlib.suppress(BrokenPipeError):  # it was killed: check() starts another
            self._guard.stdin.write(f"{line}\n".encode())
            self._guard.stdin.flush()
