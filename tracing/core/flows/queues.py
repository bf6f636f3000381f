"""FIFO and LIFO: queues of lots, a lot one integer: its amount, below zero where it is stolen.

A table has one set of sources, so that there is one kind of taint: neighbours of a kind are one
lot, which changes no amount.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from tracing.core.flows.prepared import Outcome, Prepared
from tracing.core.flows.rope import LONG, Rope, move_long


def fifo(table: Prepared) -> Outcome:
    """The oldest units leave first. A queue that grew long becomes a rope (``rope``)."""
    queues: list[Any] = [deque() for _ in table.addresses]  # ropes where they are long
    balance = [0] * len(table.addresses)
    is_source, incomplete = table.is_source, set()
    minted = opened = moved = 0
    for f, t, v in zip(table.frm, table.to, table.amount, strict=True):
        queue, into = queues[f], queues[t]
        left = balance[f] - v
        if left < 0:
            if is_source[f]:
                minted -= left
                queue.appendleft(left)
            else:
                opened -= left
                incomplete.add(f)
                queue.appendleft(-left)
            left = 0
        balance[f] = left
        balance[t] += v
        if len(queue) > LONG:
            moved += move_long(queues, f, t, v, left)
            continue
        while True:
            lot = queue[0]
            size = lot if lot > 0 else -lot
            if size > v:
                queue[0] = lot - v if lot > 0 else lot + v
                lot = v if lot > 0 else -v
            else:
                queue.popleft()
            v -= size
            moved += 1
            if into and (into[-1] > 0) == (lot > 0):
                into[-1] += lot
            else:
                into.append(lot)
            if v <= 0:
                break
    tainted = [held(queue) for queue in queues]
    return Outcome(tainted, minted, opened, incomplete, moved)


def lifo(table: Prepared) -> Outcome:
    """The newest units leave first, and are laid newest first."""
    queues: list[list[int]] = [[] for _ in table.addresses]
    balance = [0] * len(table.addresses)
    is_source, incomplete = table.is_source, set()
    minted = opened = moved = 0
    for f, t, v in zip(table.frm, table.to, table.amount, strict=True):
        queue, into = queues[f], queues[t]
        left = balance[f] - v
        short = 0
        if left < 0:
            if is_source[f]:
                minted -= left
                short = left
            else:
                opened -= left
                incomplete.add(f)
                short = -left
            v += left
            left = 0
        balance[f] = left
        balance[t] += v if not short else v + abs(short)
        while v > 0:
            lot = queue[-1]
            size = lot if lot > 0 else -lot
            if size > v:
                queue[-1] = lot - v if lot > 0 else lot + v
                lot = v if lot > 0 else -v
            else:
                queue.pop()
            v -= size
            moved += 1
            if into and (into[-1] > 0) == (lot > 0):
                into[-1] += lot
            else:
                into.append(lot)
        if short:  # had from before, so it is the oldest, and leaves last
            if into and (into[-1] > 0) == (short > 0):
                into[-1] += short
            else:
                into.append(short)
    tainted = [-sum(lot for lot in queue if lot < 0) for queue in queues]
    return Outcome(tainted, minted, opened, incomplete, moved)


def held(queue: deque[int] | Rope) -> int:
    """The stolen units of a queue."""
    if isinstance(queue, Rope):
        return queue.tainted
    return -sum(lot for lot in queue if lot < 0)
