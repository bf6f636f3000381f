"""Children are restarted when they crash, stopped when asked, and never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.embedded.errors import DidNotStartError, EmbeddedError
from config.embedded.supervisor import Rank, Supervisor

ROOT = Path(__file__).resolve().parents[2]
SLEEP = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"]
STUBBORN = [
    *SLEEP[:-1],
    "import signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('deaf', flush=True)\n"
    "time.sleep(600)",
]
WITH_CHILD = [
    *SLEEP[:-1],
    "import subprocess, sys\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print(child.pid, flush=True)\n"
    "child.wait()",
]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    with Supervisor(tmp_path, said.append) as running:
        yield running


def eventually(holds: Callable[[], object], timeout: float = 15.0) -> None:
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    """Whether a process has ended; a zombie that nobody reaped yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def first_line(log: Path) -> str:
    eventually(lambda: log.exists() and "\n" in log.read_text())
    return log.read_text().split("\n", 1)[0]


def test_killed_child_is_started_again(supervisor: Supervisor, said: list[str]) -> None:
    old = supervisor.start("web", SLEEP)
    assert supervisor.pid("web") == old
    assert supervisor.kill("web") == old
    new = supervisor.wait_restarted("web", old)
    assert new != old
    assert is_gone(old)
    assert supervisor.restarts("web") == 1
    assert said == [
        f"web ended (SIGKILL); starting it again in 0.2 s. Log: {supervisor.log_dir / 'web.log'}"
    ]


def test_pause_grows_while_a_child_keeps_crashing(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start("web", [*SLEEP[:-1], "raise SystemExit(3)"])
    eventually(lambda: len(said) == 3)
    assert [line.split(". Log")[0] for line in said] == [
        "web ended (exit code 3); starting it again in 0.2 s",
        "web ended (exit code 3); starting it again in 0.5 s",
        "web ended (exit code 3); starting it again in 1 s",
    ]


def test_child_that_ran_well_is_started_at_once_however_often_it_is_killed(
    supervisor: Supervisor, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.embedded.supervisor._STEADY_SECONDS", 0.1)
    supervisor.start("web", SLEEP)
    for _ in range(4):
        time.sleep(0.2)
        supervisor.wait_restarted("web", supervisor.kill("web"))
    assert ["in 0.2 s" in line for line in said] == [True] * 4


def test_command_line_that_cannot_be_made_is_asked_for_again(
    supervisor: Supervisor, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.embedded.supervisor._BACK_OFF", (0.2,))
    answers = iter([SLEEP, EmbeddedError("not yet"), SLEEP])

    def argv() -> list[str]:
        answer = next(answers)
        if isinstance(answer, EmbeddedError):
            raise answer
        return answer

    supervisor.wait_restarted("db", (supervisor.start("db", argv), supervisor.kill("db"))[0])
    assert said[1:] == ["db cannot be run: not yet"]


def test_child_that_may_end_is_not_started_again(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start("player", [*SLEEP[:-1], "raise SystemExit(7)"], restart=False)
    assert supervisor.wait_ended("player", timeout=10) == 7
    assert supervisor.names() == []
    assert said == []
    supervisor.start("player", SLEEP, restart=False)
    with pytest.raises(EmbeddedError, match="still runs"):
        supervisor.wait_ended("player", timeout=0.2)


def test_command_line_may_change_between_starts(supervisor: Supervisor, tmp_path: Path) -> None:
    words = ["first"]
    show = "import sys, time; print(sys.argv[1], flush=True); time.sleep(600)"
    old = supervisor.start("node", lambda: [*SLEEP[:-1], show, *words])
    log = supervisor.log_dir / "node.log"
    assert first_line(log) == "first"
    words[0] = "second"
    supervisor.wait_restarted("node", supervisor.kill("node"))
    eventually(lambda: log.read_text() == "first\nsecond\n")
    assert supervisor.pid("node") != old


def test_long_log_is_put_aside_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.embedded.supervisor._LOG_KEEP_BYTES", 1000)
    monkeypatch.setattr("config.embedded.supervisor._TRIM_SECONDS", 0.2)
    lines = (
        "import time\nfor n in range(10**6):\n    print(f'{n:063}', flush=True); time.sleep(0.005)"
    )
    with Supervisor(tmp_path, say=lambda _: None) as supervisor:
        supervisor.start("web", [*SLEEP[:-1], lines])
        aside = tmp_path / "web.log.1"
        eventually(lambda: aside.exists() and aside.stat().st_size > 1000)
        written = int((tmp_path / "web.log.1").read_text().split()[-1])
        eventually(lambda: any(int(n) > written for n in first_line(tmp_path / "web.log").split()))
        assert (tmp_path / "web.log").stat().st_size < 100_000


def test_environment_and_output_of_a_child(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FROM_US", "a")
    show = "import os, sys; print(os.environ['FROM_US'], os.environ['ADDED'], file=sys.stderr)"
    supervisor.start("job", [*SLEEP[:-1], show], {"ADDED": "b"}, restart=False)
    assert supervisor.wait_ended("job", timeout=10) == 0
    assert (supervisor.log_dir / "job.log").read_text() == "a b\n"


def test_child_does_not_inherit_what_was_taken_away(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWNER_SECRET", "a")
    show = "import os; print(os.environ.get('OWNER_SECRET', 'nothing'))"
    supervisor.start("kept", [*SLEEP[:-1], show], restart=False)
    supervisor.start("taken", [*SLEEP[:-1], show], {"OWNER_SECRET": None}, restart=False)
    assert supervisor.wait_ended("kept", timeout=10) == 0
    assert supervisor.wait_ended("taken", timeout=10) == 0
    assert (supervisor.log_dir / "kept.log").read_text() == "a\n"
    assert (supervisor.log_dir / "taken.log").read_text() == "nothing\n"


def test_start_that_keeps_failing_shows_the_end_of_the_log(supervisor: Supervisor) -> None:
    supervisor.start("db", [*SLEEP[:-1], "raise SystemExit('no room on the disk')"])
    with pytest.raises(DidNotStartError, match=r"db did not start.*\nno room on the disk"):
        supervisor.wait_until("db", lambda: False)
    supervisor.start("web", SLEEP)
    answers = iter([False, True])
    supervisor.wait_until("web", lambda: next(answers))
    with pytest.raises(DidNotStartError, match="web did not start"):
        supervisor.wait_until("web", lambda: False, timeout=0.1)


def test_stopped_child_stays_stopped(supervisor: Supervisor) -> None:
    pid = supervisor.start("web", SLEEP)
    supervisor.stop("web")
    assert is_gone(pid)
    assert not supervisor.is_running("web")
    with pytest.raises(EmbeddedError, match="web does not run"):
        supervisor.pid("web")
    assert supervisor.start("web", SLEEP) != pid


def test_child_that_ignores_the_signal_is_killed(supervisor: Supervisor, said: list[str]) -> None:
    pid = supervisor.start("worker", STUBBORN)
    assert first_line(supervisor.log_dir / "worker.log") == "deaf"
    supervisor.stop("worker", grace=0.3)
    assert is_gone(pid)
    assert said == ["worker did not stop within 0.3 s: killed."]


def test_children_of_a_killed_child_go_with_it(supervisor: Supervisor) -> None:
    old = supervisor.start("web", WITH_CHILD)
    grandchild = int(first_line(supervisor.log_dir / "web.log"))
    os.kill(old, signal.SIGKILL)  # only itself, not its group
    supervisor.wait_restarted("web", old)
    eventually(lambda: is_gone(grandchild))


def test_name_in_use_and_program_that_is_not_there_are_refused(supervisor: Supervisor) -> None:
    supervisor.start("web", SLEEP)
    with pytest.raises(EmbeddedError, match="web runs already"):
        supervisor.start("web", SLEEP)
    with pytest.raises(DidNotStartError, match=r"other cannot be run.*/no/such/program"):
        supervisor.start("other", ["/no/such/program"])
    assert supervisor.names() == ["web"]


def test_web_stops_before_workers_and_services_last(tmp_path: Path) -> None:
    order = tmp_path / "order"
    goodbye = (
        "import signal, sys, time, pathlib\n"
        "def end(*_):\n"
        f"    open({str(order)!r}, 'a').write(sys.argv[1] + ' ')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('ready', flush=True)\n"
        "time.sleep(600)"
    )
    with Supervisor(tmp_path, say=lambda _: None) as supervisor:
        for name, rank in (("db", Rank.SERVICE), ("web", Rank.WEB), ("worker", Rank.WORKER)):
            supervisor.start(name, [*SLEEP[:-1], goodbye, name], rank=rank)
            first_line(tmp_path / f"{name}.log")
    assert order.read_text() == "web worker db "


SUPERVISED = """
import sys, time
from pathlib import Path
from config.embedded.supervisor import Supervisor
supervisor = Supervisor(Path(sys.argv[1]))
supervisor.remove_at_end(Path(sys.argv[1]) / "scratch")
supervisor.start("web", {web!r})
supervisor.start("worker", {worker!r})
print(supervisor.pid("web"), supervisor.pid("worker"), supervisor._lifeline.pid, flush=True)
if sys.argv[2] == "wait":
    supervisor.run_until_signal()
    supervisor.stop_all()
else:
    time.sleep(600)
"""


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether a process has a handler of its own for a signal."""
    status = Path(f"/proc/{pid}/status").read_text()
    mask = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(mask.split()[1], 16) >> (number - 1) & 1)


def supervised(tmp_path: Path, how: str) -> tuple[subprocess.Popen[str], list[int]]:
    """A supervisor in a process of its own; its pids: web, worker, guard, web's child."""
    script = SUPERVISED.format(web=WITH_CHILD, worker=SLEEP)
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), how],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    pids = [int(word) for word in process.stdout.readline().split()]
    return process, [*pids, int(first_line(tmp_path / "web.log"))]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_a_supervisor_that_died(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "scratch" / "file").touch()
    process, pids = supervised(tmp_path, "sleep")
    assert not any(is_gone(pid) for pid in pids)
    assert (tmp_path / "scratch" / "file").exists()
    process.send_signal(number)
    assert process.wait(10) == -number
    eventually(lambda: all(is_gone(pid) for pid in pids))
    assert not (tmp_path / "scratch").exists()
    assert (tmp_path / "web.log").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_stops_everything_in_order(tmp_path: Path, number: signal.Signals) -> None:
    process, pids = supervised(tmp_path, "wait")
    eventually(lambda: catches(process.pid, number))  # it tells its numbers before it listens
    process.send_signal(number)
    assert process.wait(15) == 0
    assert all(is_gone(pid) for pid in pids[:3])
    eventually(lambda: is_gone(pids[3]))


def test_killed_guard_is_replaced_and_still_guards(tmp_path: Path) -> None:
    process, pids = supervised(tmp_path, "sleep")
    guard = pids[2]
    os.kill(guard, signal.SIGKILL)
    eventually(lambda: is_gone(guard))
    time.sleep(0.5)  # the next one announces what already runs
    process.kill()
    process.wait(10)
    eventually(lambda: all(is_gone(pid) for pid in pids))
