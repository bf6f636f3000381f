"""An answer names its request: it reaches nobody who may not read the request."""

import pytest

from incidents import access
from incidents.models import FreezeRequest, FreezeTarget
from incidents.services import answers, freezes
from incidents.services.freezes import TargetDraft
from incidents.services.timeline import EVERYONE, Audience
from tests import factories
from tests.cast import Cast, organization, person
from tests.factories import ADDRESS, CHAIN, TOKEN

pytestmark = pytest.mark.django_db


def sent(cast: Cast, marking: str, audience: Audience) -> FreezeTarget:
    """A target of a request to the exchange, shared with some."""
    desk = organization(cast.exchange)
    target = freezes.draft(
        cast.incident,
        TargetDraft(CHAIN, ADDRESS, TOKEN, "RSX", 18, 1000),
        desk_name=desk.name,
        desk_slug=desk.slug,
        desk=desk,
        actor=cast.lead,
        marking=marking,
        audience=audience,
    )
    request = FreezeRequest.objects.get(pk=target.request_id)
    freezes.approve(request, actor=cast.lead)
    freezes.approve(request, actor=cast.rival)
    freezes.send(request, actor=cast.rival)
    return FreezeTarget.objects.select_related("request").get(pk=target.pk)


def readers(cast: Cast, target: FreezeTarget) -> set[str]:
    """Who sees the answer itself or its line."""
    subject = f"freeze:{target.request.public_id}"
    found = set()
    for role, viewer in cast.actors.items():
        told = answers.seen(viewer, [target])[target.pk].answers
        lines = access.entries(viewer, cast.incident).filter(kind="freeze.answered")
        if told or lines.filter(subject=subject).exists():
            found.add(role)
    return found


def test_narrowed_request_keeps_its_answer_narrow(cast: Cast) -> None:
    parties = [organization(one).pk for one in (cast.lead, cast.rival, cast.exchange)]
    target = sent(cast, factories.AMBER, Audience(organizations=parties))
    answers.answer(target, "held", actor=cast.exchange, marking="TLP:GREEN")
    assert readers(cast, target) == {"lead", "colleague", "rival", "exchange"}


def test_red_request_keeps_its_answer_red(cast: Cast) -> None:
    people = [person(one).pk for one in (cast.lead, cast.exchange, cast.rival)]
    target = sent(cast, factories.RED, Audience(people=people))
    named = Audience(people=[person(cast.analyst).pk, person(cast.lead).pk])
    given = answers.answer(target, "held", actor=cast.exchange, marking="TLP:CLEAR", audience=named)
    assert given.marking == factories.RED
    assert readers(cast, target) == {"lead", "exchange"}


def test_open_request_leaves_its_answer_as_it_was_stated(cast: Cast) -> None:
    target = sent(cast, factories.AMBER, EVERYONE)
    answers.answer(target, "held", actor=cast.exchange, marking=factories.AMBER)
    assert {"lead", "rival", "analyst", "white_hat", "law"} <= readers(cast, target)
