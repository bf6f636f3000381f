"""A real web process over this test's database, with a Redis of its own, and sockets to it."""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from config.embedded import ports
from config.embedded.redis import Redis
from config.embedded.supervisor import Rank, Supervisor
from incidents.models import Person

ROOT = Path(__file__).resolve().parents[1]


class Web:
    """uvicorn with config.asgi on a free port, and the Redis that it listens to."""

    def __init__(self, var: Path, log: str = "WARNING") -> None:
        self.log = log
        self.supervisor = Supervisor(var / "log", say=lambda _: None)
        self.port = ports.any_free()
        self.url = f"http://localhost:{self.port}"
        self.redis = Redis.under(var, ports.any_free())

    def start_redis(self) -> None:
        """Start, or start again after `stop_redis`."""
        self.supervisor.start("redis", self.redis.argv(), rank=Rank.SERVICE)
        self.redis.wait_until_ready()

    def stop_redis(self) -> None:
        """As when it is killed: its subscriptions are gone."""
        self.supervisor.stop("redis")

    def start(self) -> None:
        """Start the web process and wait until it answers."""
        env = {
            **os.environ,
            "REDIS_URL": self.redis.url(),
            "HOLDFAST_SITE_URL": self.url,
            "HOLDFAST_LOG": self.log,
        }
        argv = [sys.executable, "-m", "uvicorn", "config.asgi:application"]
        argv += ["--host", "127.0.0.1", "--port", str(self.port), "--lifespan", "off"]
        argv += ["--ws-max-size", "65536", "--ws-per-message-deflate", "false"]
        self.supervisor.start(
            "web",
            [*argv, "--no-access-log"],
            env,
            rank=Rank.WEB,
            popen_args={"cwd": str(ROOT)},
        )
        deadline = time.monotonic() + 30
        while not self._answers():
            if time.monotonic() > deadline:
                raise RuntimeError("the web process did not answer")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/api/schema/", timeout=5):  # noqa: S310
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def stop(self) -> None:
        """Stop everything."""
        self.supervisor.stop_all()


@contextmanager
def running(var: Path, log: str = "WARNING") -> Iterator[Web]:
    """A web process and its Redis. ``log``: the level from which it logs."""
    web = Web(var, log)
    try:
        web.start_redis()
        web.start()
        yield web
    finally:
        web.stop()


def session_of(person: Person) -> str:
    """The cookie value of a signed-in session."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session["enough_passkeys"] = True
    session.create()
    return str(session.session_key)


class Socket:
    """An open room, as a browser has it."""

    def __init__(
        self,
        web: Web,
        slug: str,
        person: Person | None,
        *,
        cursor: str = "",
        origin: str | None = None,
    ) -> None:
        cookie = {"Cookie": f"sessionid={session_of(person)}"} if person else {}
        query = f"?cursor={cursor}" if cursor else ""
        self._open = ExitStack()
        opening = connect(
            f"ws://localhost:{web.port}/ws/incidents/{slug}/{query}",
            origin=origin or web.url,  # type: ignore[arg-type]
            additional_headers=cookie,
            open_timeout=10,
            close_timeout=0.5,  # with entries unread, the other side's word is never reached
        )
        self.connection: ClientConnection = self._open.enter_context(opening)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def frame(self, timeout: float = 10) -> dict[str, Any]:
        """The next frame. Raises TimeoutError, or ConnectionClosed."""
        return dict(json.loads(self.connection.recv(timeout=timeout)))

    def entries(self, count: int, timeout: float = 10) -> list[dict[str, Any]]:
        """The next ``count`` entries, other frames left out."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            frame = self.frame(timeout)
            if frame["type"] == "entry":
                found.append(frame["entry"])
        return found

    def silence(self, seconds: float = 1) -> bool:
        """Whether no entry arrives for so long."""
        try:
            self.entries(1, timeout=seconds)
        except TimeoutError:
            return True
        return False

    def close_code(self, timeout: float = 10) -> int | None:
        """The code that the server closes with."""
        deadline = time.monotonic() + timeout
        try:
            while time.monotonic() < deadline:
                self.frame(max(0.01, deadline - time.monotonic()))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None
        except TimeoutError:
            return None
        return None
