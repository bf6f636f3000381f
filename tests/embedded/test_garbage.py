"""A worker looks for cycles seldom."""

import gc

from celery.signals import worker_init


def test_worker_collects_seldom_from_its_start() -> None:
    import config.celery  # noqa: F401 - its receiver is what is tested
    from config.garbage import MIDDLE, OBJECTS, YOUNG

    before = gc.get_threshold()
    try:
        worker_init.send(sender=None)
        assert gc.get_threshold() == (OBJECTS, YOUNG, MIDDLE) != before
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
