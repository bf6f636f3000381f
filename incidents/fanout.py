"""From a recorded entry to the outside: a content-free pointer to every web process.

The pointer says "incident N moved". What it means for whom is resolved in each web process
through access.py. Lost pointers cost nothing: sockets catch up from their cursor.
"""

from datetime import timedelta

from django.utils import timezone

from incidents.models import TimelineEntry
from incidents.queue import publish
from incidents.services import paging


def fan_out(line_pk: int) -> None:
    """Send the pointer of one entry and stamp it. Safe to run twice.

    :raises redis.RedisError: the sweeper will try again.
    """
    line = TimelineEntry.objects.filter(pk=line_pk, fanned_out_at__isnull=True).first()
    if line is None:
        return
    publish(line.incident_id)
    paging.page(line)
    TimelineEntry.objects.filter(pk=line.pk).update(fanned_out_at=timezone.now())


def sweep(limit: int = 500) -> int:
    """Fan out what lost its message; returns how many lines that were. Twice does no harm.

    :raises redis.RedisError: nothing was stamped; the next sweep finds the same lines.
    """
    old = timezone.now() - timedelta(seconds=2)
    rows = TimelineEntry.objects.filter(fanned_out_at__isnull=True, created_at__lt=old)
    lines = list(rows.order_by("pk")[:limit])
    for incident_pk in {line.incident_id for line in lines}:
        publish(incident_pk)
    for line in lines:
        paging.page(line)
    # Only now: a broker that is down must find them unstamped when it is back.
    TimelineEntry.objects.filter(pk__in=[line.pk for line in lines]).update(
        fanned_out_at=timezone.now()
    )
    return len(lines)
