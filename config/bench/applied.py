"""How long a busy block with traces takes to be applied, however many addresses are exposed.

Two watchers with a trace each, one of few addresses and one of many, in processes of their own and
over one database, apply the same recorded blocks in turns: whatever else the machine does, it does
to both.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from config.bench import recorded, replay
from config.embedded.node import ROOT
from config.embedded.room import Room
from config.embedded.stack import Stack
from config.garbage import collect_seldom
from tracing.drills.probe import percentile

WARM = 4  # blocks before the first that counts
PARTS = ("decode_ms", "apply_ms", "whole_ms", "processor_ms", "read_ms")


def figures(exposed: tuple[int, ...], blocks: int, transactions: int) -> dict[str, Any]:
    """Milliseconds a block for each number of exposed addresses; a tenth of the transactions move
    stolen value, to somebody new each. ``processor_ms`` is what decoding and applying take of this
    program's processor; the database's is not in it.

    :raises EmbeddedError: node or database did not start. :raises ValueError: a run broke off.
    """
    with Stack.scratch(redis=False, node_options=recorded.OPTIONS, say=lambda _: None) as stack:
        room = Room(stack, 0, {"HOLDFAST_LOG": "WARNING"})
        room.migrate()
        env = {**room.env, "DJANGO_SETTINGS_MODULE": "config.settings"}
        path, tainted = stack.var / "busy.json", transactions // 10
        assert stack.node is not None  # noqa: S101 (it was asked for)

        def play(recorder: recorded.Recorder) -> None:
            recorded.busy(recorder, WARM + blocks, transactions, tainted)

        recorded.record(stack.node, path, play)
        stack.node.stop()
        with replay.served(path) as url, ExitStack() as programs:
            runs = [
                programs.enter_context(_program(url, at, count, env))
                for at, count in enumerate(exposed)
            ]
            taken: list[list[dict[str, float]]] = [[] for _ in exposed]
            for _ in range(WARM + blocks + 1):  # the first block of all is the node's own
                for run, mine in zip(runs, taken, strict=True):
                    mine.append(_step(run))
    found = [_summary(count, mine[WARM + 1 :]) for count, mine in zip(exposed, taken, strict=True)]
    growth = {
        part: round(found[-1][part]["p50"] / found[0][part]["p50"], 3)
        for part in ("whole_ms", "processor_ms")
    }
    return {
        "transactions": transactions,
        "tainted": tainted,
        "blocks": blocks,
        "runs": found,
        "growth": growth["whole_ms"],
        "growth_of_processor": growth["processor_ms"],
    }


def _summary(exposed: int, taken: list[dict[str, float]]) -> dict[str, Any]:
    found: dict[str, Any] = {"exposed": exposed}
    for part in PARTS:
        values = [one[part] for one in taken]
        found[part] = {
            "p50": round(median(values), 1),
            "p95": round(percentile(values, 0.95), 1),
            "least": round(min(values), 1),
        }
    return found


@contextmanager
def _program(
    url: str, at: int, exposed: int, env: Mapping[str, str]
) -> Iterator[subprocess.Popen[str]]:
    program = subprocess.Popen(
        [sys.executable, "-m", "config.bench.applied", url, str(at), str(exposed)],
        cwd=ROOT,
        env={**os.environ, **env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield program
    finally:
        program.terminate()
        program.wait(timeout=30)


def _step(program: subprocess.Popen[str]) -> dict[str, float]:
    """Have one block applied."""
    assert program.stdin is not None and program.stdout is not None  # noqa: S101, PT018
    program.stdin.write("\n")
    program.stdin.flush()
    line = program.stdout.readline()
    if not line:
        raise ValueError("a run of the bench broke off")
    found: dict[str, float] = json.loads(line)
    return found


def main(url: str, at: int, exposed: int) -> None:
    """A block for each line of standard input, and what it took as a line of JSON."""
    import django

    django.setup()
    collect_seldom()  # as a worker does
    from config.bench.exposed import Town
    from tracing.watch.ingest import Ingest

    people = recorded.people(Path(os.environ["HOLDFAST_VAR"]) / "busy.json")[:10]
    # a chain of its own for each: they share a database and the recorded blocks
    town = Town(f"eip155:{recorded.CHAIN_ID + at}", exposed, url=url, people=people)
    watcher, source = town.watcher(), town.source()
    ingest = Ingest(watcher.chain, source, watcher.lease, watcher.memory)
    for number, _ in enumerate(sys.stdin):
        began = time.perf_counter()
        raw = source.adapter.read_block(number)
        read, own = time.perf_counter(), time.process_time()
        block = source.decoded(raw)
        decoded = time.perf_counter()
        ingest.live_blocks([block], number)
        applied, own = time.perf_counter(), time.process_time() - own
        taken = (decoded - read, applied - decoded, applied - read, own, read - began)
        print(
            json.dumps({part: 1000 * took for part, took in zip(PARTS, taken, strict=True)}),
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
