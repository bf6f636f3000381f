"""How fast a chain is followed, minute by minute: what the page of chains draws.

Cheap on purpose: a look at the clock after each step, and three small statements each few seconds,
outside of the watcher's transactions. A sample is a picture, not a record: what a killed watcher
had not written is missing from it, and nothing depends on it.
"""

from __future__ import annotations

import time
from datetime import timedelta

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from tracing.models import Block, Chain, ChainSample

FLUSH_SECONDS = 3.0
MOST_LAG = 2**31 - 1  # of the column; a liar may say that the chain is higher
KEPT = timedelta(hours=24)

_ADD = """
INSERT INTO tracing_chainsample (chain_id, minute, blocks, transfers, lag_blocks)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (chain_id, minute) DO UPDATE SET
    blocks = tracing_chainsample.blocks + excluded.blocks,
    transfers = tracing_chainsample.transfers + excluded.transfers,
    lag_blocks = greatest(tracing_chainsample.lag_blocks, excluded.lag_blocks)
"""


class Sampler:
    """Counts what one watcher applies. ``take`` is called after each of its steps."""

    def __init__(self, chain_pk: int) -> None:
        self._chain_pk = chain_pk
        self._cursor, _ = self._heights()
        self._due = time.monotonic() + FLUSH_SECONDS
        self._pruned = ""

    def take(self) -> None:
        """Write what was applied since the last time, if that is long enough ago."""
        if time.monotonic() >= self._due:
            self.flush()

    def flush(self) -> None:
        """Write what was applied since the last time."""
        self._due = time.monotonic() + FLUSH_SECONDS
        cursor, head = self._heights()
        if cursor is None:
            return
        last = self._cursor if self._cursor is not None else cursor
        self._cursor = cursor
        minute = timezone.now().replace(second=0, microsecond=0)
        blocks = max(0, cursor - last)  # less than nothing after a reorganisation
        lag = min(max(0, head - cursor), MOST_LAG)
        values = (blocks, self._transfers(last, cursor) if blocks else 0, lag)
        with connection.cursor() as statement:
            statement.execute(_ADD, (self._chain_pk, minute, *values))
        if self._pruned != minute.isoformat():
            self._pruned = minute.isoformat()
            old = ChainSample.objects.filter(chain=self._chain_pk, minute__lt=minute - KEPT)
            old.delete()

    def _heights(self) -> tuple[int | None, int]:
        row = Chain.objects.filter(pk=self._chain_pk).values_list("cursor_number", "head_number")
        cursor, head = row.get()
        return cursor, cursor or 0 if head is None else head

    def _transfers(self, last: int, cursor: int) -> int:
        rows = Block.objects.filter(chain=self._chain_pk, number__gt=last, number__lte=cursor)
        found = rows.exclude(state=Block.State.ORPHANED).aggregate(sum=Sum("transfer_count"))
        return found["sum"] or 0
