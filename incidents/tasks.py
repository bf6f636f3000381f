"""Celery shells of the room."""

import redis
from celery import Task, shared_task

from incidents import fanout
from incidents.services import check_page, clocks, deadlines, outbox


@shared_task(name="incidents.fan_out", bind=True, max_retries=3, default_retry_delay=1)
def fan_out(self: "Task[[int], None]", line_pk: int) -> None:
    """Tell the web processes about one entry."""
    try:
        fanout.fan_out(line_pk)
    except redis.RedisError as error:
        raise self.retry(exc=error) from error


@shared_task(name="incidents.sweep_unfanned")
def sweep_unfanned() -> int:
    """Find entries whose message was lost."""
    return fanout.sweep()


@shared_task(name="incidents.sweep_silent")
def sweep_silent() -> int:
    """Tell the rooms whose deadline passed without an answer."""
    return deadlines.sweep()


@shared_task(name="incidents.sweep_clocks")
def sweep_clocks() -> int:
    """Record what fell due of requests that were sent: overdue, holds that end or are over."""
    return clocks.sweep()


@shared_task(name="incidents.carry_out")
def carry_out(delivery_pk: int) -> None:
    """Hand one delivery over."""
    outbox.carry_out(delivery_pk)


@shared_task(name="incidents.sweep_outbox")
def sweep_outbox() -> int:
    """Find deliveries whose message was lost, whose pause is over, or whose worker is gone."""
    return outbox.sweep()


@shared_task(name="incidents.publish_checks")
def publish_checks() -> int:
    """Write what the public check page reads, where it changed."""
    return check_page.publish()
