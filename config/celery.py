"""The Celery application: `celery -A config.celery worker` and `beat`."""

import os
from contextlib import suppress
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_ready
from kombu.transport.redis import Channel

from config.garbage import collect_seldom
from config.memory import keep_below

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("holdfast")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["incidents", "tracing"])


# What a worker has taken and not begun, kombu puts back when the connection ends. Where Redis was
# killed there is none to put it back to: kombu raises AttributeError, and the worker takes no task
# any more. Nothing is lost by leaving it: rows say what is to be done, not messages.
Channel.do_restore = False


@worker_init.connect
def _worker_starts(**_: Any) -> None:
    collect_seldom()


@worker_ready.connect
def _worker_is_ready(sender: Any = None, **_: Any) -> None:
    _take_over(str(getattr(sender, "hostname", "")))
    keep_below(app.conf.worker_memory_mib)


def _take_over(name: str) -> None:
    """What a worker of this name left in flight is uncertain. The sweeper finds it as well, when
    the database does not answer now."""
    from django.db import DatabaseError

    from incidents.services import outbox

    with suppress(DatabaseError):
        outbox.work_as(name or "worker")
