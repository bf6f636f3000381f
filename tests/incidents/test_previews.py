"""Before it is saved: who would see it, by the policy itself; and what the public page may say."""

import pytest
from django.test import Client
from django.urls import reverse

from incidents import access
from incidents.models import Terms, TimelineEntry
from incidents.services import markings, notes, previews, statements
from incidents.services.timeline import EVERYONE, Audience
from tests import factories
from tests.api import client_of, room
from tests.cast import Cast, organization, person
from tests.factories import AMBER, CLEAR, RED

pytestmark = pytest.mark.django_db


def sight(cast: Cast, role: str, marking: str, audience: Audience = EVERYONE) -> dict[str, str]:
    actor = cast.actors[role]
    found = previews.of(cast.incident, marking, actor=actor, audience=audience)
    return {one.party: one.who for one in found.parties}


def test_every_party_is_told_as_the_policy_decides(cast: Cast) -> None:
    everybody = sight(cast, "lead", AMBER)
    assert everybody.pop("Late Bridge") == "nobody"  # has not signed
    assert set(everybody.values()) == {"everybody"}
    narrowed = Audience(organizations=[organization(cast.rival).pk])
    seen = {name for name, who in sight(cast, "lead", AMBER, narrowed).items() if who != "nobody"}
    assert seen == {"Kelp", "Layer Zero"}
    named = Audience(people=[person(cast.colleague).pk, person(cast.analyst).pk])
    red = {n: who for n, who in sight(cast, "lead", RED, named).items() if who != "nobody"}
    assert red == {"Kelp": "colleague, lead", "Chain Eyes": "analyst"}


def test_confidential_party_is_previewed_to_who_sees_it(cast: Cast) -> None:
    hidden = organization(cast.law).name
    assert hidden not in sight(cast, "lead", AMBER)
    assert sight(cast, "coordinator", AMBER)[hidden] == "everybody"
    seen = {name for name, who in sight(cast, "law", AMBER).items() if who != "nobody"}
    assert seen == {hidden, "Neutral Chair"}


def test_preview_says_what_then_happens(cast: Cast) -> None:
    narrowed = Audience(organizations=[organization(cast.rival).pk])
    expected = sight(cast, "lead", AMBER, narrowed)
    item = notes.post(cast.incident, "x", actor=cast.lead, marking=AMBER, audience=narrowed)
    for viewer in cast.actors.values():
        name = organization(viewer).name
        if name in expected:
            assert access.may_see(viewer, item) == (expected[name] != "nobody")


def test_form_shows_it_and_keeps_what_was_typed(cast: Cast, client: Client) -> None:
    client.force_login(person(cast.lead))
    url, typed = (
        reverse("note_post", args=[cast.incident.slug]),
        {"text": "They move.", "about": ""},
    )
    chosen = {"marking": AMBER, "audience": f"organization:{organization(cast.rival).public_id}"}
    answer = client.post(url, {**typed, **chosen, "show_who": "1"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Not saved yet" in page
    assert "They move.</textarea>" in page
    assert organization(cast.law).name not in page
    assert not TimelineEntry.objects.filter(kind="note.posted").exists()
    assert client.post(url, {**typed, **chosen}).status_code == 302
    assert TimelineEntry.objects.filter(kind="note.posted").exists()
    red = client.post(url, {**typed, "marking": RED, "show_who": "1"})
    assert b"needs the people" in red.content


@pytest.mark.parametrize("name", ["address_new", "freeze_new", "statement_new"])
def test_every_form_offers_it(cast: Cast, client: Client, name: str) -> None:
    client.force_login(person(cast.lead))
    page = client.get(reverse(name, args=[cast.incident.slug])).content
    assert b'name="show_who"' in page


def test_api_previews_and_saves_nothing(cast: Cast) -> None:
    before = TimelineEntry.objects.count()
    url = room(cast.incident.slug, "preview/")
    found = client_of(person(cast.lead)).post(url, {"marking": CLEAR}).json()
    assert {one["party"] for one in found["parties"]} == set(sight(cast, "lead", CLEAR))
    assert all(one["may"] for one in found["surfaces"])
    assert TimelineEntry.objects.count() == before


class TestStandingConsent:
    def figures(self, cast: Cast) -> object:
        return statements.publish_status(cast.incident, "identified", actor=cast.lead).figures

    def test_figures_are_covered_by_the_terms(self, cast: Cast) -> None:
        factories.trace(cast.incident, cast.lead)
        assert self.figures(cast)

    def test_without_that_each_owner_releases_them(self, cast: Cast, client: Client) -> None:
        trace = factories.trace(cast.incident, cast.lead)
        Terms.objects.filter(incident=cast.incident).update(covers=[])
        assert self.figures(cast) == {}
        client.force_login(person(cast.lead))
        page = client.get(reverse("status_edit", args=[cast.incident.slug])).content.decode()
        assert "the page shows no figures" in page
        markings.remark(trace, CLEAR, actor=cast.lead, reason="Told to the press.")
        assert self.figures(cast)
