"""How fast a past is read, for whoever waits for it."""

from __future__ import annotations

from django.utils import timezone

from tracing.models import Lookback, Trace

FRESH = 0.3  # weight of the latest turn
PAUSE = 15.0  # seconds without a turn: nobody was reading, and that is no pace


def note(row: Trace | Lookback, blocks: int) -> None:
    """A turn of the backfill read so many blocks more for this row."""
    now = timezone.now()
    if row.progress_at is not None:
        seconds = (now - row.progress_at).total_seconds()
        if 0 < seconds < PAUSE:
            rate = blocks / seconds
            row.rate = rate if row.rate is None else (1 - FRESH) * row.rate + FRESH * rate
    row.progress_at = now
    row.save(update_fields=["rate", "progress_at"])
