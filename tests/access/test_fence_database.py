"""PostgreSQL's own fence, asked by SQL of our own: what access.py would allow, and no row more.

The policy is written here neither again nor by a filter: rows that the database shows are held
against `access.may_see`, for the product that tests/access/test_policy.py builds.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from incidents import access
from incidents.access import Actor, Surface
from incidents.choices import Consent, Marking
from incidents.models import (
    Incident,
    Membership,
    Participation,
    Person,
    StatusPage,
    TrackedAddress,
)
from incidents.models.fenced import Fenced, FencedPart
from incidents.scope import NOBODY, PUBLIC, Kind, Scope, within
from incidents.services import notes, statements
from incidents.services.timeline import Audience
from tests import factories
from tests.access.test_policy import Product, product  # noqa: F401 - a fixture
from tests.cast import Cast, organization, person
from tracing.core.types import AccountKind
from tracing.models import Label, PastTransfer
from tracing.services import directory
from tracing.services.chains import ensure_known

pytestmark = pytest.mark.django_db

# Written by the watcher in bulk; reached through a lookback alone.
WITHOUT = {PastTransfer}
PROTECTED = [
    model
    for model in apps.get_models()
    if issubclass(model, Fenced | FencedPart) and model not in WITHOUT
]


def scope_of(viewer: Actor | None) -> Scope:
    """The scope that entering gives a viewer."""
    if viewer is None or viewer.person is None or viewer.organization is None:
        return NOBODY
    return Scope(Kind.PERSON, viewer.person.pk, viewer.organization.pk)


def keys(table: str = "incidents_trackedaddress", where: str = "true") -> set[int]:
    """Primary keys that the database shows now, by SQL that names no policy."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table} WHERE {where}")  # noqa: S608 - of this file
        return {row[0] for row in cursor.fetchall()}


class TestTheProduct:
    def test_the_database_shows_exactly_what_the_policy_says(
        self,
        product: Product,  # noqa: F811
    ) -> None:
        compared = shown = 0
        for name, viewer in product.viewers.items():
            if viewer is not None and viewer.person is None:
                continue  # the installation and "every party" are nobody's scope
            expected = {
                pk for pk, row in product.rows.items() if access.may_see(viewer, row, Surface.ROOM)
            }
            with within(scope_of(viewer)):
                assert keys() == expected, name
            compared += len(product.rows)
            shown += len(expected)
        assert compared == 12 * 7 * 4 * 4 * 3 * 3
        assert compared > shown > 0

    def test_the_public_is_shown_what_is_clear_once_the_page_is_public(
        self,
        product: Product,  # noqa: F811
        cast: Cast,
    ) -> None:
        rows = product.rows.items()
        clear = {pk for pk, row in rows if access.may_see(None, row, Surface.PUBLIC)}
        assert clear
        with within(PUBLIC):
            assert keys() == set()
        StatusPage.objects.filter(incident=cast.incident).update(is_public=True)
        with within(PUBLIC):
            assert keys() == clear

    def test_the_installation_sees_all_and_nobody_nothing(
        self,
        product: Product,  # noqa: F811
    ) -> None:
        assert keys() == set(product.rows)
        with within(NOBODY):
            assert keys() == set()


def _lapse(cast: Cast) -> object:
    seat = Participation.objects.filter(pk=cast.analyst.participation.pk)  # type: ignore[union-attr]
    return seat.update(consent=Consent.LAPSED)


def _new_terms(cast: Cast) -> object:
    return Incident.objects.filter(pk=cast.incident.pk).update(terms_version=2)


def _remove(cast: Cast) -> object:
    seat = Participation.objects.filter(pk=cast.analyst.participation.pk)  # type: ignore[union-attr]
    return seat.update(removed_at="2026-01-01T00:00Z")


def _end_membership(cast: Cast) -> object:
    rows = Membership.objects.filter(person=person(cast.analyst))
    return rows.update(ended_at="2026-01-01T00:00Z")


def _deactivate(cast: Cast) -> object:
    return Person.objects.filter(pk=person(cast.analyst).pk).update(is_active=False)


@pytest.mark.parametrize("end", [_lapse, _new_terms, _remove, _end_membership, _deactivate])
def test_whoever_may_not_read_any_more_is_shown_nothing_by_the_next_query(
    cast: Cast, end: Callable[[Cast], object]
) -> None:
    notes.post(cast.incident, "hello", actor=cast.analyst, marking=factories.AMBER)
    with within(scope_of(cast.analyst)):
        assert keys("incidents_timelineentry")
        assert keys("incidents_personalcontent")
    end(cast)
    with within(scope_of(cast.analyst)):
        assert keys("incidents_timelineentry") == set()
        assert keys("incidents_personalcontent") == set()
        assert keys("incidents_ledgerentry") == set()


class TestWhatHangsOnOthers:
    def test_the_ledger_shows_what_the_timeline_does(self, cast: Cast) -> None:
        notes.post(cast.incident, "for all", actor=cast.lead, marking=factories.AMBER)
        named = Audience(people=[person(cast.rival).pk])
        notes.post(cast.incident, "red", actor=cast.lead, marking=factories.RED, audience=named)
        for viewer in (cast.lead, cast.rival, cast.analyst, cast.law):
            with within(scope_of(viewer)):
                mine = set(access.entries(viewer, cast.incident).values_list("entry", flat=True))
                assert keys("incidents_timelineentry") == set(
                    access.entries(viewer, cast.incident).values_list("pk", flat=True)
                )
                assert keys("incidents_ledgerentry") == mine
        with within(scope_of(cast.rival)):
            red = keys("incidents_timelineentry", "marking = 'TLP:RED'")
        assert len(red) == 1
        with within(scope_of(cast.analyst)):
            assert not keys("incidents_timelineentry", "marking = 'TLP:RED'")

    def test_a_desk_is_shown_its_own_requests_once_they_were_sent(self, cast: Cast) -> None:
        exchange, issuer = organization(cast.exchange), organization(cast.issuer)
        sent = factories.sent_request(cast.incident, cast.lead, cast.rival, exchange)
        draft = factories.target(cast.incident, cast.lead, desk=exchange, at=factories.address(8))
        other = factories.target(cast.incident, cast.lead, desk=issuer, at=factories.address(9))
        everybodys = {sent.pk, draft.pk, other.pk}
        for viewer, targets in (
            (cast.lead, everybodys),
            (cast.analyst, everybodys),
            (cast.exchange, {sent.pk}),
            (cast.issuer, set()),
        ):
            with within(scope_of(viewer)):
                assert keys("incidents_freezetarget") == targets
                requests = access.freezes(viewer, cast.incident)
                assert keys("incidents_freezerequest") == set(requests.values_list("pk", flat=True))
                lines = access.entries(viewer, cast.incident)
                assert keys("incidents_timelineentry") == set(lines.values_list("pk", flat=True))

    def test_a_confidential_party_is_shown_to_itself_and_the_chair(self, cast: Cast) -> None:
        statement = statements.draft(
            cast.incident, "Together", "We work.", actor=cast.lead, marking=factories.AMBER
        )
        assert statement.pk
        hidden = organization(cast.law).pk
        for viewer in cast.actors.values():
            with within(scope_of(viewer)):
                seats = keys("incidents_participation")
                known = set(access.parties(viewer, cast.incident).values_list("pk", flat=True))
                assert seats == known
                sees = bool(keys("incidents_participation", f"organization_id = {hidden}"))
                assert sees == (viewer in (cast.law, cast.coordinator))

    def test_who_is_only_invited_is_shown_its_own_seat_and_nothing_else(self, cast: Cast) -> None:
        viewer = access.get_actor(cast.invited, cast.incident.slug)[1]
        with within(scope_of(viewer)):
            assert keys("incidents_participation") == {viewer.participation.pk}  # type: ignore[union-attr]
            shown = {model.__name__ for model in PROTECTED if keys(model._meta.db_table)}
        assert shown == {"Participation"}

    def test_labels_of_the_directory_are_for_every_party_and_a_rooms_own_for_it(
        self, cast: Cast
    ) -> None:
        chain = ensure_known(factories.CHAIN)
        service = directory.ensure_service(
            "big", "Big", kind=AccountKind.SERVICE, category="exchange"
        )
        row = directory.ensure_label(
            chain, factories.ADDRESS, service, source="a list", dated=date(2026, 1, 1)
        )
        told = Label.objects.create(
            chain=chain,
            address=factories.address(3),
            incident=cast.incident,
            source="a party",
            dated=row.dated,
            marking=factories.AMBER,
            owner=organization(cast.lead),
            author=person(cast.lead),
        )
        outsider = Scope(Kind.PERSON, cast.outsider.pk, None)
        old = keys("tracing_label") - {told.pk}
        assert row.pk in old
        for who, labels in ((scope_of(cast.rival), old | {told.pk}), (outsider, old)):
            with within(who):
                assert keys("tracing_label") == labels
        with within(NOBODY):
            assert keys("tracing_label") == set()


class TestWriting:
    @pytest.mark.parametrize("who", ["nobody", "person", "public"])
    def test_only_the_installation_writes(self, cast: Cast, who: str) -> None:
        row = TrackedAddress.objects.create(
            incident=cast.incident,
            chain=factories.CHAIN,
            address=factories.ADDRESS,
            marking=Marking.CLEAR,
            author=person(cast.lead),
            owner=organization(cast.lead),
        )
        StatusPage.objects.filter(incident=cast.incident).update(is_public=True)
        scopes = {"nobody": NOBODY, "person": scope_of(cast.lead), "public": PUBLIC}
        with within(scopes[who]):
            rows: Any = TrackedAddress.scoped.filter(pk=row.pk)
            assert rows.update(marking=Marking.RED) == 0
            labels: Any = Label.scoped.all()  # a table that the application may delete from
            assert labels._raw_delete("default") == 0
            twin = TrackedAddress(
                incident=cast.incident, chain=factories.CHAIN, address=factories.address(2)
            )
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                twin.save()
        row.refresh_from_db()
        assert row.marking == Marking.CLEAR
        twin.save()
        assert TrackedAddress.objects.filter(pk=row.pk).update(marking=Marking.RED) == 1

    @pytest.mark.parametrize("model", PROTECTED, ids=lambda model: model.__name__)
    def test_every_protected_table_has_its_four_policies_and_forces_them(
        self, model: type[models.Model]
    ) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass",
                [model._meta.db_table],
            )
            assert cursor.fetchone() == (True, True)
            cursor.execute(
                "SELECT cmd FROM pg_policies WHERE tablename = %s AND roles = '{public}'",
                [model._meta.db_table],
            )
            assert {row[0] for row in cursor.fetchall()} == {"SELECT", "INSERT", "UPDATE", "DELETE"}


class TestTheRole:
    def test_the_application_owns_nothing_and_cannot_step_over_the_fence(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
            )
            assert cursor.fetchone() == ("holdfast_app", False, False)
            cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
            assert cursor.fetchone() == (0,)
            cursor.execute("SELECT pg_has_role(current_user, 'holdfast_owner', 'MEMBER')")
            assert cursor.fetchone() == (False,)

    @pytest.mark.parametrize(
        "statement",
        [
            "ALTER TABLE incidents_timelineentry DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE incidents_timelineentry NO FORCE ROW LEVEL SECURITY",
            "DROP POLICY fence_read ON incidents_timelineentry",
            "CREATE POLICY mine ON incidents_timelineentry USING (true)",
            "SET ROLE holdfast_owner",
            "ALTER ROLE holdfast_app BYPASSRLS",
        ],
    )
    def test_the_application_cannot_take_the_fence_down(self, statement: str) -> None:
        with (
            pytest.raises(DatabaseError, match=r"must be owner|permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    def test_asking_to_go_without_it_is_refused_too(self, cast: Cast) -> None:
        with within(NOBODY), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL row_security = off")
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                keys()
