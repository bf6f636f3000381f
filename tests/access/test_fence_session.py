"""The session of the database is always in step with the scope, whatever happened before."""

import threading

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from incidents import scope
from incidents.models import Organization, TimelineEntry
from incidents.scope import NOBODY, PUBLIC, SYSTEM, Kind, Scope, within
from tests import services
from tests.access.test_fence_database import PROTECTED
from tests.cast import make_cast

pytestmark = pytest.mark.django_db(transaction=True)
SOMEBODY = Scope(Kind.PERSON, 7, 8)


def told() -> tuple[str, str, str]:
    """What the session says, asked the way everything is asked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('holdfast.scope', true),"
            " current_setting('holdfast.person', true),"
            " current_setting('holdfast.organization', true)"
        )
        return cursor.fetchone()


SAID = {
    SYSTEM: ("system", "", ""),
    NOBODY: ("nobody", "", ""),
    PUBLIC: ("public", "", ""),
    SOMEBODY: ("person", "7", "8"),
}


class Undo(Exception):
    """Thrown by a test to leave a transaction."""


def in_step() -> bool:
    return told() == SAID[scope.current()]


def undo_in(who: Scope) -> None:
    with within(who):
        assert in_step()
    raise Undo


def test_each_scope_is_told_and_the_one_around_it_again() -> None:
    for who in SAID:
        with within(who):
            assert in_step()
            with within(SOMEBODY):
                assert in_step()
            assert in_step()
    assert told() == SAID[SYSTEM]


def test_a_scope_that_was_told_in_a_transaction_outlives_its_commit() -> None:
    with within(SOMEBODY):
        with transaction.atomic():
            assert in_step()
        assert in_step()


@pytest.mark.parametrize("who", list(SAID), ids=lambda who: who.kind)
def test_a_rollback_takes_the_settings_back_and_they_are_told_again(who: Scope) -> None:
    assert in_step()
    with within(who):
        with pytest.raises(Undo), transaction.atomic():
            undo_in(who)
        assert in_step()
        with transaction.atomic():
            with pytest.raises(Undo), transaction.atomic():
                undo_in(SOMEBODY)
            assert in_step()
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")
        assert in_step()
    assert in_step()


def test_an_error_in_a_savepoint_under_another_scope_can_be_rolled_back() -> None:
    with within(NOBODY), transaction.atomic():
        assert in_step()
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            within(SYSTEM),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT 1/0")
        assert in_step()


def test_a_rollback_by_hand_is_noticed() -> None:
    with within(SOMEBODY), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT here")
            with within(PUBLIC):
                assert in_step()
            cursor.execute("ROLLBACK TO SAVEPOINT here")
        assert in_step()
    with within(PUBLIC):
        assert in_step()
        with connection.cursor() as cursor:
            cursor.execute("RESET ALL")
        assert in_step()


def test_a_commit_that_fails_is_a_rollback() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE once (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    with within(SOMEBODY):
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("INSERT INTO once VALUES (1), (1)")
        assert in_step()
    assert in_step()


def test_a_new_connection_is_told_anew() -> None:
    with within(SOMEBODY):
        assert in_step()
        connection.close()
        assert in_step()


def test_a_thread_has_a_connection_and_a_scope_of_its_own() -> None:
    seen: list[object] = []

    def look() -> None:
        seen.append(told())
        with within(PUBLIC):
            seen.append(told())
        connection.close()

    with within(SOMEBODY):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        assert in_step()
    assert seen == [SAID[SYSTEM], SAID[PUBLIC]]


def test_telling_is_no_query_that_is_counted_and_nothing_is_told_twice() -> None:
    connection.ensure_connection()
    sent: list[str] = []
    raw = connection.connection
    real = type(raw).execute

    def noting(self: object, query: str, *rest: object, **named: object) -> object:
        sent.append(str(query))
        return real(self, query, *rest, **named)

    with pytest.MonkeyPatch.context() as patch, CaptureQueriesContext(connection) as counted:
        patch.setattr(type(raw), "execute", noting)
        for who in (SYSTEM, SOMEBODY, NOBODY):
            with within(who):
                list(Organization.objects.all())
                list(Organization.objects.all())
    assert len(counted) == 6
    assert 2 <= len([one for one in sent if "set_config" in one]) <= 3


def test_rows_that_come_in_parts_come_all() -> None:
    cast = make_cast()
    for who, least in ((SYSTEM, 10), (NOBODY, 0)):
        with within(who), transaction.atomic():
            rows = list(TimelineEntry.scoped.filter(incident=cast.incident).iterator(chunk_size=2))
            assert len(rows) == TimelineEntry.scoped.count()
            assert len(rows) >= least
            assert bool(rows) == bool(least)


@pytest.fixture
def room() -> None:
    make_cast()


@pytest.mark.parametrize("role", ["app", "owner"])
@pytest.mark.usefixtures("room")
def test_a_session_that_says_nothing_is_nobody_also_as_the_owner(role: str) -> None:
    cluster, name = services.cluster(), services.database_name()
    url = cluster.app_url(name) if role == "app" else cluster.owner_url(name)
    seats = "SELECT count(*) FROM incidents_participation"
    with psycopg.connect(url) as bare:
        for model in PROTECTED:
            # The owner alone reads seats: the function that the policies ask runs as it.
            if role == "app" or model._meta.db_table != "incidents_participation":
                count = f"SELECT count(*) FROM {model._meta.db_table}"  # noqa: S608
                assert bare.execute(count).fetchone() == (0,), model
        bare.execute("SET holdfast.scope = 'no such scope'")
        assert bare.execute("SELECT count(*) FROM incidents_timelineentry").fetchone() == (0,)
        bare.execute("SET holdfast.scope = 'system'")
        assert bare.execute(seats).fetchone() != (0,)
        assert bare.execute("SELECT count(*) FROM incidents_timelineentry").fetchone() != (0,)
