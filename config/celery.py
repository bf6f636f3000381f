"""The Celery application: `celery -A config.celery worker` and `beat`."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

from config.garbage import collect_seldom

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("holdfast")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["incidents", "tracing"])


@worker_init.connect
def _worker_starts(**_: Any) -> None:
    collect_seldom()
