"""What Holdfast needs to run: PostgreSQL, Redis and a chain node, started where none is given.

``Stack`` is for whoever runs the services (`make run`, the headless drill, the tests);
``ensure_database`` is for a single management command, which only needs the database for as long
as it lives.
"""

import atexit
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from http.client import HTTPException
from pathlib import Path

from config.embedded import ports
from config.embedded.errors import AlreadyRunningError, EmbeddedError
from config.embedded.locks import FileLock
from config.embedded.node import Node, NodeOptions, start_node
from config.embedded.place import forget_place
from config.embedded.postgres import Postgres
from config.embedded.redis import Redis
from config.embedded.reset import VAR
from config.embedded.supervisor import Rank, Supervisor


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def configured() -> dict[str, str]:
    """The services that the environment names, by NAME or by a file that NAME_FILE names."""
    found: dict[str, str] = {}
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "HOLDFAST_NODE_URL"):
        if path := os.environ.get(f"{name}_FILE"):
            found[name] = Path(path).read_text(encoding="utf-8").strip()
        elif value := os.environ.get(name):
            found[name] = value
    return found


class Stack:
    """The services of one var directory, as a context manager.

    A service that the environment names (DATABASE_URL, REDIS_URL, HOLDFAST_NODE_URL) is used as
    it is and not started. ``test``: everything is started whatever the environment says, on free
    ports, without the safety of the disk; end such a stack with ``discard``. Raises
    AlreadyRunningError when another process runs the services of the same directory and
    PortTakenError for a configured port that is in use.
    """

    def __init__(
        self,
        var: Path = VAR,
        *,
        redis: bool = True,
        node: bool = True,
        test: bool = False,
        node_options: NodeOptions | None = None,
        say: Callable[[str], None] = _to_stderr,
    ) -> None:
        self.var = var
        self.test = test
        self.say = say
        self.supervisor = Supervisor(var / "log", say)
        self.postgres: Postgres | None = None
        self.redis: Redis | None = None
        self.node: Node | None = None
        self.env: dict[str, str] = {}
        self._temporary = False
        self._wants_redis = redis
        self._wants_node = node
        self._node_options = node_options or NodeOptions()
        self._owner = FileLock(var / "stack.lock")
        self._users = FileLock(var / "stack.users")

    @classmethod
    def scratch(
        cls,
        *,
        redis: bool = True,
        node: bool = True,
        node_options: NodeOptions | None = None,
        say: Callable[[str], None] = _to_stderr,
    ) -> "Stack":
        """A ``test`` stack in a temporary directory, which is gone at the end, even of a kill."""
        var = Path(tempfile.mkdtemp(prefix="holdfast-"))
        var.chmod(0o711)  # as root, another account runs PostgreSQL and must pass through
        stack = cls(var, redis=redis, node=node, test=True, node_options=node_options, say=say)
        stack.supervisor.remove_at_end(var)
        stack._temporary = True
        return stack

    def __enter__(self) -> "Stack":
        """Start what is needed. ``env`` then has what child processes and settings read."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._temporary:
            self.discard()
        else:
            self.stop()

    def start(self) -> Mapping[str, str]:
        """Start what is needed and return ``env``; what did start is stopped on any error."""
        given: Mapping[str, str] = {} if self.test else configured()
        self._take_ownership()
        try:
            # Ports first: a taken one is said before anything has been started.
            wants_redis = self._wants_redis and not given.get("REDIS_URL")
            wants_node = self._wants_node and not given.get("HOLDFAST_NODE_URL")
            redis_port = self._port("HOLDFAST_REDIS_PORT") if wants_redis else 0
            node_port = self._port("HOLDFAST_NODE_PORT") if wants_node else 0
            if given.get("DATABASE_URL"):
                self._copy(given, "DATABASE_URL", "DATABASE_OWNER_URL")
            else:
                self._start_postgres()
            if wants_redis:
                self._start_redis(redis_port)
            elif self._wants_redis:
                self._copy(given, "REDIS_URL")
            if wants_node:
                self._start_node(node_port)
            elif self._wants_node:
                self._copy(given, "HOLDFAST_NODE_URL")
        except BaseException:
            self.stop()
            raise
        return self.env

    def stop(self) -> None:
        """Stop everything that was started, the node's chain saved; may be called twice."""
        for rank in (Rank.WEB, Rank.WORKER):
            self.supervisor.stop_rank(rank)
        if self.node is not None:
            try:
                self.node.stop()
            except (EmbeddedError, OSError, HTTPException) as error:
                self.say(f"The node's chain was not saved: {error}")
        self.supervisor.stop_all()
        self._owner.release()

    def discard(self) -> None:
        """Stop, and remove the var directory and what lies outside it: for scratch stacks."""
        self.stop()
        forget_place(self.var)
        shutil.rmtree(self.var, ignore_errors=True)

    def wait_for_other_users(self, timeout: float) -> bool:
        """Wait until no other process uses our database; False when one still does."""
        return self._users.take(timeout=timeout)

    # -- parts -------------------------------------------------------------------------------

    def _take_ownership(self) -> None:
        if not self._owner.take(timeout=0.5):
            holder = self._owner.read()
            if holder.startswith("command"):
                self.say(f"Waiting for {holder} to finish ...")
            if not (holder.startswith("command") and self._owner.take(timeout=60.0)):
                raise AlreadyRunningError(
                    f"Holdfast's services of {self.var} already run: {holder or 'unknown process'}."
                )
        self._owner.write(f"process {os.getpid()}: {' '.join(sys.argv)[:200]}")

    def announce_command(self) -> None:
        """Say that we end soon by ourselves, so that others wait instead of giving up."""
        self._owner.write(f"command {os.getpid()}: {' '.join(sys.argv)[:200]}")

    def _port(self, setting: str) -> int:
        return ports.any_free() if self.test else ports.claim(setting)

    def _copy(self, given: Mapping[str, str], *names: str) -> None:
        self.env.update({name: given[name] for name in names if given.get(name)})

    def _start_postgres(self) -> None:
        self.postgres = postgres = Postgres.under(self.var, scratch=self.test)
        if self._temporary and not postgres.place.data.is_relative_to(self.var):
            self.supervisor.remove_at_end(postgres.place.data.parents[1])
        if not postgres.place.data.exists():
            self.say("Making the database cluster (a few seconds, once) ...")
        postgres.initialise()
        self.supervisor.start(
            "postgres",
            postgres.argv_again,
            {"LC_ALL": "C", "TZ": "UTC"},
            rank=Rank.SERVICE,
            stop_signal=signal.SIGINT,  # fast: SIGTERM waits for every client to leave
            popen_args={**postgres.place.popen_args(), "cwd": "/"},
        )
        self.supervisor.wait_until("postgres", postgres.answers)
        postgres.bootstrap()
        self.env["DATABASE_URL"] = postgres.app_url()
        self.env["DATABASE_OWNER_URL"] = postgres.owner_url()

    def _start_redis(self, port: int) -> None:
        self.redis = Redis.under(self.var, port)
        self.supervisor.start("redis", self.redis.argv(), rank=Rank.SERVICE)
        self.supervisor.wait_until("redis", self.redis.answers)
        self.env["REDIS_URL"] = self.redis.url()

    def _start_node(self, port: int) -> None:
        self.node = start_node(self.supervisor, port, self._node_options)
        self.env["HOLDFAST_NODE_URL"] = self.node.url


def ensure_database(var: Path = VAR, say: Callable[[str], None] = _to_stderr) -> dict[str, str]:
    """The database's addresses for one management command, put into os.environ as well.

    With DATABASE_URL configured nothing happens. Else the running stack's database is used, or
    the embedded one is started and stopped again when this process ends.
    """
    if configured().get("DATABASE_URL"):
        return {}
    env = _attach(var) or _own(var, say)
    os.environ.update(env)
    return env


def _attach(var: Path) -> dict[str, str] | None:
    """Use the database of the process that runs the stack, if one does."""
    probe = FileLock(var / "stack.lock")
    if probe.take():
        probe.release()
        return None
    probe.release()
    users = FileLock(var / "stack.users")
    users.take(shared=True, timeout=5.0)
    postgres = Postgres.under(var)
    postgres.wait_until_ready()
    atexit.register(users.release)
    return {"DATABASE_URL": postgres.app_url(), "DATABASE_OWNER_URL": postgres.owner_url()}


def _own(var: Path, say: Callable[[str], None]) -> dict[str, str]:
    """Start the database for this process alone; others may join until it ends."""
    stack = Stack(var, redis=False, node=False, say=say)
    stack.start()
    stack.announce_command()

    def finish() -> None:
        if not stack.wait_for_other_users(timeout=0.2):
            say("Another command uses the database that this one started: waiting for it ...")
            stack.wait_for_other_users(timeout=600.0)
        stack.stop()

    atexit.register(finish)
    return dict(stack.env)
