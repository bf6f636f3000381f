"""Lists cost the same number of queries, however long they are. A growth is a decision."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.services import addresses, notes, statements
from tests import factories
from tests.api import client_of, room
from tests.cast import Cast, organization
from tests.factories import AMBER, CHAIN

pytestmark = pytest.mark.django_db


def add_note(cast: Cast, number: int) -> None:
    notes.post(cast.incident, f"note {number}", actor=cast.lead, marking=AMBER)


def add_address(cast: Cast, number: int) -> None:
    at = factories.address(number + 1)
    addresses.record(cast.incident, CHAIN, at, actor=cast.lead, marking=AMBER)


def add_freeze(cast: Cast, number: int) -> None:
    row = factories.sent_request(cast.incident, cast.lead, cast.rival, organization(cast.exchange))
    assert row


def add_statement(cast: Cast, number: int) -> None:
    row = statements.draft(cast.incident, f"T{number}", "x", actor=cast.lead, marking=AMBER)
    statements.sign_off(row, "signed", actor=cast.lead, digest_read=row.digest)


# session, person, seat with incident: three of each. A request's targets have a log of two kinds.
PINNED: list[tuple[str, Callable[[Cast, int], None], int]] = [
    ("timeline/", add_note, 5),
    ("addresses/", add_address, 6),
    ("freezes/", add_freeze, 7),
    ("statements/", add_statement, 5),
    ("parties/", add_note, 5),
    ("state/", add_note, 6),
]


@pytest.mark.parametrize(("path", "add", "pinned"), PINNED, ids=[p[0] for p in PINNED])
def test_queries_of_a_list_are_pinned(
    cast: Cast, path: str, add: Callable[[Cast, int], None], pinned: int
) -> None:
    client = client_of(cast.people["lead"])

    def queries() -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(room(cast.incident.slug, path)).status_code == 200
        return [query["sql"][:160] for query in seen.captured_queries]

    add(cast, 0)
    client.get(room(cast.incident.slug, path))
    few = queries()
    for number in range(1, 6):
        add(cast, number)
    many = queries()
    assert (len(few), len(many)) == (pinned, pinned), many


def test_list_of_incidents_is_pinned(cast: Cast) -> None:
    client: Any = client_of(cast.people["lead"])
    body = {"title": "Another", "organization": "kelp"}
    for _ in range(3):
        client.post("/api/v1/incidents/", body)
    with CaptureQueriesContext(connection) as seen:
        assert len(client.get("/api/v1/incidents/").json()) == 4
    assert len(seen) == 3
