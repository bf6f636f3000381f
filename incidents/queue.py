"""Leaving through the queue: by task name, after commit, with ids only.

Services never import tasks. A message that is lost with the broker is found by a sweeper: the row
that says "not yet done" is the truth.
"""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def enqueue_on_commit(task: str, *args: int | str) -> None:
    """Send ``task`` with ``args`` once the surrounding transaction has committed."""

    def send() -> None:
        try:
            current_app.send_task(task, args=args)
        except OperationalError:
            logger.warning("broker unreachable; the sweeper will find %s %s", task, args)

    transaction.on_commit(send, robust=True)
