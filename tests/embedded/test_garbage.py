"""A worker looks for cycles seldom."""

import gc

from celery.signals import worker_init

from config import celery
from config.garbage import MIDDLE, OBJECTS, YOUNG


def test_worker_collects_seldom_from_its_start() -> None:
    starts = celery._worker_starts
    assert starts in worker_init._live_receivers(None)
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)  # Python's own; these tests collect seldom themselves
    try:
        starts()
        assert gc.get_threshold() == (OBJECTS, YOUNG, MIDDLE)
    finally:
        gc.set_threshold(*before)
