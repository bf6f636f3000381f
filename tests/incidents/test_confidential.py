"""A confidential party: others see nothing of it anywhere, counts included."""

import pytest

from incidents import access
from incidents.access import Actor
from incidents.models import Participation
from incidents.serialized import entry_json
from incidents.services import addresses, answers, notes
from incidents.services.timeline import Audience
from tests import factories
from tests.cast import Cast, organization
from tests.factories import AMBER

pytestmark = pytest.mark.django_db

KNOWING = {"law", "coordinator"}


@pytest.fixture
def active(cast: Cast) -> Cast:
    """The police wrote a note and recorded an address, to nobody in particular."""
    notes.post(cast.incident, "Case 12-345 is open.", actor=cast.law, marking=AMBER)
    addresses.record(
        cast.incident, factories.CHAIN, factories.ADDRESS, actor=cast.law, marking=AMBER
    )
    return cast


def told(cast: Cast, viewer: Actor) -> str:
    entries = [entry_json(line) for line in access.entries(viewer, cast.incident)]
    parties = [seat.organization.name for seat in access.parties(viewer, cast.incident)]
    return f"{entries} {parties}"


def test_only_itself_and_the_coordinator_see_it(active: Cast) -> None:
    name = organization(active.law).name
    for role, viewer in active.actors.items():
        assert (name in told(active, viewer)) == (role in KNOWING), role
        assert ("Case 12-345" in told(active, viewer)) == (role in KNOWING), role
        assert access.addresses(viewer, active.incident).count() == int(role in KNOWING), role


def test_open_party_is_seen_by_everybody(active: Cast) -> None:
    notes.post(active.incident, "We are here.", actor=active.analyst, marking=AMBER)
    for viewer in active.actors.values():
        assert organization(active.analyst).name in told(active, viewer)


def test_counts_say_nothing(active: Cast) -> None:
    seats = Participation.objects.filter(incident=active.incident).count()
    for role, viewer in active.actors.items():
        expected = seats - (role not in KNOWING)
        assert access.parties(viewer, active.incident).count() == expected, role


def test_named_audience_is_its_own_decision(active: Cast) -> None:
    lead = Audience(organizations=[organization(active.lead).pk])
    notes.post(active.incident, "To Kelp.", actor=active.law, marking=AMBER, audience=lead)
    seeing = {role for role, viewer in active.actors.items() if "To Kelp." in told(active, viewer)}
    assert seeing == {"law", "lead", "colleague"}


def test_answer_of_a_confidential_desk_reaches_who_asked(cast: Cast) -> None:
    desk = organization(cast.exchange)
    row = factories.sent_request(cast.incident, cast.lead, cast.rival, desk)
    Participation.objects.filter(organization=desk).update(is_confidential=True)
    answers.answer(row, "held", actor=cast.again(cast.exchange), marking=AMBER)
    seeing = {
        role for role, viewer in cast.actors.items() if answers.seen(viewer, [row])[row.pk].held
    }
    assert seeing == {"exchange", "coordinator", "lead", "colleague"}
