"""A database that goes away for a moment ends no turn at a chain, and no play."""

import threading
import time
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests import services

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.node, pytest.mark.django_db(transaction=True)]

END_EVERYBODY = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = %s AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


def end_every_session() -> int:
    """As a crash of the server does; how many there were."""
    with psycopg.connect(services.cluster().super_url()) as connection:
        return connection.execute(END_EVERYBODY, (services.database_name(),)).rowcount


def test_work_is_done_again_when_its_connection_was_lost() -> None:
    from tracing.models import Chain
    from tracing.watch import outages

    seen = []

    def work() -> int:
        seen.append(Chain.objects.count())
        if len(seen) < 3:
            end_every_session()
        return Chain.objects.count()

    assert outages.endure(work) == 0
    assert seen == [0, 0, 0]


def test_fault_over_a_connection_that_is_fine_is_nobodys_outage() -> None:
    from django.db import OperationalError, connection

    from tracing.watch import outages

    tries = []

    def work() -> None:
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 10; SELECT pg_sleep(1)")

    with pytest.raises(OperationalError):
        outages.endure(work)
    assert len(tries) == 1


def test_waiting_ends_when_the_worker_is_asked_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    from tracing.watch import outages

    assert outages.wait()
    stop = threading.Event()
    stop.set()
    assert not outages.wait(stop)
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "NAME", "no_such_database")
    assert not outages.wait(timeout=0.3)


def test_turn_survives_outages_under_its_lease(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    from tracing.models import Chain
    from tracing.watch import turn

    monkeypatch.setattr(turn, "RUN_SECONDS", 4.0)
    town.watcher.lease.release()
    ended = []

    def disturb() -> None:
        for _ in range(8):
            town.node.call("evm_mine")
            time.sleep(0.3)
            ended.append(end_every_session())
            town.node.call("evm_mine")

    disturber = threading.Thread(target=disturb)
    disturber.start()
    try:
        may_go_on = turn.take(town.chain.pk)
    finally:
        disturber.join()
        connection.close()
    row = Chain.objects.get(pk=town.chain.pk)
    assert may_go_on
    assert row.lease_epoch == town.watcher.lease.epoch + 1  # taken once, and never lost
    assert row.lease_until is None
    assert (row.cursor_number, row.last_error) == (town.height, "")
    assert town.canonical() == town.on_chain()
    assert all(ended)


def test_turn_whose_lease_was_taken_meanwhile_writes_nothing_more(
    town: "Town", monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db.models import F

    from tracing.models import Chain
    from tracing.watch import turn

    monkeypatch.setattr(turn, "RUN_SECONDS", 30.0)
    town.watcher.lease.release()

    def take_over() -> None:
        time.sleep(0.5)
        end_every_session()
        url = services.cluster().app_url(services.database_name())
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE tracing_chain SET lease_epoch = lease_epoch + 1")
        town.node.call("evm_mine")

    other = threading.Thread(target=take_over)
    other.start()
    began = time.monotonic()
    try:
        turn.take(town.chain.pk)
    finally:
        other.join()
    assert time.monotonic() - began < 10
    assert (
        Chain.objects.filter(lease_epoch=F("lease_epoch"), cursor_number=town.height).count() == 0
    )
