"""File locks between the processes of one checkout; the kernel drops them when one dies."""

import fcntl
import os
import time
from pathlib import Path


class FileLock:
    """One lock file: held by one (exclusive) or by many (shared). Not inherited by children."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def take(self, *, shared: bool = False, timeout: float = 0.0) -> bool:
        """Take the lock within ``timeout`` seconds; False when others keep it."""
        if self._handle is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        mode = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB
        deadline = time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(self._handle, mode)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(0.05)
            else:
                return True

    def write(self, text: str) -> None:
        """Leave a word for those who find the lock taken (who holds it)."""
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, text.encode(), 0)

    def read(self) -> str:
        """What the holder wrote."""
        try:
            return self.path.read_text()
        except OSError:
            return ""

    def release(self) -> None:
        """Let go; no error when it is not held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
