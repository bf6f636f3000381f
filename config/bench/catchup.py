"""How many light blocks a second the watcher catches up, and how much of that it waits.

The node is a server of recorded blocks in a process of its own, which answers at once. Everything
else is the real thing: one watcher with its lease, its reading ahead, every check of what a header
commits to, a live trace with many addresses, and PostgreSQL.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from config.bench import recorded, replay
from config.bench.clock import child
from config.bench.persisted import processor_time
from config.embedded.room import Room
from config.embedded.stack import Stack
from config.garbage import collect_seldom
from tracing.chains.evm_commitments import NAMES

CAIP2 = f"eip155:{recorded.CHAIN_ID}"


def figures(blocks: int, exposed: int) -> dict[str, Any]:
    """Blocks a second; ``exposed``: how many addresses the trace follows meanwhile.

    :raises EmbeddedError: node or database did not start.
    :raises subprocess.CalledProcessError: the run broke off.
    """
    with Stack.scratch(redis=False, node_options=recorded.OPTIONS, say=lambda _: None) as stack:
        room = Room(stack, 0, {"HOLDFAST_LOG": "WARNING"})
        room.migrate()
        env = {**room.env, "DJANGO_SETTINGS_MODULE": "config.settings"}
        path = stack.var / "light.json"
        assert stack.node is not None  # noqa: S101 (it was asked for)
        recorded.record(stack.node, path, lambda recorder: recorded.light(recorder, blocks))
        stack.node.stop()
        found: dict[str, Any] = child("config.bench.catchup", path, exposed, env=env)
        return found


def main(path: str, exposed: int) -> None:
    """Catch up from the first block, and print one line of JSON."""
    import django

    django.setup()
    collect_seldom()  # as a worker does
    from config.bench.exposed import Town

    with replay.served(Path(path)) as url:
        town = Town(CAIP2, exposed, url=url, commitments=NAMES)
        watcher, source = town.watcher(), town.source()
        head, server = source.head(), town.server()
        first = watcher.chain.cursor_number
        assert first is not None  # noqa: S101 (it was set)
        began, cpu, own = time.perf_counter(), processor_time(server), time.process_time()
        while watcher.chain.cursor_number != head:
            watcher.step(source)
        seconds = time.perf_counter() - began
        waited = watcher.reader.waited if watcher.reader is not None else 0.0
        count = head - first
        print(
            json.dumps(
                {
                    "blocks": count,
                    "exposed": exposed,
                    "transactions": 6,
                    "per_s": round(count / seconds),
                    "waiting_share": round(waited / seconds, 3),
                    "seconds": round(seconds, 2),
                    "processor_s": round(time.process_time() - own, 2),
                    "database_processor_s": round(processor_time(server) - cpu, 2),
                }
            )
        )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
