"""A watcher in a process of its own, for tests that stop it: ``worker CHAIN MODE HEIGHT``.

It says what it does, a line each. ``reading`` and ``writing`` stop the process (SIGSTOP) once:
after block HEIGHT was read, or inside the transaction that writes it. ``racing`` takes the lease as
often as it can get it, for short turns, until block HEIGHT was applied. ``plain`` stops nowhere,
and reads the past in small turns.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

import django

LEASE_SECONDS = 1


def main(chain_pk: int, mode: str, height: int) -> None:
    django.setup()
    from django.db import Error

    from tracing.watch import lease as leases
    from tracing.watch.loop import Watcher

    leases.SECONDS = LEASE_SECONDS
    leases.give_way(LEASE_SECONDS)
    if mode == "racing":
        race(chain_pk, height)
        return
    lease = leases.claim(chain_pk)
    assert lease is not None
    stop_at(mode, height)
    say("claimed")
    watcher = Watcher(leases.chain_of(lease), lease)
    try:
        watcher.run(seconds=30)
    except Error as error:
        say(f"failed {type(error).__name__}")
        return
    say(f"ended at {watcher.chain.cursor_number}")


def race(chain_pk: int, height: int) -> None:
    from tracing.models import Chain
    from tracing.watch import lease as leases
    from tracing.watch.loop import Watcher

    turns = 0
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if (Chain.objects.get(pk=chain_pk).cursor_number or 0) >= height:
            break
        lease = leases.claim(chain_pk)
        if lease is not None:
            turns += 1
            Watcher(leases.chain_of(lease), lease).run(seconds=0.05)
    say(f"raced {turns}")


def stop_at(mode: str, height: int) -> None:
    """Have this process stop itself once, at a place where a paused one does harm."""
    from tracing.watch.lease import Lease
    from tracing.watch.source import ChainBlock, Source

    decoded, advance, stopped = Source.decoded, Lease.advance, []

    def stop(number: int) -> None:
        if number >= height and not stopped:
            stopped.append(number)
            say(f"stops at {number}")
            os.kill(os.getpid(), signal.SIGSTOP)

    def reading(self: Source, raw: Any) -> ChainBlock:
        block = decoded(self, raw)
        stop(block.movements.number)
        return block

    def writing(self: Lease, after: Any, to: Any, **changes: object) -> None:
        advance(self, after, to, **changes)
        stop(to[0])

    if mode == "reading":
        Source.decoded = reading  # type: ignore[method-assign]
    elif mode == "writing":
        Lease.advance = writing  # type: ignore[method-assign]
    else:
        from tracing.watch import backfill

        backfill.BATCH, backfill.TURN_SECONDS = 2, 0.02


def say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
