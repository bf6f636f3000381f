"""A Redis that is away costs whoever records next to nothing, and is tried again soon."""

import time

import pytest
import redis
from kombu.exceptions import OperationalError

from incidents import queue

pytestmark = pytest.mark.django_db


def test_after_a_failure_nobody_tries_for_a_moment(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    tried: list[str] = []

    def refuse(name: str, **_: object) -> None:
        tried.append(name)
        raise OperationalError

    def refuse_to_publish(incident_pk: int) -> None:
        tried.append(str(incident_pk))
        raise redis.ConnectionError

    monkeypatch.setattr(queue, "_pause", queue._Pause())
    monkeypatch.setattr(queue._Pause, "SECONDS", 0.2)
    monkeypatch.setattr(queue.current_app, "send_task", refuse, raising=False)
    monkeypatch.setattr(queue, "publish", refuse_to_publish)

    def record() -> None:
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            queue.nudge_on_commit(7)
            queue.enqueue_on_commit("incidents.fan_out", 1)

    for _ in range(5):
        record()
    assert tried == ["7"]
    time.sleep(0.25)
    record()
    assert tried == ["7", "7"]
    monkeypatch.setattr(queue, "publish", lambda incident_pk: tried.append("told"))
    time.sleep(0.25)
    record()  # the positive twin: Redis is back
    assert tried == ["7", "7", "told", "incidents.fan_out"]


def test_a_dead_broker_is_asked_twice_and_not_waited_for() -> None:
    from celery import Celery

    from config.celery import app

    policy = app.conf.task_publish_retry_policy
    assert policy == dict.fromkeys(("interval_start", "interval_step", "interval_max"), 0) | {
        "max_retries": 1
    }
    assert app.conf.broker_transport_options["socket_connect_timeout"] == 2
    lost = Celery("lost", broker="redis://127.0.0.1:1/0", set_as_current=False)
    lost.conf.task_publish_retry_policy = policy
    with pytest.raises(OperationalError):
        lost.send_task("incidents.fan_out", args=(1,))
