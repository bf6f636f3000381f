"""Whom the fence of the database holds: the check before a deployment, and a dump."""

import os
import subprocess
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from incidents.checks import role_stands_behind_the_fence
from tests import services
from tests.cast import make_cast

pytestmark = pytest.mark.django_db(transaction=True)


def found() -> list[str | None]:
    connection.close()  # rights of a role are asked with the next connection too
    return [message.id for message in role_stands_behind_the_fence(None)]


@pytest.fixture
def change() -> Iterator[Callable[[str], None]]:
    """Carry out as the superuser, and take it back at the end."""
    with psycopg.connect(services.cluster().super_url(), autocommit=True) as connected:
        yield lambda statement: connected.execute(sql.SQL(statement)) and None
        connected.execute("ALTER ROLE holdfast_app NOSUPERUSER NOBYPASSRLS")
        connected.execute("REVOKE holdfast_owner FROM holdfast_app")


@pytest.mark.parametrize(
    "right",
    [
        "ALTER ROLE holdfast_app SUPERUSER",
        "ALTER ROLE holdfast_app BYPASSRLS",
        "GRANT holdfast_owner TO holdfast_app",
    ],
)
def test_a_role_that_could_step_over_the_fence_is_refused(
    change: Callable[[str], None], right: str
) -> None:
    assert found() == []
    change(right)
    assert found() == ["holdfast.E004"]


def test_a_database_that_does_not_answer_is_said_and_refuses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "NAME", "no_such_database")
    assert [message.id for message in role_stands_behind_the_fence(None)] == ["holdfast.I001"]
    monkeypatch.undo()
    assert found() == []


def dump(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    cluster = services.cluster()
    url = cluster.owner_url(services.database_name())
    return subprocess.run(
        [str(cluster.place.binaries / "pg_dump"), *options, "--table=incidents_timelineentry", url],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_dump_by_the_owner_is_whole_as_the_manual_says_it_and_refused_otherwise() -> None:
    cast = make_cast()
    refused = dump()
    assert refused.returncode != 0
    assert "row-level security" in refused.stderr
    whole = dump("--enable-row-security", PGOPTIONS="-c holdfast.scope=system")
    assert whole.returncode == 0, whole.stderr
    lines = cast.incident.timeline.values_list("public_id", flat=True)
    assert len(lines) > 5
    assert all(str(line) in whole.stdout for line in lines)
