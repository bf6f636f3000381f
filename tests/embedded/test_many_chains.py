"""A dozen chains at once: each advances, nothing else waits for them, and two beats do no harm."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
import redis

from config.embedded.node import ROOT
from config.embedded.postgres import DATABASE
from config.embedded.room import MANAGE, Room
from config.embedded.stack import Stack
from tests.liars.chain import World
from tests.liars.faults import Call
from tests.liars.operators import Operator
from tests.liars.served import Served
from tests.liars.server import Server

pytestmark = pytest.mark.drill
COUNT, THREADS = 12, 6
CONFIGURE = """
from tracing.services import endpoints
for number, url in enumerate({urls!r}, 1001):
    endpoints.configure(f"eip155:{{number}}", name=f"Chain {{number}}", url=url, start=1)
"""


@dataclass
class Node(Operator):
    """One of many chains that differ in their number alone."""

    number: int = 0

    def honest(self, call: Call) -> Any:
        return hex(self.number) if call.method == "eth_chainId" else super().honest(call)


@dataclass
class Many:
    """A room of processes, and a dozen chains that grow by a block a second."""

    room: Room
    world: World

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        postgres = self.room.stack.postgres
        assert postgres is not None
        with psycopg.connect(postgres.super_url(DATABASE)) as connection:
            return connection.execute(query).fetchall()

    def close_behind(self, blocks: int = 6) -> int:
        """How many chains are as far as their node was a few seconds ago."""
        height = self.world.head.number - blocks
        query = f"SELECT count(*) FROM tracing_chain WHERE cursor_number >= {height}"  # noqa: S608
        return int(self.ask(query)[0][0])

    def waiting(self, queue: str) -> int:
        assert self.room.stack.redis is not None
        with redis.Redis.from_url(self.room.stack.redis.url()) as client:
            return int(client.llen(queue))


@pytest.fixture
def many() -> Iterator[Many]:
    server, world, closed = Server(), World(5), threading.Event()
    world.mine(2)

    def grow() -> None:
        while not closed.wait(1.0):
            world.mine()

    for number in range(1001, 1001 + COUNT):
        server.operators[str(number)] = Node(str(number), world, Served(), number=number)
    growing = threading.Thread(target=grow)
    with Stack.scratch(node=False, say=lambda _: None) as stack:
        room = Room(stack, 0, {"HOLDFAST_LOG": "WARNING"})
        room.migrate()
        urls = [server.url(name) for name in server.operators]
        argv = [*MANAGE, "shell", "-c", CONFIGURE.format(urls=urls)]
        subprocess.run(argv, cwd=ROOT, env=os.environ | room.env, check=True, capture_output=True)
        growing.start()
        yield Many(room, world)
        closed.set()
        growing.join()
    server.close()


def eventually(holds: Callable[[], bool], timeout: float = 90.0) -> None:
    until = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < until, "it did not come to hold"
        time.sleep(0.2)


def test_every_worker_adds_chains_and_no_chain_keeps_other_tasks_waiting(many: Many) -> None:
    room = many.room
    room.start_worker()
    room.start_watcher(1, THREADS)
    room.start_beat(1)
    room.start_beat(2)
    held = "SELECT count(*) FROM tracing_chain WHERE lease_until > now()"
    eventually(lambda: many.close_behind() == THREADS and many.ask(held) == [(THREADS,)])
    eventually(lambda: many.waiting("default") == 0)

    room.start_watcher(2, THREADS)
    eventually(lambda: many.close_behind() == COUNT)
    before = many.ask("SELECT pk.caip2, pk.lease_epoch FROM tracing_chain pk ORDER BY 1")
    seen, until = [], time.monotonic() + 8
    while time.monotonic() < until:
        seen.append((many.waiting("default"), many.close_behind(10)))
        time.sleep(0.2)
    assert {chains for _, chains in seen} == {COUNT}  # all of them, all the time
    assert sorted(waiting for waiting, _ in seen)[len(seen) // 2] == 0
    after = many.ask("SELECT pk.caip2, pk.lease_epoch FROM tracing_chain pk ORDER BY 1")
    # Who was told twice to watch went away: a lease changes hands once a minute and no oftener.
    assert sum(one != other for one, other in zip(before, after, strict=True)) <= THREADS + 2
    assert max(epoch for _, epoch in after) <= 3

    gaps = "SELECT DISTINCT max(number) - min(number) + 1 - count(*), max(number) >= 10"
    doubled = "count(*) - count(DISTINCT number)"
    assert many.ask(f"{gaps}, {doubled} FROM tracing_block GROUP BY chain_id") == [(0, True, 0)]
