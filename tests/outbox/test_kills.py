"""kill -9 of a worker of the outbox: nothing accepted is lost, nothing is sent twice by itself, and
no more is uncertain than was in flight.

The long form is `make properties`, or HOLDFAST_LONG=1; with HOLDFAST_RESULT its figures are written
to that file.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from incidents.choices import DeliveryState
from incidents.models import Delivery
from incidents.services import outbox
from tests import effort
from tests.mailbox import Mailbox, running

pytestmark = pytest.mark.django_db(transaction=True)

SEED = 20261122
POINTS = ("composed", "claimed", "accepted", "writing", "written", "data", "any moment")
RUNS = 30 if effort.LONG else 1  # of each point
MANY, THREADS = 6, 4
MARK = "X-Holdfast-Sent-Again"


class Workers:
    """The process that forks workers (tests/outbox/worker.py)."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.outbox.worker"],
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(
        self, port: int, pks: list[int], point: str = "", at: int = 1, threads: int = 1
    ) -> int:
        """Its pid."""
        assert self.process.stdin
        order = {"port": port, "pks": pks, "point": point, "at": at, "threads": threads}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self._line())

    def ended(self) -> int:
        """How the last one did, once it has."""
        return int(self._line())

    def _line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()


class Deadly(Mailbox):
    """A mail server in whose DATA the worker is killed, once it has all of a mail."""

    victim, at, begun = 0, 0, 0

    async def handle_DATA(self, *args: Any) -> str:  # noqa: N802 (the library's name)
        answer = await super().handle_DATA(*args)
        self.begun += 1
        if self.victim and self.begun == self.at:
            os.kill(self.victim, signal.SIGKILL)
        return answer


@pytest.fixture
def box() -> Iterator[Deadly]:
    with running(Deadly()) as made:
        assert isinstance(made, Deadly)
        yield made


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers()
    yield made
    assert made.process.stdin
    made.process.stdin.close()
    made.process.wait(timeout=10)


def put(run: int, many: int = MANY) -> list[int]:
    """So many deliveries that wait."""
    rows = [
        outbox.put(f"alert:{run}:{n}", "mail", f"d{n}@x.example", "alert:1", incident=None)
        for n in range(many)
    ]
    return [row.pk for row in rows]


def kill(workers: Workers, box: Deadly, pks: list[int], point: str, chance: random.Random) -> int:
    """Run a worker until it is killed; returns how many deliveries it could have in flight."""
    at, box.begun, box.victim = chance.randint(1, len(pks)), 0, 0
    if point == "any moment":
        pid = workers.start(box.port, pks, threads=THREADS)
        time.sleep(chance.uniform(0.02, 0.25))
        with suppress(ProcessLookupError):  # it was faster
            os.kill(pid, signal.SIGKILL)
        workers.ended()
        return THREADS
    box.at = at
    pid = workers.start(box.port, pks, "" if point == "data" else point, at)
    box.victim = pid if point == "data" else 0
    assert workers.ended() == -signal.SIGKILL, point
    return 1


def go_on(workers: Workers, box: Deadly, pks: list[int]) -> None:
    """The worker of that name begins again, and does what is left."""
    box.victim = 0
    workers.start(box.port, pks)
    assert workers.ended() == 0


def test_killed_between_the_250_and_the_commit_and_elsewhere(workers: Workers, box: Deadly) -> None:
    chance, began = random.Random(SEED), time.monotonic()
    figures: Counter[str] = Counter()
    by_point: dict[str, Counter[str]] = {point: Counter() for point in POINTS}
    for run, point in enumerate(point for point in POINTS for _ in range(RUNS)):
        pks = put(run)
        box.taken.clear()
        in_flight = kill(workers, box, pks, point, chance)
        go_on(workers, box, pks)
        found = judged(box, pks)
        assert found["uncertain"] <= in_flight, (point, found)
        assert found["lost"] == found["unmarked duplicates"] == 0, (point, found)
        by_point[point].update(found)
        figures.update(found)
    assert by_point["accepted"]["uncertain"] == by_point["claimed"]["uncertain"] == RUNS
    assert by_point["composed"]["uncertain"] == by_point["written"]["uncertain"] == 0
    write(figures, by_point, time.monotonic() - began)


def judged(box: Mailbox, pks: list[int]) -> dict[str, int]:
    """What became of deliveries, by their rows and by what the mail server took."""
    rows = list(Delivery.objects.filter(pk__in=pks))
    taken = Counter(str(mail["Message-ID"]) for mail in box.taken)
    marked = Counter(str(mail["Message-ID"]) for mail in box.taken if mail[MARK])
    arrived = [row for row in rows if taken[row.message_id or "?"]]
    known = {DeliveryState.SENT, DeliveryState.UNCERTAIN}
    wrong = [row for row in rows if row.state == DeliveryState.SENT and row not in arrived]
    return {
        "runs": 1,
        "deliveries": len(rows),
        "sent": sum(row.state == DeliveryState.SENT for row in rows),
        "uncertain": sum(row.state == DeliveryState.UNCERTAIN for row in rows),
        "uncertain that arrived": sum(row.state == DeliveryState.UNCERTAIN for row in arrived),
        "lost": sum(row.state not in known for row in rows) + len(wrong),
        "unmarked duplicates": sum(n - marked[name] > 1 for name, n in taken.items()),
    }


def write(figures: Counter[str], by_point: dict[str, Counter[str]], seconds: float) -> None:
    if path := os.environ.get("HOLDFAST_RESULT"):
        told = {"seed": SEED, "seconds": round(seconds, 1), "all": figures, "by_point": by_point}
        Path(path).write_text(json.dumps(told, indent=1) + "\n")


def test_what_is_uncertain_goes_again_by_a_person_alone_and_is_marked(
    workers: Workers, box: Deadly
) -> None:
    from tests.factories import organization, person

    pks = put(0, many=1)
    workers.start(box.port, pks, "accepted")
    workers.ended()
    for _ in range(2):
        go_on(workers, box, pks)
    assert len(box.taken) == 1
    outbox.again(Delivery.objects.get(), by=person(organization("Kelp"), "Lea"))
    go_on(workers, box, pks)
    assert [mail[MARK] for mail in box.taken] == [None, "yes"]
    assert judged(box, pks)["unmarked duplicates"] == 0
