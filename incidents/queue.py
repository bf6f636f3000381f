"""Leaving through the queue: by task name, after commit, with ids only.

Services never import tasks. A nudge goes straight to the web processes: alerts wait for no worker.
The task makes sure. A message that is lost with the broker is found by a sweeper: the row
that says "not yet done" is the truth.
"""

import functools
import logging
import time

import redis
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


class _Pause:
    """After a failure nobody tries for a second: a Redis that swallows packets costs two at every
    try, and who records a hundred entries in a row must not wait for each."""

    SECONDS = 1.0

    def __init__(self) -> None:
        self._until = 0.0

    def begin(self) -> None:
        self._until = time.monotonic() + self.SECONDS

    def is_on(self) -> bool:
        return time.monotonic() < self._until


_pause = _Pause()


def enqueue_on_commit(task: str, *args: int | str) -> None:
    """Send ``task`` with ``args`` once the surrounding transaction has committed."""

    def send() -> None:
        if _pause.is_on():
            return
        try:
            current_app.send_task(task, args=args)
        except OperationalError:
            _pause.begin()
            logger.warning("broker unreachable; the sweeper will find %s %s", task, args)

    transaction.on_commit(send, robust=True)


@functools.cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=2, health_check_interval=30
    )


def publish(incident_pk: int) -> None:
    """Nudge every web process about one incident.

    :raises redis.RedisError: Redis is unreachable.
    """
    _client().publish(settings.REDIS_CHANNEL, str(incident_pk))


def nudge_on_commit(incident_pk: int) -> None:
    """Publish the pointer once the surrounding transaction has committed, if Redis is there."""

    def send() -> None:
        if _pause.is_on():
            return
        try:
            publish(incident_pk)
        except redis.RedisError:
            _pause.begin()
            logger.warning(
                "Redis unreachable; the fan-out task will nudge incident %s", incident_pk
            )

    transaction.on_commit(send, robust=True)
