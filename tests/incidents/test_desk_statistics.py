"""How fast a desk answers and how much it holds: of one's own requests, for one's own people."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.display import durations
from incidents.models import FreezeRequest
from incidents.services import answers, desk_statistics
from incidents.services.desk_statistics import NOTHING
from incidents.services.timeline import Audience
from tests import factories
from tests.cast import Cast, organization, person
from tests.factories import AMBER, RED

pytestmark = pytest.mark.django_db


def test_times_and_shares_are_medians_over_ones_own_targets(cast: Cast) -> None:
    desk = organization(cast.exchange)
    for held in (1000, 400, None):
        row = factories.sent_request(cast.incident, cast.lead, cast.rival, desk, amount=1000)
        answers.answer(row, "acknowledged", actor=cast.exchange, marking=AMBER)
        if held:
            answers.answer(row, "held", actor=cast.exchange, marking=AMBER, amount=held)
    FreezeRequest.objects.update(sent_at=timezone.now() - timedelta(minutes=10))
    told = desk_statistics.of(organization(cast.lead), desk.slug)
    assert (told.targets, told.answered, told.held_targets, told.held_percent) == (3, 3, 2, 40)
    assert told.first_word
    assert told.decided
    for took in (told.first_word, told.decided):
        assert timedelta(minutes=9) < took < timedelta(minutes=12)
    for other in (cast.rival, cast.exchange):
        assert desk_statistics.of(organization(other), desk.slug) == NOTHING


def test_answers_for_others_and_requests_among_people_count_nowhere(cast: Cast) -> None:
    desk = organization(cast.exchange)
    row = factories.sent_request(cast.incident, cast.lead, cast.rival, desk)
    told = desk_statistics.of(organization(cast.lead), desk.slug)
    for marking, audience in (
        (RED, Audience(people=[person(cast.lead).pk])),
        (AMBER, Audience(organizations=[organization(cast.rival).pk])),
        (AMBER, Audience(people=[person(cast.colleague).pk])),
    ):
        answers.answer(row, "held", actor=cast.exchange, marking=marking, audience=audience)
        assert desk_statistics.of(organization(cast.lead), desk.slug) == told
    FreezeRequest.objects.update(audience_people=[person(cast.lead).pk])
    assert desk_statistics.of(organization(cast.lead), desk.slug) == NOTHING


def test_the_desks_page_shows_them_to_the_organization_alone(cast: Cast, client: Client) -> None:
    desk = organization(cast.exchange)
    factories.sent_request(cast.incident, cast.lead, cast.rival, desk)
    own, other = organization(cast.lead), organization(cast.rival)
    client.force_login(person(cast.colleague))
    path = f"/organizations/{own.public_id}/desks/{desk.slug}/"
    assert "it answered 0" in client.get(path).content.decode()
    assert client.get(path.replace(str(own.public_id), str(other.public_id))).status_code == 404


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (40, "40 s"), (125, "2 min 5 s"), (90061, "1 d 1 h")]
)
def test_durations_are_read_at_a_glance(seconds: int, words: str) -> None:
    assert durations.words(timedelta(seconds=seconds)) == words
