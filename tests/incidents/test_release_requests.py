"""Asking an owner for a release: between the two parties, decided by the owner, telling nothing."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from incidents import access
from incidents.access import Proof
from incidents.choices import ReleaseState
from incidents.exceptions import BadInput, NotFound, NotYours, StepUpRequired, WrongState
from incidents.models import Participation, ReleaseRequest
from incidents.serialized import entry_json
from incidents.services import ledger, notes, releases
from incidents.services.timeline import Audience
from tests.api import client_of, room
from tests.cast import Cast, organization, person
from tests.factories import AMBER, CLEAR, RED

pytestmark = pytest.mark.django_db
WHY, GREEN = "Our desks must know.", "TLP:GREEN"


@pytest.fixture
def item(cast: Cast) -> object:
    """Seen by the lead's party and the rival's."""
    rival = Audience(organizations=[organization(cast.rival).pk])
    return notes.post(cast.incident, "Secret.", actor=cast.lead, marking=AMBER, audience=rival)


def ask(cast: Cast, item: object) -> ReleaseRequest:
    return releases.ask(item, GREEN, WHY, actor=cast.rival)  # type: ignore[arg-type]


def told(cast: Cast, role: str) -> list[str]:
    lines = access.entries(cast.actors[role], cast.incident).filter(kind__startswith="release.")
    return [str(entry_json(line)) for line in lines.prefetch_related("entry__personal")]


def test_two_parties_know_of_it_and_the_owner_releases(cast: Cast, item: object) -> None:
    row = ask(cast, item)
    knowing = {role for role in cast.actors if told(cast, role)}
    assert knowing == {"lead", "colleague", "rival"}
    assert {role for role in cast.actors if releases.seen(cast.actors[role], cast.incident)} == (
        knowing
    )
    with pytest.raises(WrongState, match="already"):
        ask(cast, item)
    with pytest.raises(NotFound):
        releases.release(row, actor=cast.rival, reason="Me.")
    with pytest.raises(StepUpRequired):
        releases.release(row, actor=replace(cast.lead, proof=Proof.SESSION), reason="Yes.")
    done = releases.release(row, actor=cast.colleague, reason="Agreed with them.")
    assert done.state == ReleaseState.RELEASED
    heads = [entry_json(line)["headline"] for line in access.entries(cast.analyst, cast.incident)]
    assert "Secret." in heads
    assert "A note is TLP:GREEN now: Agreed with them." in heads
    assert WHY not in " ".join(heads)
    with pytest.raises(WrongState):
        releases.refuse(row, "Late.", actor=cast.lead)
    assert list(ledger.verify(cast.incident)) == []


def test_it_is_refused_with_words_or_taken_back(cast: Cast, item: object) -> None:
    row = ask(cast, item)
    with pytest.raises(BadInput):
        releases.refuse(row, " ", actor=cast.lead)
    releases.refuse(row, "Not yet.", actor=cast.lead)
    assert "Not yet." in told(cast, "rival")[-1]
    again = ask(cast, item)
    with pytest.raises(NotYours):
        releases.withdraw(again, actor=cast.lead)
    assert releases.withdraw(again, actor=cast.rival).state == ReleaseState.WITHDRAWN


def test_answer_names_no_owner(cast: Cast, item: object) -> None:
    """An owner that sits here confidentially looks like any other."""
    row = ask(cast, item)
    Participation.objects.filter(organization=organization(cast.lead)).update(is_confidential=True)
    releases.refuse(row, "Not yet.", actor=cast.again(cast.lead))
    assert organization(cast.lead).name not in "".join(told(cast, "rival"))
    page = client_of(person(cast.rival)).get(room(cast.incident.slug, "releases/")).content
    assert organization(cast.lead).name.encode() not in page
    other = ask(cast, item)
    with pytest.raises(WrongState, match="name who may see it"):
        releases.release(other, actor=cast.again(cast.lead), reason="Yes.")


def test_what_is_asked_tells_nothing_of_the_audience(cast: Cast, item: object) -> None:
    """Who is named already, and who is not, get the same answer."""
    for party in (cast.rival, cast.analyst):
        wanted = Audience(organizations=[organization(party).pk])
        row = releases.ask(item, AMBER, WHY, actor=cast.rival, audience=wanted)  # type: ignore[arg-type]
        assert row.state == ReleaseState.OPEN
    done = releases.release(row, actor=cast.lead, reason="Yes.")
    assert done.state == ReleaseState.RELEASED
    seeing = {
        role
        for role, viewer in cast.actors.items()
        if access.entries(viewer, cast.incident).filter(kind="note.posted").exists()
    }
    assert seeing == {"lead", "colleague", "rival", "analyst"}


def test_what_cannot_be_asked(cast: Cast, item: object) -> None:
    for marking, audience in ((RED, None), ("TLP:AMBER+STRICT", None), (CLEAR, [1])):
        named = Audience(people=audience)
        with pytest.raises(BadInput):
            releases.ask(item, marking, WHY, actor=cast.rival, audience=named)  # type: ignore[arg-type]
    with pytest.raises(WrongState):
        releases.ask(item, GREEN, WHY, actor=cast.colleague)  # type: ignore[arg-type]
    open_item = notes.post(cast.incident, "Open.", actor=cast.lead, marking=AMBER)
    with pytest.raises(NotYours):
        releases.ask(open_item, GREEN, WHY, actor=cast.law)


def test_colleague_who_does_not_see_the_item_knows_of_no_request(cast: Cast) -> None:
    named = Audience(people=[person(cast.lead).pk, person(cast.rival).pk])
    item = notes.post(cast.incident, "Red.", actor=cast.lead, marking=RED, audience=named)
    row = ask(cast, item)
    assert told(cast, "colleague") == []
    assert releases.seen(cast.colleague, cast.incident) == []
    with pytest.raises(NotFound):
        releases.refuse(row, "No.", actor=cast.colleague)
    assert told(cast, "lead")


def test_pages_ask_and_answer(cast: Cast, item: object, client: Client) -> None:
    slug, public_id = cast.incident.slug, item.public_id  # type: ignore[attr-defined]
    page = reverse("item_marking", args=[slug, "note", public_id])
    client.force_login(person(cast.analyst))
    assert client.get(page).status_code == 404
    client.force_login(person(cast.rival))
    assert b"Ask the owner" in client.get(page).content
    assert client.post(page, {"marking": GREEN, "reason": WHY}).status_code == 302
    client.force_login(person(cast.lead))
    assert WHY.encode() in client.get(reverse("releases", args=[slug])).content
    row = ReleaseRequest.objects.get()
    client.post(reverse("release_release", args=[slug, row.public_id]), {"words": "Yes."})
    row.refresh_from_db()
    assert row.state == ReleaseState.RELEASED
    assert b"Change it" in client.get(page).content
