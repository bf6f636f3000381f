"""What the database refuses, and what verify_ledger finds when somebody gets around it."""

import io
import os
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from incidents.models import Incident, LedgerEntry
from incidents.services import ledger, notes
from tests import services
from tests.cast import Cast
from tests.factories import AMBER

pytestmark = pytest.mark.django_db(transaction=True)

FORBIDDEN = [
    "UPDATE incidents_ledgerentry SET kind = 'note.posted'",
    "UPDATE incidents_ledgerentry SET owner_id = NULL WHERE seq = 1",
    "DELETE FROM incidents_ledgerentry",
    "TRUNCATE incidents_ledgerentry CASCADE",
]
# The owner of the tables could; the application's role is refused this as well.
NOT_FOR_THE_APPLICATION = [
    "DELETE FROM incidents_timelineentry",
    "UPDATE incidents_timelineentry SET subject = ''",
    "UPDATE incidents_timelineentry SET kind = 'note.posted'",
    "UPDATE incidents_movedline SET tells = true",
    "DELETE FROM incidents_personalcontent",
    "UPDATE incidents_personalcontent SET salt = 'x'",
    "DELETE FROM incidents_freezeanswer",
    "DELETE FROM incidents_terms",
    "DELETE FROM incidents_participation",
    "DELETE FROM incidents_incident",
]


@pytest.fixture
def cast(cast: Cast) -> Cast:
    notes.post(cast.incident, "first", actor=cast.lead, marking=AMBER)
    notes.post(cast.incident, "second", actor=cast.rival, marking=AMBER)
    return cast


@pytest.fixture
def owner(cast: Cast) -> Iterator[psycopg.Connection]:
    # Row level security is forced on the owner too: whom it reads for it must say.
    url, whole = os.environ["DATABASE_OWNER_URL"], "-c holdfast.scope=system"
    with psycopg.connect(url, autocommit=True, options=whole) as opened:
        yield opened


@pytest.fixture
def tamper(cast: Cast) -> Callable[..., None]:
    """Run SQL as nobody of us may: as superuser, with triggers off."""

    def run(query: str, *values: object) -> None:
        url = services.cluster().super_url(services.database_name())
        with psycopg.connect(url) as superuser:
            superuser.execute("SET session_replication_role = replica")
            assert superuser.execute(query, values).rowcount > 0

    return run


class TestRefusals:
    @pytest.mark.django_db  # the refusal needs no commit
    @pytest.mark.parametrize("query", FORBIDDEN + NOT_FOR_THE_APPLICATION)
    def test_application_may_add_and_nothing_else(self, cast: Cast, query: str) -> None:
        before = LedgerEntry.objects.count()
        with (
            pytest.raises(DatabaseError, match=r"permission denied|append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(query)
        notes.post(cast.incident, "more", actor=cast.lead, marking=AMBER)
        assert LedgerEntry.objects.count() == before + 1

    @pytest.mark.parametrize("query", FORBIDDEN)
    def test_owner_of_the_table_may_add_and_nothing_else(
        self, owner: psycopg.Connection, cast: Cast, query: str
    ) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            owner.execute(query)
        columns = "public_id, incident_id, seq, at, actor, kind, version, content, salt, leaf, head"
        owner.execute(
            f"INSERT INTO incidents_ledgerentry ({columns}) SELECT gen_random_uuid(), "  # noqa: S608
            "incident_id, 1000, at, actor, kind, version, content, salt, leaf, head "
            "FROM incidents_ledgerentry WHERE seq = 1"
        )
        assert LedgerEntry.objects.filter(seq=1000).count() == 1

    def test_application_owns_no_table(self, cast: Cast) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FILTER (WHERE tableowner = current_user), count(*)"
                " FROM pg_tables WHERE schemaname = 'public'"
            )
            owned, tables = cursor.fetchone()
        assert owned == 0
        assert tables > 20


class TestVerifying:
    def found(self, cast: Cast) -> list[tuple[int, str]]:
        return [(fault.seq, fault.reason) for fault in ledger.verify(cast.incident)]

    def test_untouched_ledger_fits(self, cast: Cast) -> None:
        assert self.found(cast) == []
        out = io.StringIO()
        call_command("verify_ledger", cast.incident.slug, stdout=out)
        entries = Incident.objects.get(pk=cast.incident.pk).next_seq - 1
        assert out.getvalue() == f"{cast.incident.slug}: {entries} entries, all fit\n"

    @pytest.mark.parametrize(
        "change",
        [
            "kind = 'note.other'",
            "marking = 'TLP:CLEAR'",
            "actor = 'system'",
            "owner_id = NULL",
            "at = at + interval '1 microsecond'",
            "audience_people = '{1}'",
            """content = '{"title": "other"}'""",
            "content = '[]'",
            """content = '{"amount": 90071992547409930}'""",
            "public_id = gen_random_uuid()",
            "version = 2",
            "leaf = sha256('x')",
        ],
    )
    def test_altered_entry_is_found(
        self, cast: Cast, tamper: Callable[..., None], change: str
    ) -> None:
        tamper(f"UPDATE incidents_ledgerentry SET {change} WHERE seq = 2")  # noqa: S608
        assert (2, "the entry does not fit its leaf") in self.found(cast)
        errors = io.StringIO()
        with pytest.raises(CommandError, match="faults"):
            call_command("verify_ledger", stderr=errors)
        assert f"{cast.incident.slug} #2: the entry does not fit its leaf" in errors.getvalue()

    def test_altered_entry_with_a_fitting_leaf_is_found_by_its_head(
        self, cast: Cast, tamper: Callable[..., None]
    ) -> None:
        from incidents.ledger import leaf as leaves
        from incidents.services.timeline import leaf_input

        entry = LedgerEntry.objects.get(seq=2)
        entry.kind = "note.other"
        forged = leaves.leaf(bytes(entry.salt), leaf_input(entry))
        tamper(
            "UPDATE incidents_ledgerentry SET kind = 'note.other', leaf = %s WHERE seq = 2", forged
        )
        assert self.found(cast) == [
            (2, "the head does not follow from the leaves before"),
            (2, "the timeline has another kind"),
        ]

    def test_missing_entries_are_found_first_middle_and_last(
        self, cast: Cast, tamper: Callable[..., None]
    ) -> None:
        last = Incident.objects.get(pk=cast.incident.pk).next_seq - 1
        tamper("DELETE FROM incidents_ledgerentry WHERE seq IN (1, 3, %s)", last)
        assert self.found(cast) == [
            (1, "missing: the next entry is 2"),
            (2, "the head does not follow from the leaves before"),
            (3, "missing: the next entry is 4"),
            (4, "the head does not follow from the leaves before"),
            (last, "the incident's head is not that of its last entry"),
        ]

    def test_altered_head_is_found(self, cast: Cast, tamper: Callable[..., None]) -> None:
        tamper("UPDATE incidents_ledgerentry SET head = sha256('x') WHERE seq = 3")
        assert self.found(cast) == [
            (3, "the head does not follow from the leaves before"),
            (4, "the head does not follow from the leaves before"),
        ]

    def test_altered_head_of_the_incident_is_found(self, cast: Cast) -> None:
        incident = Incident.objects.get(pk=cast.incident.pk)
        incident.head = bytes(32)
        incident.save(update_fields=["head"])
        assert self.found(cast) == [
            (incident.next_seq, "the incident's head is not that of its last entry")
        ]

    def test_missing_personal_text_is_found(self, cast: Cast, tamper: Callable[..., None]) -> None:
        tamper("DELETE FROM incidents_personalcontent WHERE value = 'first'")
        assert [reason for _, reason in self.found(cast)] == ["the text “text” is missing"]

    def test_line_that_was_taken_from_the_timeline_is_found(
        self, cast: Cast, tamper: Callable[..., None]
    ) -> None:
        tamper("DELETE FROM incidents_timelineentry WHERE seq = 2")
        assert self.found(cast) == [(2, "the timeline does not show it")]

    @pytest.mark.parametrize(
        ("change", "name"),
        [
            ("marking = 'TLP:CLEAR'", "marking"),
            ("audience_people = '{1}'", "audience_people"),
            ("audience_organizations = '{1}'", "audience_organizations"),
            ("owner_id = NULL", "owner"),
            ("author_id = NULL", "author"),
            ("kind = 'note.other'", "kind"),
        ],
    )
    def test_line_that_shows_itself_to_others_is_found(
        self, cast: Cast, tamper: Callable[..., None], change: str, name: str
    ) -> None:
        tamper(f"UPDATE incidents_timelineentry SET {change} WHERE seq = 2")  # noqa: S608
        assert self.found(cast) == [(2, f"the timeline has another {name}")]

    def test_altered_author_is_found(self, cast: Cast, tamper: Callable[..., None]) -> None:
        tamper("UPDATE incidents_ledgerentry SET author_id = NULL WHERE seq = 2")
        assert self.found(cast) == [
            (2, "the author is not the actor that the leaf names"),
            (2, "the timeline has another author"),
        ]

    def test_altered_personal_text_is_found(self, cast: Cast, tamper: Callable[..., None]) -> None:
        tamper("UPDATE incidents_personalcontent SET value = 'other' WHERE value = 'first'")
        assert [reason for _, reason in self.found(cast)] == [
            "the text “text” does not fit its commitment"
        ]

    def test_unknown_incident_is_an_error(self, cast: Cast) -> None:
        with pytest.raises(CommandError, match="no incident nowhere"):
            call_command("verify_ledger", "nowhere")
