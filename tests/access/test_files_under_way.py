"""A file takes its time: who loses the right to it meanwhile does not get it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from incidents import scope
from incidents.models import FreezeRequest, Membership, Participation
from incidents.services import answers, markings
from incidents.services.timeline import Audience
from tests import factories
from tests.api import client_of, room
from tests.cast import Cast, organization, person
from tests.factories import ADDRESS, AMBER, CHAIN
from tracing.models import Trace
from tracing.services import provenance

pytestmark = pytest.mark.django_db


def removed(cast: Cast) -> None:
    own = Participation.objects.filter(organization=organization(cast.rival))
    own.update(removed_at=timezone.now())


def ended(cast: Cast) -> None:
    Membership.objects.filter(person=person(cast.rival)).update(ended_at=timezone.now())


def narrowed(cast: Cast) -> None:
    alone = Audience(organizations=[organization(cast.lead).pk])
    for item in (*FreezeRequest.objects.all(), *Trace.objects.all()):
        markings.remark(item, AMBER, actor=cast.lead, audience=alone)


def nothing(cast: Cast) -> None:
    """The twin: the file is given."""


LOSSES = [(removed, 404), (ended, 404), (narrowed, 404), (nothing, 200)]


@pytest.mark.parametrize(("lose", "status"), LOSSES, ids=lambda one: getattr(one, "__name__", ""))
def test_a_file_is_asked_for_again_before_it_goes_out(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, lose: Callable[[Cast], None], status: int
) -> None:
    trace = factories.trace(cast.incident, cast.lead)
    request = factories.target(cast.incident, cast.lead).request
    slug, lost = cast.incident.slug, []

    def losing(made: Callable[..., Any]) -> Callable[..., Any]:
        def inside(*args: Any, **more: Any) -> Any:
            found = made(*args, **more)
            if not lost:
                lost.append(True)
                with scope.within(scope.SYSTEM):
                    lose(cast)
            return found

        return inside

    asked = [
        reverse("provenance_export", args=[slug, trace.public_id, CHAIN, ADDRESS, "json"]),
        reverse("freeze_json", args=[slug, request.public_id]),
        room(slug, f"freezes/{request.public_id}/export/json/"),
    ]
    for path in asked:
        lost.clear()
        with monkeypatch.context() as patch:
            for module, name in ((provenance, "document"), (answers, "seen")):
                patch.setattr(module, name, losing(getattr(module, name)))
            answer = client_of(person(cast.rival)).get(path)
        assert lost, path
        assert answer.status_code == status, path
        assert (ADDRESS in answer.content.decode().lower()) is (status == 200), path
        Participation.objects.update(removed_at=None)
        Membership.objects.update(ended_at=None)
        for model in (FreezeRequest, Trace):
            model._default_manager.update(audience_organizations=None)
