"""The processes of a room over a running stack: web, worker, beat, and a drill's player."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from config.embedded.errors import DidNotStartError
from config.embedded.node import ROOT
from config.embedded.ports import HOST
from config.embedded.stack import Stack
from config.embedded.supervisor import Rank

PYTHON = sys.executable
MANAGE = [PYTHON, str(ROOT / "manage.py")]
WORKER_THREADS = 8
# One per watched chain: as many chains as are shipped, and some for what else takes long.
WATCHER_THREADS = 16
# The owner's URL is for migrations only: web and workers never see it.
OWNERS_ONLY = "DATABASE_OWNER_URL"


@dataclass
class Room:
    """Web, workers and beat. ``extra`` is added to their environment."""

    stack: Stack
    port: int
    extra: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where the browser goes. WebAuthn wants the name localhost, not an address."""
        return f"http://localhost:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """What the processes read. An owner's URL of ours is blanked."""
        shared = {k: v for k, v in self.stack.env.items() if k != OWNERS_ONLY}
        return shared | {
            OWNERS_ONLY: "",
            f"{OWNERS_ONLY}_FILE": "",
            "HOLDFAST_VAR": str(self.stack.var),
            "HOLDFAST_SITE_URL": os.environ.get("HOLDFAST_SITE_URL", self.url),
            "PYTHONUNBUFFERED": "1",
            **self.extra,
        }

    def migrate(self) -> None:
        """Bring the schema up to date, as the owner of the tables.

        :raises DidNotStartError: with what the migration said.
        """
        env = self.env | {OWNERS_ONLY: self.stack.env.get(OWNERS_ONLY, "")}
        argv = [*MANAGE, "migrate", "--database", "owner", "--verbosity", "0"]
        done = subprocess.run(
            argv, cwd=ROOT, env=os.environ | env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise DidNotStartError(f"The database could not be migrated:\n{done.stderr[-2000:]}")

    def start(self) -> None:
        """Start web, workers and beat; return when the web process answers."""
        # Two workers, because a chain holds a thread for as long as it is watched: nobody else's
        # task may wait for one of those.
        self.start_watcher()
        self.start_worker()
        self.start_beat()
        self.start_web()

    def start_web(self) -> None:
        """Start the web process; return when it answers."""
        self._start("web", _web(self.port), Rank.WEB)
        self._wait_until_it_answers()

    def start_watcher(self, number: int = 1, threads: int = WATCHER_THREADS) -> None:
        """Start a worker that watches as many chains as it has threads; there may be several."""
        name = "watcher" if number == 1 else f"watcher-{number}"
        self._start(name, _worker("watch,slow", threads, f"watch{number}"), Rank.WORKER)

    def start_worker(self) -> None:
        """Start the worker for everything that takes moments."""
        self._start("worker", _worker("default", WORKER_THREADS, "default1"), Rank.WORKER)

    def start_beat(self, number: int = 1) -> None:
        """Start a beat; a second one does no harm."""
        name = "beat" if number == 1 else f"beat-{number}"
        (self.stack.var / "run").mkdir(parents=True, exist_ok=True)
        self._start(name, _beat(self.stack.var / "run" / f"{name}-schedule"), Rank.WORKER)

    def start_player(self, slug: str, *arguments: str) -> None:
        """Start a drill's player; it ends by itself."""
        argv = [*MANAGE, "play_drill", slug, *arguments]
        self._start("player", argv, Rank.WEB, restart=False)

    def stop_processes(self) -> None:
        """Stop what works on the data, leaving the services."""
        for rank in (Rank.WEB, Rank.WORKER):
            self.stack.supervisor.stop_rank(rank)

    def _start(self, name: str, argv: Sequence[str], rank: Rank, *, restart: bool = True) -> None:
        self.stack.supervisor.start(
            name,
            argv,
            self.env,
            rank=rank,
            restart=restart,
            stop_signal=signal.SIGTERM,
            popen_args={"cwd": str(ROOT)},
        )

    def answers(self) -> bool:
        """Whether the web process answers, if only with a refusal."""
        host = urlsplit(self.env["HOLDFAST_SITE_URL"]).netloc
        probe = urllib.request.Request(
            f"http://{HOST}:{self.port}/static/css/base.css", headers={"Host": host}
        )
        try:
            with urllib.request.urlopen(probe, timeout=2):  # noqa: S310 (our own address)
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def _wait_until_it_answers(self, timeout: float = 60.0) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.answers():
                return
            time.sleep(0.1)
        log = self.stack.var / "log" / "web.log"
        raise DidNotStartError(f"The web process does not answer on port {self.port}: see {log}")


def _web(port: int) -> list[str]:
    return [
        *(PYTHON, "-m", "uvicorn", "config.asgi:application", "--host", HOST),
        *("--port", str(port), "--ws-per-message-deflate", "false", "--lifespan", "off"),
        # A browser sends pings. The socket has the same bound (incidents/consumers.py).
        *("--ws-max-size", "65536"),
        *("--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "3"),
    ]


def _worker(queues: str, threads: int, name: str) -> list[str]:
    return [
        *(PYTHON, "-m", "celery", "-A", "config.celery", "worker", "--pool", "threads"),
        *("--concurrency", str(threads), "--queues", queues, "--hostname", f"{name}@%h"),
        *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
    ]


def _beat(schedule: Path) -> list[str]:
    return [
        *(PYTHON, "-m", "celery", "-A", "config.celery", "beat", "--loglevel", "WARNING"),
        *("--schedule", str(schedule), "--pidfile", ""),
    ]
