"""The manager of whatever belongs to a room answers the installation, and nobody's request."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.apps import apps
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from config.fence import begin_as_nobody, fenced
from incidents import access, scope
from incidents.exceptions import UnscopedQuery
from incidents.models import Person, TimelineEntry
from incidents.models.fenced import Fenced, FencedPart
from incidents.models.marked import Marked
from incidents.services import notes
from tests import factories
from tests.cast import Cast, organization, person

pytestmark = pytest.mark.django_db

PROTECTED = [model for model in apps.get_models() if issubclass(model, Fenced | FencedPart)]
SOMEBODY = scope.Scope(scope.Kind.PERSON, 1, 1)


def test_everything_marked_and_everything_of_a_room_is_protected() -> None:
    names = {model.__name__ for model in PROTECTED}
    assert names >= {model.__name__ for model in apps.get_models() if issubclass(model, Marked)}
    assert names >= {"Participation", "Invitation", "Role", "ControlProof", "TermsRevision"}
    assert names >= {"ReleaseRequest", "SignOff", "FreezeTarget", "PersonalContent", "FlowRow"}


@pytest.mark.parametrize("model", PROTECTED, ids=lambda model: model.__name__)
@pytest.mark.parametrize("who", [scope.NOBODY, scope.PUBLIC, SOMEBODY], ids=lambda who: who.kind)
def test_a_request_that_asks_a_model_by_itself_is_refused(
    model: type[Model], who: scope.Scope
) -> None:
    manager: Any = model._default_manager
    assert list(manager.all()) == []  # the installation may
    with scope.within(who):
        for ask in (manager.all, manager.count, manager.first, manager.create):
            with pytest.raises(UnscopedQuery, match=f"{model.__name__}.objects"):
                ask()


def test_parts_are_reached_through_their_parent_and_a_room_is_no_way_around(cast: Cast) -> None:
    target = factories.target(cast.incident, cast.lead)
    with scope.within(scope.NOBODY):
        access.get_incident(person(cast.lead), cast.incident.slug)
        request = access.get_freeze(cast.lead, cast.incident, target.request.public_id)
        assert list(request.targets.all()) == [target]
        for ask in (cast.incident.timeline, cast.incident.participations, cast.incident.freezes):
            with pytest.raises(UnscopedQuery):
                ask.count()


class TestEntering:
    def test_a_room_makes_the_scope_and_the_block_ends_it(self, cast: Cast) -> None:
        kelp = organization(cast.lead)
        with scope.within(scope.NOBODY):
            access.get_incident(person(cast.lead), cast.incident.slug)
            assert scope.current() == scope.Scope(scope.Kind.PERSON, person(cast.lead).pk, kelp.pk)
            list(access.incidents_of(person(cast.lead)))
            assert scope.current().organization == kelp.pk
            list(access.incidents_of(person(cast.rival)))
            assert scope.current() == scope.Scope(scope.Kind.PERSON, person(cast.rival).pk)
        assert scope.current() == scope.SYSTEM

    def test_the_installation_stays_what_it_is(self, cast: Cast) -> None:
        access.get_incident(person(cast.lead), cast.incident.slug)
        assert scope.current() == scope.SYSTEM

    def test_a_service_reads_what_it_needs_whoever_called_it(self, cast: Cast) -> None:
        with scope.within(scope.NOBODY):
            incident, lead = access.get_incident(person(cast.lead), cast.incident.slug)
            notes.post(incident, "hello", actor=lead, marking=factories.AMBER)
            assert access.entries(lead, incident).filter(kind="note.posted").count() == 1
            with pytest.raises(UnscopedQuery):
                TimelineEntry.objects.count()


class TestTheWeb:
    @pytest.fixture
    def seen(self, monkeypatch: pytest.MonkeyPatch) -> list[scope.Scope]:
        """What the view of a page runs as, at its beginning and at its end."""
        found: list[scope.Scope] = []
        real = access.incidents_of

        def noting(who: Person) -> Any:
            found.append(scope.current())
            rows = real(who)
            found.append(scope.current())
            return rows

        monkeypatch.setattr(access, "incidents_of", noting)
        return found

    def test_a_request_begins_as_nobody_and_leaves_nothing_behind(
        self, cast: Cast, client: Client, seen: list[scope.Scope]
    ) -> None:
        client.force_login(person(cast.lead))
        assert client.get("/").status_code == 200
        mine = scope.Scope(scope.Kind.PERSON, person(cast.lead).pk)
        assert seen == [scope.NOBODY, mine]
        assert scope.current() == scope.SYSTEM

    def test_the_middleware_fences_a_request_that_is_answered_without_threads(self) -> None:
        asked: list[scope.Scope] = []

        async def view(request: HttpRequest) -> HttpResponse:
            asked.append(scope.current())
            await sync_to_async(scope.enter)(SOMEBODY)
            asked.append(scope.current())
            return HttpResponse()

        async def play() -> scope.Scope:
            await begin_as_nobody(view)(RequestFactory().get("/"))
            return scope.current()

        assert asyncio.run(play()) == scope.SYSTEM
        assert asked == [scope.NOBODY, SOMEBODY]

    def test_a_socket_begins_as_nobody_and_so_do_its_tasks(self) -> None:
        asked: list[scope.Scope] = []

        async def later() -> None:
            asked.append(await sync_to_async(scope.current)())

        async def socket(connection: Any, receive: Any, send: Any) -> None:
            asked.append(scope.current())
            await asyncio.create_task(later())

        async def play() -> scope.Scope:
            await fenced(socket)({}, None, None)
            return scope.current()

        assert asyncio.run(play()) == scope.SYSTEM
        assert asked == [scope.NOBODY, scope.NOBODY]
