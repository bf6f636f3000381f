"""Starts child processes, restarts those that crash, and leaves none behind."""

import contextlib
import enum
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.embedded.errors import DidNotStartError, EmbeddedError
from config.embedded.lifeline import Lifeline

GRACE_SECONDS = 10.0
_BACK_OFF = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
# Who ran for longer than this was killed, not kept from starting: it is started again at once. With
# 30 s a process that somebody killed every 20 s stood still for longer each time, at last 30 s.
_STEADY_SECONDS = 5.0
_POLL_SECONDS = 0.05
_LOG_KEEP_BYTES = 10 * 2**20
_TRIM_SECONDS = 60.0


class Rank(enum.IntEnum):
    """When a child is stopped: the highest rank first."""

    SERVICE = 0
    WORKER = 1
    WEB = 2


@dataclass
class _Child:
    name: str
    argv: Callable[[], Sequence[str]]
    env: dict[str, str | None]
    rank: Rank
    restart: bool
    stop_signal: signal.Signals
    popen_args: dict[str, Any]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restarts: int = 0
    crashes_in_a_row: int = 0
    due: float | None = None  # when the next start is due; None while it runs or has ended
    stopping: bool = False
    code: int | None = None


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class Supervisor:
    """Child processes, each in its own session, each logging to ``log_dir/<name>.log``.

    Thread-safe. A child that ends by itself is started again after a pause that grows from 0.2
    to 30 s while it keeps ending within five seconds of its start. When this process is killed
    with SIGKILL, a guard process stops the children.
    """

    def __init__(self, log_dir: Path, say: Callable[[str], None] = _to_stderr) -> None:
        self.log_dir = log_dir
        self._say = say
        self._children: dict[str, _Child] = {}
        self._lock = threading.RLock()
        self._lifeline = Lifeline()
        self._monitor: threading.Thread | None = None
        self._closed = threading.Event()
        self._asked_to_stop = threading.Event()
        log_dir.mkdir(parents=True, exist_ok=True)

    # -- starting ----------------------------------------------------------------------------

    def start(
        self,
        name: str,
        argv: Sequence[str] | Callable[[], Sequence[str]],
        env: Mapping[str, str | None] | None = None,
        *,
        rank: Rank = Rank.WEB,
        restart: bool = True,
        stop_signal: signal.Signals = signal.SIGTERM,
        popen_args: Mapping[str, Any] | None = None,
    ) -> int:
        """Start a child and return its pid.

        ``argv`` may be a function, which is asked again at every restart. ``env`` is added to our
        own environment; None takes a name away. ``restart=False`` is for a child whose end is
        its success or its failure: see wait_ended. Raises EmbeddedError for a name in use and
        DidNotStartError when the program cannot be run at all.
        """
        with self._lock:
            if self._closed.is_set():
                raise EmbeddedError(f"{name} cannot start: the supervisor has stopped.")
            if name in self._children and not self._is_over(self._children[name]):
                raise EmbeddedError(f"A child named {name} runs already.")
            child = _Child(
                name=name,
                argv=argv if callable(argv) else lambda: argv,
                env=dict(env or {}),
                rank=rank,
                restart=restart,
                stop_signal=stop_signal,
                popen_args=dict(popen_args or {}),
            )
            self._trim_log(name)
            self._lifeline.check()
            try:
                self._spawn(child)
            except OSError as error:
                raise DidNotStartError(f"{name} cannot be run: {error}") from error
            self._children[name] = child
            if self._monitor is None:
                self._monitor = threading.Thread(target=self._watch, name="supervisor", daemon=True)
                self._monitor.start()
            return self.pid(name)

    def _spawn(self, child: _Child) -> None:
        environment: dict[str, str | None] = {**os.environ, **child.env}
        with (self.log_dir / f"{child.name}.log").open("ab") as log:
            child.process = subprocess.Popen(
                child.argv(),
                env={name: value for name, value in environment.items() if value is not None},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **child.popen_args,
            )
        child.started = time.monotonic()
        child.due = None
        self._lifeline.add(child.process.pid, child.stop_signal)

    def _trim_log(self, name: str) -> None:
        """Put a long log aside. Emptied and not renamed: the child goes on writing to it."""
        log = self.log_dir / f"{name}.log"
        if log.exists() and log.stat().st_size > _LOG_KEEP_BYTES:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)

    def remove_at_end(self, directory: Path) -> None:
        """Have a scratch directory removed once everything has stopped, even if we are killed."""
        with self._lock:
            self._lifeline.remove_at_end(directory)

    # -- watching ----------------------------------------------------------------------------

    def _watch(self) -> None:
        trim_at = time.monotonic() + _TRIM_SECONDS
        while not self._closed.wait(_POLL_SECONDS):
            with self._lock:
                self._lifeline.check()
                for child in self._children.values():
                    self._look_after(child)
                names = list(self._children)
            if time.monotonic() >= trim_at:
                trim_at = time.monotonic() + _TRIM_SECONDS
                for name in names:
                    with contextlib.suppress(OSError):  # a full disk stops no watching
                        self._trim_log(name)

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process is not None and (code := child.process.poll()) is not None:
            self._bury(child, code)
            if child.stopping or not child.restart:
                return
            if now - child.started > _STEADY_SECONDS:
                child.crashes_in_a_row = 0
            pause = _BACK_OFF[min(child.crashes_in_a_row, len(_BACK_OFF) - 1)]
            child.crashes_in_a_row += 1
            child.due = now + pause
            self._say(
                f"{child.name} ended ({_describe(code)}); starting it again in {pause:g} s. "
                f"Log: {self.log_dir / (child.name + '.log')}"
            )
        if child.due is not None and now >= child.due and not child.stopping:
            child.restarts += 1
            try:
                self._spawn(child)
            except (OSError, EmbeddedError) as error:
                child.due = now + _BACK_OFF[-1]
                self._say(f"{child.name} cannot be run: {error}")

    def _bury(self, child: _Child, code: int) -> None:
        """Note the end of a child, and end whatever it started in its own group."""
        if child.process is None:
            return
        group = child.process.pid
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
        self._lifeline.remove(group)
        child.process = None
        child.code = code

    @staticmethod
    def _is_over(child: _Child) -> bool:
        return child.process is None and child.due is None

    # -- asking ------------------------------------------------------------------------------

    def _child(self, name: str) -> _Child:
        try:
            return self._children[name]
        except KeyError:
            raise EmbeddedError(f"No child is named {name}.") from None

    def names(self) -> list[str]:
        """The children that run or will be started again."""
        with self._lock:
            return [name for name, child in self._children.items() if not self._is_over(child)]

    def pid(self, name: str) -> int:
        """The pid of a running child. Raises EmbeddedError while it does not run."""
        with self._lock:
            process = self._child(name).process
            if process is None:
                raise EmbeddedError(f"{name} does not run.")
            return process.pid

    def is_running(self, name: str) -> bool:
        """Whether the child's process is there and has not ended."""
        with self._lock:
            process = self._child(name).process
            return process is not None and process.poll() is None

    def restarts(self, name: str) -> int:
        """How often the child was started again."""
        with self._lock:
            return self._child(name).restarts

    def wait_until(self, name: str, holds: Callable[[], bool], timeout: float = 60.0) -> None:
        """Wait until ``holds()``: the child is ready.

        Raises DidNotStartError, with the end of its log, when that takes too long or the child
        keeps crashing.
        """
        deadline = time.monotonic() + timeout
        while not holds():
            if self.restarts(name) >= 3 or time.monotonic() > deadline:
                log = self.log_dir / f"{name}.log"
                end = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
                raise DidNotStartError(f"{name} did not start. The end of {log}:\n{end}")
            time.sleep(_POLL_SECONDS)

    def wait_restarted(self, name: str, old_pid: int, timeout: float = 30.0) -> int:
        """Wait until ``name`` runs under another pid than ``old_pid``; return the new one."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            with self._lock:
                process = self._child(name).process
                if process is not None and process.pid != old_pid and process.poll() is None:
                    return process.pid
            time.sleep(_POLL_SECONDS)
        raise DidNotStartError(f"{name} was not started again within {timeout:g} s.")

    def wait_ended(self, name: str, timeout: float | None = None) -> int:
        """Wait for a child with ``restart=False`` to end; return its exit code."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while deadline is None or time.monotonic() < deadline:
            with self._lock:
                child = self._child(name)
                if self._is_over(child) and child.code is not None:
                    return child.code
            time.sleep(_POLL_SECONDS)
        raise EmbeddedError(f"{name} still runs after {timeout:g} s.")

    # -- stopping ----------------------------------------------------------------------------

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to the child's whole group; return the pid it had. It is restarted."""
        with self._lock:
            pid = self.pid(name)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, number)
            return pid

    def stop(self, *names: str, grace: float = GRACE_SECONDS) -> None:
        """Stop children together: their stop signal, then SIGKILL after ``grace`` seconds."""
        with self._lock:
            children = [self._child(name) for name in names]
            for child in children:
                child.stopping, child.due = True, None
                if child.process is not None:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(child.process.pid, child.stop_signal)
        deadline = time.monotonic() + grace
        for child in children:
            while (process := child.process) is not None:
                try:
                    code = process.wait(max(0.01, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    self._say(f"{child.name} did not stop within {grace:g} s: killed.")
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    code = process.wait()
                with self._lock:
                    self._bury(child, code)

    def stop_rank(self, rank: Rank, grace: float = GRACE_SECONDS) -> None:
        """Stop the children of one rank together."""
        with self._lock:
            names = [name for name, child in self._children.items() if child.rank is rank]
        self.stop(*names, grace=grace)

    def stop_all(self, grace: float = GRACE_SECONDS) -> None:
        """Stop everything, the highest rank first, and the guard last. May be called twice."""
        for rank in sorted(Rank, reverse=True):
            self.stop_rank(rank, grace)
        self._closed.set()
        if self._monitor is not None and self._monitor is not threading.current_thread():
            self._monitor.join()
        with self._lock:
            self._lifeline.close()

    def run_until_signal(self, until: Callable[[], bool] = lambda: False) -> None:
        """Block until SIGINT, SIGTERM or SIGHUP arrives, or ``until()`` holds. Main thread only.

        It stops nothing: call stop_all, which a second Ctrl-C does not interrupt any more.
        """

        def ask(number: int, frame: object) -> None:
            self._asked_to_stop.set()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, ask)
        while not self._asked_to_stop.wait(0.2) and not until():
            pass

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_all()


def _describe(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
