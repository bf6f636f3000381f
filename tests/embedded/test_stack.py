"""The stack starts what nobody configured, refuses what it cannot have, and cleans up."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import ports
from config.embedded.errors import AlreadyRunningError, PortTakenError
from config.embedded.node import NodeOptions
from config.embedded.place import find_place, forget_place
from config.embedded.reset import reset
from config.embedded.stack import Stack
from tests.embedded.test_supervisor import eventually, is_gone

ROOT = Path(__file__).resolve().parents[2]
CONFIGURABLE = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "HOLDFAST_NODE_URL",
    "HOLDFAST_REDIS_PORT",
    "HOLDFAST_NODE_PORT",
)


@pytest.fixture
def var(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty var directory, and an environment that configures nothing."""
    for name in CONFIGURABLE:
        monkeypatch.delenv(name, raising=False)
    directory = Path(tempfile.mkdtemp(prefix="holdfast-stack-"))
    directory.chmod(0o711)
    yield directory
    forget_place(directory)
    shutil.rmtree(directory)


def quiet(line: str) -> None:
    """Somebody who does not want to hear of progress."""


def test_everything_is_started_and_nothing_is_left(var: Path) -> None:
    with Stack(var, test=True, say=quiet) as stack:
        assert set(stack.env) == {
            "DATABASE_URL",
            "DATABASE_OWNER_URL",
            "REDIS_URL",
            "HOLDFAST_NODE_URL",
        }
        with psycopg.connect(stack.env["DATABASE_URL"]) as app:
            assert app.execute("SELECT current_user").fetchone() == ("holdfast_app",)
        with psycopg.connect(stack.env["DATABASE_OWNER_URL"]) as owner:
            assert owner.execute("SELECT current_user").fetchone() == ("holdfast_owner",)
        with redis.from_url(stack.env["REDIS_URL"]) as client:
            assert client.ping()
        assert stack.node.call("eth_chainId") == hex(31337)
        pids = [stack.supervisor.pid(name) for name in ("postgres", "redis", "node")]
    assert all(is_gone(pid) for pid in pids)


def test_redis_wants_its_password(var: Path) -> None:
    with Stack(var, node=False, test=True, say=quiet) as stack:
        address = (ports.HOST, stack.redis.port)
        with socket.create_connection(address, timeout=10) as stranger:
            stranger.sendall(b"PING\r\n")
            assert stranger.recv(64).startswith(b"-NOAUTH")
        with redis.from_url(stack.env["REDIS_URL"]) as client:
            assert client.ping()
        assert (var / "redis" / "redis.conf").stat().st_mode & 0o777 == 0o600


def test_redis_comes_back_on_its_address_after_a_kill(var: Path) -> None:
    with Stack(var, node=False, test=True, say=quiet) as stack:
        old = stack.supervisor.kill("redis")
        stack.supervisor.wait_restarted("redis", old)
        stack.redis.wait_until_ready()
        with redis.from_url(stack.env["REDIS_URL"]) as client:
            assert client.ping()


def test_configured_services_are_used_and_not_started(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "DATABASE_URL": "postgresql://app@db.example/holdfast",
        "DATABASE_OWNER_URL": "postgresql://owner@db.example/holdfast",
        "REDIS_URL": "redis://redis.example:6379/0",
        "HOLDFAST_NODE_URL": "http://node.example:8545",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with Stack(var, say=quiet) as stack:
        assert stack.env == given
        assert stack.supervisor.names() == []
    assert not (var / "pg").exists()


def test_taken_port_is_said_before_anything_starts(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOLDFAST_REDIS_PORT", str(ports.any_free()))
    with socket.create_server((ports.HOST, 0)) as other:
        taken = other.getsockname()[1]
        monkeypatch.setenv("HOLDFAST_NODE_PORT", str(taken))
        with pytest.raises(PortTakenError, match=f"Port {taken} .*HOLDFAST_NODE_PORT"):
            Stack(var, say=quiet).start()
    assert not (var / "pg").exists()
    with Stack(var, say=quiet) as stack:
        assert stack.env["HOLDFAST_NODE_URL"] == f"http://127.0.0.1:{taken}"


def test_second_stack_on_the_same_directory_is_refused(var: Path) -> None:
    with Stack(var, node=False, test=True, say=quiet) as first:
        with pytest.raises(AlreadyRunningError, match=f"process {os.getpid()}"):
            Stack(var, node=False, test=True, say=quiet).start()
        with pytest.raises(AlreadyRunningError):
            reset(var)
        assert first.postgres.answers()
    with Stack(var, node=False, test=True, say=quiet) as second:
        assert second.postgres.answers()


def test_stopped_stack_keeps_rows_and_chain(var: Path) -> None:
    options = NodeOptions(base_fee=0, state=var / "node" / "state.json")
    with Stack(var, redis=False, test=True, node_options=options, say=quiet) as stack:
        stack.node.call("evm_mine")
        head = stack.node.call("eth_getBlockByNumber", "latest", False)
        with psycopg.connect(stack.env["DATABASE_OWNER_URL"]) as owner:
            owner.execute("CREATE TABLE thing AS SELECT 7 AS id")
    with Stack(var, redis=False, test=True, node_options=options, say=quiet) as stack:
        assert stack.node.call("eth_getBlockByNumber", "latest", False) == head
        with psycopg.connect(stack.env["DATABASE_OWNER_URL"]) as owner:
            assert owner.execute("SELECT id FROM thing").fetchone() == (7,)


def test_discarded_stack_leaves_no_file(var: Path) -> None:
    scratch = var / "scratch"
    stack = Stack(scratch, node=False, test=True, say=quiet)
    stack.start()
    data = stack.postgres.place.data
    stack.discard()
    assert not scratch.exists()
    assert not data.exists()


@pytest.mark.parametrize("mode", [0o711, 0o700])
def test_scratch_stack_leaves_no_file(
    var: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    temporary = var / "tmp"
    temporary.mkdir()
    temporary.chmod(mode)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with Stack.scratch(node=False, say=quiet) as stack:
        data = stack.postgres.place.data
        assert stack.var.parent == temporary
        assert data.exists()
    assert not stack.var.exists()
    assert not data.exists()


def test_reset_forgets_everything_wherever_it_lies(var: Path) -> None:
    private = var / "private"
    private.mkdir(mode=0o700)
    kept = private / "var"
    with Stack(kept, redis=False, node=False, test=True, say=quiet) as stack:
        data = stack.postgres.place.data
    assert data.exists()
    reset(kept)
    assert not kept.exists()
    assert not data.exists()
    reset(kept)


# -- one management command ----------------------------------------------------------------------

COMMAND = """
import os, sys, time
from pathlib import Path
import psycopg
from config.embedded.stack import ensure_database
ensure_database(Path(sys.argv[1]))
with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
    pid = owner.execute("SELECT pg_postmaster_start_time()").fetchone()
    print(pid, flush=True)
    sys.stdin.readline()
    owner.execute("SELECT 1")
print("done", flush=True)
"""


@pytest.fixture
def command(var: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """A function that starts a process which works in the database until it reads a line."""
    with contextlib.ExitStack() as stack:

        def start() -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-c", COMMAND, str(var)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start


def postmaster(var: Path) -> int:
    pid_file = find_place(var).data / "postmaster.pid"
    return int(pid_file.read_text().split("\n", 1)[0])


def test_command_alone_starts_the_database_and_stops_it(
    var: Path, command: Callable[[], subprocess.Popen[str]]
) -> None:
    lone = command()
    assert lone.stdout.readline()
    pid = postmaster(var)
    out, err = lone.communicate("\n", timeout=30)
    assert (lone.returncode, out) == (0, "done\n"), err
    assert is_gone(pid)


def test_commands_share_one_database_whoever_ends_first(
    var: Path, command: Callable[[], subprocess.Popen[str]]
) -> None:
    first = command()
    started = first.stdout.readline()
    second = command()
    assert second.stdout.readline() == started
    pid = postmaster(var)
    first.stdin.write("\n")
    first.stdin.flush()
    assert first.stdout.readline() == "done\n"
    assert "waiting for it" in first.stderr.readline() + first.stderr.readline()
    out, err = second.communicate("\n", timeout=30)
    assert (second.returncode, out) == (0, "done\n"), err
    assert first.wait(30) == 0
    assert is_gone(pid)


def test_command_uses_the_database_of_a_running_stack(
    var: Path, command: Callable[[], subprocess.Popen[str]]
) -> None:
    with Stack(var, redis=False, node=False, say=quiet) as stack:
        pid = stack.supervisor.pid("postgres")
        guest = command()
        assert guest.stdout.readline()
        out, err = guest.communicate("\n", timeout=30)
        assert (guest.returncode, out) == (0, "done\n"), err
        assert stack.supervisor.pid("postgres") == pid
        assert stack.postgres.answers()


def test_killed_command_leaves_no_database_running(
    var: Path, command: Callable[[], subprocess.Popen[str]]
) -> None:
    lone = command()
    assert lone.stdout.readline()
    pid = postmaster(var)
    lone.send_signal(signal.SIGKILL)
    lone.communicate(timeout=30)
    eventually(lambda: is_gone(pid))
    with Stack(var, redis=False, node=False, say=quiet) as stack:
        assert stack.postgres.answers()
