"""A clock and a source of randomness that depend on nothing but the name of what is being done.

What an act draws (ids, tokens, salts) comes from a stream of its own, so that an act which nobody
may see does not shift what the next visible one draws. The same holds for the clock.
"""

from __future__ import annotations

import hashlib
import os
import random
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from unittest import mock

from django.utils import timezone

BEGIN = datetime(2026, 4, 18, 17, 35, tzinfo=UTC)


class Frozen:
    """The time and the stream of one act, until the next begins."""

    def __init__(self, seed: str) -> None:
        self.seed, self.now, self.seconds = seed, BEGIN, 0.0
        self._label, self._drawn = "", 0

    def begin(self, label: str, seconds: float) -> None:
        """An act begins, so many seconds after the history's begin."""
        self._label, self._drawn = label, 0
        self.seconds = seconds
        self.now = BEGIN + timedelta(seconds=seconds)

    def draw(self, size: int) -> bytes:
        """The next bytes of this act's stream."""
        out = b""
        while len(out) < size:
            self._drawn += 1
            text = f"{self.seed}|{self._label}|{self._drawn}"
            out += hashlib.sha256(text.encode()).digest()
        return out[:size]


@contextmanager
def frozen(seed: str) -> Iterator[Frozen]:
    """Nothing is read from the machine's clock or its randomness until the block ends.

    `time.monotonic` goes on: nothing that anybody is shown is made of it.
    """
    held = Frozen(seed)
    with ExitStack() as stack:
        for target, name, instead in (
            (timezone, "now", lambda: held.now),
            (time, "time", lambda: held.now.timestamp()),
            (os, "urandom", held.draw),
            (random, "_urandom", held.draw),
        ):
            stack.enter_context(mock.patch.object(target, name, instead))
        assert uuid.uuid4() != uuid.uuid4()
        yield held
