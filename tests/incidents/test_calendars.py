"""Deadlines in somebody's calendar: of what they may see at that moment, and content-free."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from incidents.access import Actor
from incidents.models import FreezeTarget
from incidents.services import answers, seats
from incidents.services.timeline import Audience
from tests import factories, fresh
from tests.cast import Cast, organization, person
from tests.factories import ADDRESS, AMBER

pytestmark = pytest.mark.django_db


@pytest.fixture
def target(cast: Cast) -> FreezeTarget:
    return factories.sent_request(cast.incident, cast.lead, cast.rival, organization(cast.exchange))


def made(cast: Cast, client: Client, actor: Actor) -> str:
    client.force_login(person(actor))
    page = client.post(f"/incidents/{cast.incident.slug}/calendar/").content.decode()
    found = re.search(r"/calendar/[\w-]{43}\.ics", page)
    assert found
    return found[0]


def titles(path: str) -> list[str]:
    given = Client().get(path)
    assert (given.status_code, given["Content-Type"].split(";")[0]) == (200, "text/calendar")
    return sorted(str(event["summary"]) for event in Calendar.from_ical(given.content).events)


def test_holds_are_in_it_and_nothing_but_their_reference(
    cast: Cast, client: Client, target: FreezeTarget
) -> None:
    until = timezone.now() + timedelta(hours=30)
    answers.answer(target, "held", actor=cast.exchange, marking=AMBER, amount=400, held_until=until)
    path = made(cast, client, cast.lead)
    body = Client().get(path).content.decode()
    assert f"{target.request.reference}: hold ends" in titles(path)
    assert until.strftime("%Y%m%dT%H%M%SZ") in body
    for word in ("Kelp", "Exchange", ADDRESS, "RSX", cast.incident.slug, "http"):
        assert word not in body
    assert path not in client.get(f"/incidents/{cast.incident.slug}/calendar/").content.decode()


def test_it_tells_its_person_what_that_one_may_see(
    cast: Cast, client: Client, target: FreezeTarget
) -> None:
    hidden = Audience(organizations=[organization(cast.lead).pk])
    until = timezone.now() + timedelta(hours=30)
    answers.answer(
        target, "held", actor=cast.exchange, marking=AMBER, held_until=until, audience=hidden
    )
    ours, theirs = made(cast, client, cast.lead), made(cast, client, cast.rival)
    ends = f"{target.request.reference}: hold ends"
    assert (ends in titles(ours), ends in titles(theirs)) == (True, False)


def test_it_ends_with_its_seat_its_revocation_and_a_newer_one(
    cast: Cast, client: Client, target: FreezeTarget
) -> None:
    first, second = made(cast, client, cast.lead), made(cast, client, cast.lead)
    assert Client().get(first).status_code == 404
    assert titles(second) is not None
    client.post(f"/incidents/{cast.incident.slug}/calendar/revoke/")
    assert Client().get(second).status_code == 404
    theirs = made(cast, client, cast.white_hat)
    assert titles(theirs) is not None
    assert cast.white_hat.participation
    seats.leave(cast.white_hat.participation, person=person(cast.white_hat), actor=cast.white_hat)
    assert Client().get(theirs).status_code == 404
    assert Client().get("/calendar/" + "x" * 43 + ".ics").status_code == 404


def test_an_address_takes_the_passkey_of_the_last_minutes(cast: Cast, client: Client) -> None:
    client.force_login(person(cast.lead))
    fresh.grow_old(client)
    assert client.post(f"/incidents/{cast.incident.slug}/calendar/").status_code == 302
