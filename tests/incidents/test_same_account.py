"""Two parties ask for one account: told to those who may see both requests."""

import pytest

from incidents import access
from incidents.access import Actor
from incidents.models import TimelineEntry
from incidents.services import freezes
from incidents.services.freezes import TargetDraft
from incidents.services.timeline import EVERYONE, Audience
from tests.cast import Cast, organization
from tests.factories import ADDRESS, AMBER, CHAIN, TOKEN

pytestmark = pytest.mark.django_db


def draft(cast: Cast, actor: Actor, audience: Audience = EVERYONE) -> None:
    freezes.draft(
        cast.incident,
        TargetDraft(CHAIN, ADDRESS, TOKEN, "RSX", 18, 5),
        desk_name="Desk",
        desk_slug="desk",
        desk=None,
        actor=actor,
        marking=AMBER,
        audience=audience,
    )


def told(cast: Cast) -> set[str]:
    return {
        role
        for role, actor in cast.actors.items()
        if access.entries(actor, cast.incident).filter(kind="freeze.same_account").exists()
    }


def test_everybody_is_told_of_two_open_requests_once(cast: Cast) -> None:
    draft(cast, cast.lead)
    assert told(cast) == set()
    draft(cast, cast.rival)
    draft(cast, cast.rival)
    assert {"lead", "rival", "analyst", "coordinator"} <= told(cast)
    assert TimelineEntry.objects.filter(kind="freeze.same_account").count() == 1


def test_of_one_that_is_kept_apart_the_coordinator_alone_is_told(cast: Cast) -> None:
    draft(cast, cast.lead, Audience(organizations=[organization(cast.lead).pk]))
    draft(cast, cast.rival)
    assert told(cast) == {"coordinator"}


def test_ones_own_second_request_is_no_news(cast: Cast) -> None:
    draft(cast, cast.lead)
    draft(cast, cast.lead, Audience(organizations=[organization(cast.lead).pk]))
    assert told(cast) == set()
