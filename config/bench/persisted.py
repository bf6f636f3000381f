"""How many tainted transfers a second go through the live path into PostgreSQL.

Run as a program, in a process of its own, over a database that was made for it: ``figures`` starts
both. The path is the watcher's own: netting and policy, then exposures, hops, transfers, findings
and undo rows, one database transaction a block. With the range over policies four more policies run
and keep their accounts and undo rows as well. Watcher and database work in turns, so that their
processor seconds together say what one core does that is shared with nobody.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from config.bench.clock import child
from config.embedded.room import Room
from config.embedded.stack import Stack
from config.garbage import collect_seldom

CHAINS = {"own_policy": "eip155:1", "with_range": "eip155:10"}
ETHER = 10**18
STOLEN = 100_000 * ETHER


def figures(transfers: int, per_block: int) -> dict[str, Any]:
    """One run with the trace's own policy alone, and one with the range over policies as well, on
    two chains of a scratch database that is removed afterwards.

    :raises EmbeddedError: the database did not start.
    :raises subprocess.CalledProcessError: a run broke off.
    """
    found: dict[str, Any] = {"per_block": per_block}
    with Stack.scratch(redis=False, node=False, say=lambda _: None) as stack:
        room = Room(stack, 0, {"HOLDFAST_LOG": "WARNING"})
        room.migrate()
        env = {**room.env, "DJANGO_SETTINGS_MODULE": "config.settings"}
        for name in CHAINS:
            found[name] = child("config.bench.persisted", transfers, per_block, name, env=env)
    return found


def plan(transfers: int, per_block: int, seed: int = 1) -> list[list[tuple[str, str, int]]]:
    """Blocks of (from, to, amount), every one of them tainted: a peel that keeps branching.

    The thief's money is split over many addresses, which pass on a part or all of what they have,
    half of the time to an address that has had some before.
    """
    chance = random.Random(seed)  # noqa: S311 - a workload, not a secret
    held = {_address(0): STOLEN}
    names = [_address(0)]
    blocks: list[list[tuple[str, str, int]]] = []
    for number in range(transfers):
        if number % per_block == 0:
            blocks.append([])
        while True:
            frm = names[-1 - min(int(chance.expovariate(1 / 500)), len(names) - 1)]
            if held[frm] >= ETHER // 1000:
                break
        if chance.random() < 0.5:
            to = chance.choice(names)
        else:
            to = _address(len(names))
            names.append(to)
            held[to] = 0
        amount = held[frm] if chance.random() < 0.5 else held[frm] * chance.randint(1, 9) // 10
        if frm != to:
            held[frm] -= amount
            held[to] += amount
            blocks[-1].append((frm, to, amount))
    return blocks


def _address(number: int) -> str:
    return f"0x{number + 1:040x}"


def main(transfers: int, per_block: int, way: str) -> None:
    """Apply the plan and print one line of JSON."""
    import django

    django.setup()
    collect_seldom()  # as a worker does
    from config.bench.watched import Watched

    blocks = plan(transfers, per_block)
    watched = Watched(CHAINS[way], _address(0), STOLEN, is_alone=way == "own_policy")
    read = [watched.block(rows) for rows in blocks]
    server = watched.server()
    began, cpu = time.perf_counter(), time.process_time() + processor_time(server)
    for block in read:
        watched.apply(block)
    seconds = time.perf_counter() - began
    cpu = time.process_time() + processor_time(server) - cpu
    count = sum(map(len, blocks))
    result = {
        "transfers": count,
        "per_s": round(count / seconds),
        "per_s_of_processor": round(count / cpu),
        "seconds": round(seconds, 2),
        "rows": watched.counts(),
    }
    print(json.dumps(result))


def processor_time(pid: int) -> float:
    """Processor seconds of another process so far; 0 where the system does not tell (not Linux)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
