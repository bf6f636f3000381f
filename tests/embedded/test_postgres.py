"""The embedded PostgreSQL: its roles, its databases, its place, and its start after a bad end."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import dj_database_url
import psycopg
import pytest

from config.embedded.errors import EmbeddedError
from config.embedded.place import SOCKET_NAME, SOCKET_PATH_MAX, Place, find_place, forget_place
from config.embedded.postgres import APP, OWNER, Postgres
from config.embedded.room import Room
from config.embedded.stack import Stack
from config.embedded.victims import strike
from tests import services
from tests.embedded.test_supervisor import is_gone

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def database() -> Iterator[str]:
    name = f"holdfast_roles_{services.worker_number()}"
    services.cluster().create_database(name)
    yield name
    services.cluster().drop_database(name)


@pytest.fixture
def var() -> Iterator[Path]:
    """A var directory that another account may pass through, whatever TMPDIR is."""
    directory = Path(tempfile.mkdtemp(prefix="holdfast-pg-"))
    directory.chmod(0o711)
    yield directory
    forget_place(directory)
    shutil.rmtree(directory)


def running(var: Path) -> Stack:
    return Stack(var, redis=False, node=False, test=True, say=lambda _: None)


def test_application_writes_rows_but_owns_no_table(database: str) -> None:
    cluster = services.cluster()
    with psycopg.connect(cluster.owner_url(database), autocommit=True) as owner:
        owner.execute("CREATE TABLE thing (id bigint GENERATED ALWAYS AS IDENTITY, name text)")
        owner.execute("CREATE TABLE record (name text)")
        owner.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON thing TO {APP}")
        owner.execute(f"GRANT SELECT, INSERT ON record TO {APP}")
    with psycopg.connect(cluster.app_url(database), autocommit=True) as app:
        assert app.execute("SELECT current_user").fetchone() == (APP,)
        app.execute("INSERT INTO thing (name) VALUES ('a')")
        app.execute("UPDATE thing SET name = 'b'")
        app.execute("INSERT INTO record VALUES ('a')")
        assert app.execute("DELETE FROM thing RETURNING name").fetchone() == ("b",)
        refused = (
            "UPDATE record SET name = 'b'",
            "DELETE FROM record",
            "TRUNCATE thing",
            "ALTER TABLE thing ADD COLUMN other text",
            "DROP TABLE thing",
            "CREATE TABLE mine (id bigint)",
            "SET session_replication_role = replica",
            f"SET ROLE {OWNER}",
        )
        for statement in refused:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)


def test_url_means_the_same_to_django_and_to_libpq(database: str) -> None:
    url = services.cluster().app_url(database)
    parsed = dj_database_url.parse(url)
    assert (parsed["NAME"], parsed["USER"], parsed["HOST"]) == (database, APP, "")
    connect = {"dbname": parsed["NAME"], "user": parsed["USER"], **parsed["OPTIONS"]}
    for connection in (psycopg.connect(**connect), psycopg.connect(url)):
        with connection:
            found = connection.execute("SELECT current_database(), current_user").fetchone()
        assert found == (database, APP)


@pytest.mark.parametrize("name", ["", "Holdfast", "a-b", 'a"; DROP', "1a", "a" * 64, "a\n"])
def test_name_that_needs_quoting_is_refused(name: str) -> None:
    with pytest.raises(EmbeddedError, match="no database name"):
        services.cluster().create_database(name)


def test_copy_of_a_database_has_its_rows_and_grants(database: str) -> None:
    cluster = services.cluster()
    with psycopg.connect(cluster.owner_url(database)) as owner:
        owner.execute("CREATE TABLE thing (name text)")
        owner.execute("INSERT INTO thing VALUES ('a')")
        owner.execute(f"GRANT SELECT, DELETE ON thing TO {APP}")
    copy = f"{database}_copy"
    cluster.create_database(copy, template=database)
    try:
        with psycopg.connect(cluster.app_url(copy)) as app:
            assert app.execute("DELETE FROM thing RETURNING name").fetchone() == ("a",)
    finally:
        cluster.drop_database(copy)
    assert cluster.has_database(database)
    assert not cluster.has_database(copy)


def test_killed_server_comes_back_with_its_rows(var: Path) -> None:
    with running(var) as stack:
        with psycopg.connect(stack.postgres.owner_url()) as owner:
            owner.execute("CREATE TABLE thing AS SELECT generate_series(1, 1000) AS id")
            owner.execute(f"GRANT SELECT ON thing TO {APP}")
        old = stack.supervisor.kill("postgres")
        stack.supervisor.wait_restarted("postgres", old)
        stack.postgres.wait_until_ready()
        with psycopg.connect(stack.postgres.app_url()) as app:
            assert app.execute("SELECT count(*) FROM thing").fetchone() == (1000,)
    with running(var) as stack, psycopg.connect(stack.postgres.app_url()) as app:
        assert app.execute("SELECT count(*) FROM thing").fetchone() == (1000,)


def test_what_was_committed_outlives_the_end_of_all_its_processes_at_once(var: Path) -> None:
    with running(var) as stack:
        with psycopg.connect(stack.postgres.owner_url()) as owner:
            owner.execute("CREATE TABLE thing (id bigint)")
            owner.execute(f"GRANT SELECT, INSERT ON thing TO {APP}")
        committed = []

        def write() -> None:
            with psycopg.connect(stack.postgres.app_url(), autocommit=True) as app:
                for number in itertools.count():
                    app.execute("INSERT INTO thing VALUES (%s)", (number,))
                    committed.append(number)

        with ThreadPoolExecutor() as pool:
            writing = pool.submit(write)
            while len(committed) < 200:
                time.sleep(0.01)
            old = stack.supervisor.pid("postgres")
            strike("postgres", Room(stack, 0, {}), Random(1))
            assert isinstance(writing.exception(timeout=10), psycopg.OperationalError)
        stack.supervisor.wait_restarted("postgres", old)
        stack.postgres.wait_until_ready()
        with psycopg.connect(stack.postgres.app_url()) as app:
            found = [row[0] for row in app.execute("SELECT id FROM thing ORDER BY id")]
        # The last one may have been written and its answer lost.
        assert found in (committed, [*committed, len(committed)])


def test_session_that_outlived_its_server_does_not_stop_the_start(var: Path) -> None:
    with running(var) as stack:
        busy = psycopg.connect(stack.postgres.app_url(), autocommit=True)
        endless = "DO $$ BEGIN LOOP END LOOP; END $$"
        with ThreadPoolExecutor() as pool:
            asked = pool.submit(busy.execute, endless)
            time.sleep(0.3)
            session = busy.info.backend_pid
            old = stack.supervisor.pid("postgres")
            os.kill(old, signal.SIGKILL)  # the server alone
            stack.supervisor.wait_restarted("postgres", old)
            stack.postgres.wait_until_ready(10)
            assert isinstance(asked.exception(timeout=10), psycopg.OperationalError)
        assert is_gone(session)
        assert stack.supervisor.restarts("postgres") == 1


def test_killed_session_leaves_the_server_to_recover_by_itself(var: Path) -> None:
    with running(var) as stack:
        with psycopg.connect(stack.postgres.app_url()) as app:
            strike("backend", Room(stack, 0, {}), Random(1))
            with pytest.raises(psycopg.OperationalError):
                app.execute("SELECT 1")
        stack.postgres.wait_until_ready(10)
        assert stack.supervisor.restarts("postgres") == 0


def test_pid_file_that_names_another_program_does_not_stop_the_start(var: Path) -> None:
    with running(var) as stack:
        pid_file = stack.postgres.place.data / "postmaster.pid"
        lines = pid_file.read_text().split("\n")
        old = stack.supervisor.pid("postgres")
        stack.supervisor.stop("postgres")
        lines[0] = str(os.getpid())
        pid_file.write_text("\n".join(lines))
        pid_file.chmod(0o644)
    with running(var) as stack:
        assert stack.postgres.answers()
        assert stack.supervisor.pid("postgres") not in (old, os.getpid())


def test_server_that_outlived_its_supervisor_is_replaced(var: Path) -> None:
    cluster = Postgres.under(var, scratch=True)
    cluster.initialise()
    orphan = subprocess.Popen(
        cluster.argv(),
        cwd="/",
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **cluster.place.popen_args(),
    )
    cluster.wait_until_ready()
    with running(var) as stack:
        assert orphan.wait(10) == 0
        assert stack.supervisor.pid("postgres") != orphan.pid
        assert stack.postgres.answers()


def test_killed_initdb_leaves_nothing_that_looks_like_a_cluster(var: Path) -> None:
    cluster = Postgres.under(var, scratch=True)
    half = cluster.place.data.with_name(f"{cluster.place.data.name}.new")
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    assert cluster.initialise()
    assert not half.exists()
    assert not cluster.initialise()


def test_long_path_gets_a_short_private_socket_directory(var: Path) -> None:
    deep = var / ("a" * 90)
    deep.mkdir()
    with running(deep) as stack:
        sockets = stack.postgres.place.sockets
        assert len(os.fsencode(sockets / SOCKET_NAME)) <= SOCKET_PATH_MAX
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert stack.postgres.answers()
    forget_place(deep)
    assert not sockets.exists()


def test_socket_directory_that_somebody_else_made_is_refused(var: Path) -> None:
    deep = var / ("a" * 90)
    deep.mkdir()
    sockets = find_place(deep).sockets
    sockets.rmdir()
    (var / "elsewhere").mkdir()
    sockets.symlink_to(var / "elsewhere")
    with pytest.raises(EmbeddedError, match="does not belong"):
        find_place(deep)
    sockets.unlink()
    assert find_place(deep).sockets == sockets
    forget_place(deep)


@pytest.mark.skipif(not AS_ROOT, reason="only root runs PostgreSQL as another account")
def test_checkout_that_only_root_may_enter_keeps_its_data_elsewhere(var: Path) -> None:
    private = var / "private"
    private.mkdir(mode=0o700)
    inside = private / "var"
    with running(inside) as stack:
        place = stack.postgres.place
        assert stack.postgres.answers()
        with psycopg.connect(stack.postgres.owner_url()) as owner:
            owner.execute("CREATE TABLE thing (name text)")
            owner.execute(f"GRANT SELECT ON thing TO {APP}")
    assert_private_and_outside(place, private)
    with running(inside) as stack, psycopg.connect(stack.postgres.app_url()) as app:
        assert stack.postgres.place == place
        assert app.execute("SELECT count(*) FROM thing").fetchone() == (0,)
    assert private.stat().st_mode & 0o777 == 0o700
    forget_place(inside)
    assert not place.data.exists()


def assert_private_and_outside(place: Place, private: Path) -> None:
    assert not place.data.is_relative_to(private)
    for directory in (place.data.parent, place.sockets):
        found = directory.stat()
        assert (found.st_mode & 0o777, found.st_uid) == (0o700, place.account.uid)


@pytest.mark.skipif(not AS_ROOT, reason="only root runs PostgreSQL as another account")
def test_copied_checkout_does_not_share_the_data(var: Path) -> None:
    original, copy = var / "a" / "var", var / "b" / "var"
    (var / "a").mkdir(mode=0o700)
    (var / "b").mkdir(mode=0o700)
    first = find_place(original)
    shutil.copytree(original, copy)
    second = find_place(copy)
    assert first.data != second.data
    shutil.rmtree(original)
    shutil.copytree(copy, original)
    forget_place(copy)
    assert not second.data.parent.exists()
    shutil.rmtree(first.data.parent.parent)


def test_stop_is_fast_while_a_client_is_connected(var: Path) -> None:
    stack = running(var)
    stack.start()
    client = psycopg.connect(stack.postgres.app_url())
    stack.stop()
    with pytest.raises(psycopg.OperationalError):
        client.execute("SELECT 1")
    with pytest.raises(ProcessLookupError):
        os.kill(stack_pid(var), signal.SIG_DFL)


def stack_pid(var: Path) -> int:
    log = (var / "log" / "postgres.log").read_text()
    return int(log.split("[", 1)[1].split("]", 1)[0])
