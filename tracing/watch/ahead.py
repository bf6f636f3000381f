"""Blocks read ahead of whoever applies them: in parallel, in runs of many, handed over in order.

Only reading is ahead. What is handed over is a chain without a gap, each block the child of the one
before; that it also follows what was applied is for the caller to see.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

from tracing.chains.errors import ChainError
from tracing.watch.source import ChainBlock, Source

THREADS = 2  # a node answers more requests at once; this process has one core to read them with
RUNS = 4  # read and not yet taken
SHORTEST, LONGEST = 4, 32  # blocks of one run: the first, and any
BUSY = 400  # transactions of one run, about: bounds the memory, and what is read for nothing

Answer = ChainBlock | ChainError


class Ahead:
    """Reads one chain ahead of one consumer. Close it: it holds threads.

    With one block to read it reads in the caller's thread, so that a chain at its head costs none.
    ``waited``: seconds that the caller stood waiting for the node, so far.
    """

    def __init__(self, source: Source) -> None:
        self.waited = 0.0
        self.source = source
        self._threads: ThreadPoolExecutor | None = None
        self._ready: deque[ChainBlock] = deque()
        self._runs: deque[tuple[int, Future[list[Answer]]]] = deque()  # first block, answers
        self._asked = 0  # the next block to ask for
        self._length = SHORTEST

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, first: int, last: int) -> list[ChainBlock]:
        """Blocks from ``first`` on that are there by now, at least one, none above ``last``; reads
        on towards ``last`` meanwhile.

        Nothing is used up: a block is dropped when the caller asks for a later one, and all are
        read anew when it asks for an earlier one.

        :raises ChainError: why ``first`` cannot be read.
        """
        self._go_to(first)
        began = time.monotonic()
        try:
            if not self._ready and not self._runs and last <= first:
                return [self.source.read(first)]
            self._ask(last)
            while self._runs and (not self._ready or self._runs[0][1].done()):
                self._collect(*self._runs.popleft())
        finally:
            self.waited += time.monotonic() - began
        self._ask(last)
        return [block for block in self._ready if block.movements.number <= last]

    def forget(self) -> None:
        """Drop everything that was read: the chain went another way."""
        for _, run in self._runs:
            run.cancel()
        self._ready.clear()
        self._runs.clear()

    def close(self) -> None:
        """Forget, and let the threads end; what they are reading is not waited for."""
        self.forget()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None

    def _go_to(self, first: int) -> None:
        while self._ready and self._ready[0].movements.number < first:
            self._ready.popleft()
        nearest = self._ready[0].movements.number if self._ready else self._next_run()
        if nearest != first:
            self.forget()
            self._asked, self._length = first, SHORTEST

    def _next_run(self) -> int:
        return self._runs[0][0] if self._runs else self._asked

    def _ask(self, last: int) -> None:
        if self._asked > last:
            return
        if self._threads is None:
            self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="ahead")
        while len(self._runs) < RUNS and len(self._ready) < LONGEST and self._asked <= last:
            numbers = range(self._asked, min(last + 1, self._asked + self._length))
            self._runs.append((self._asked, self._threads.submit(self.source.read_some, numbers)))
            self._asked = numbers.stop

    def _collect(self, first: int, run: Future[list[Answer]]) -> None:
        """Take a run's answers up to the first that is none, or does not follow: what comes after
        that is asked for again, and its error raised when it is the caller's turn."""
        answers = run.result()
        for at, answer in enumerate(answers):
            if isinstance(answer, ChainError) or not self._follows(answer):
                if isinstance(answer, ChainError) and not self._ready:
                    self.forget()
                    raise answer
                kept = list(self._ready)
                self.forget()
                self._ready.extend(kept)
                self._asked, self._length = first + at, SHORTEST
                return
            self._ready.append(answer)
        self._adapt(answers)

    def _follows(self, block: ChainBlock) -> bool:
        return not self._ready or self._ready[-1].movements.hash == block.movements.parent_hash

    def _adapt(self, answers: list[Answer]) -> None:
        """Runs of light blocks are long, those of busy ones short."""
        blocks = [one for one in answers if not isinstance(one, ChainError)]
        carried = sum(len(block.movements.transactions) for block in blocks)
        fitting = BUSY * len(blocks) // max(carried, 1)
        self._length = max(1, min(LONGEST, 2 * self._length, fitting))
