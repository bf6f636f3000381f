"""The first hour, played by real browsers: one party alone, one silent, one that hides."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from django.utils import timezone

from tests import fresh

if TYPE_CHECKING:
    from incidents.models import FreezeRequest, Incident, Organization, Person
    from tests.browser.conftest import Site, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLE = "Bridge drained"
ALONE = "Requested by Kelp only: nobody else was asked."
SILENT = "Requested by Kelp only: Layer Zero had not answered within 3 minutes."
CASE = "Case 47-11 is open at the quiet office."
HERE = re.compile(r'(?:href|src|action)="(/(?:incidents|status)/[^"#]*)"')
API = (
    *("", "parties/", "timeline/", "state/", "addresses/", "freezes/", "statements/", "status/"),
    *("terms/", "terms/versions/", "terms/revisions/", "traces/", "leads/", "crossings/"),
)


@dataclass
class Player:
    """Somebody at a browser of their own, and all that it was ever sent."""

    who: Visitor
    person: Person
    site: Site
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.who.page.on("websocket", lambda ws: ws.on("framereceived", self._frame))

    def _frame(self, frame: object) -> None:
        self.heard.append(str(frame))

    def sign_in(self) -> None:
        """A session as a sign-in with a passkey of this minute leaves it."""
        session, now = SessionStore(), time.time()
        session[SESSION_KEY] = session[fresh.WHOSE] = str(self.person.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = self.person.get_session_auth_hash()
        session.update({fresh.BEGAN: now, fresh.SEEN: now, fresh.ENOUGH: True})
        used = {"method": "mfa", "type": "webauthn", "reauthenticated": True, "at": now}
        session[fresh.RECORDS] = [used]
        session.save()
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key}
        self.who.context.add_cookies([{**cookie, "url": self.site.url}])

    def goto(self, path: str) -> str:
        """A page as the browser shows it."""
        self.who.page.goto(self.site.url + path)
        self.heard.append(self.who.page.content())
        return self.who.page.inner_text("main")

    def press(self, name: str) -> None:
        """A button by its words, and the page that comes of it."""
        self.who.page.get_by_role("button", name=name).click()
        self.who.page.wait_for_load_state()
        self.heard.append(self.who.page.content())

    def fetch(self, path: str) -> str:
        """What an address answers to this browser, headers included."""
        answer = self.who.context.request.get(self.site.url + path, max_redirects=0)
        text = f"{answer.status} {answer.headers} {answer.text()}"
        self.heard.append(text)
        return text

    def crawl(self, slug: str) -> int:
        """Everything that can be reached by links from the room, and what the API tells of it."""
        waiting, seen = [reverse("room", args=[slug]), f"/incidents/{slug}/parties/", "/"], set()
        while waiting and len(seen) < 150:
            path = waiting.pop()
            if path not in seen:
                seen.add(path)
                waiting += HERE.findall(self.fetch(path))
        for path in API:
            self.fetch(f"/api/v1/incidents/{slug}/{path}")
        self.fetch("/api/v1/incidents/")
        return len(seen)


@pytest.fixture
def arrive(site: Site, visitor: Callable[[], Visitor]) -> Callable[..., Player]:
    """A function that gives a person of an organization a browser, signed in."""
    from tests import factories

    def new(organization: Organization, name: str) -> Player:
        player = Player(visitor(), factories.person(organization, name), site)
        player.sign_in()
        return player

    return new


def seat(incident: Incident, name: str, capacity: str, *, hidden: bool = False) -> Organization:
    """An organization with a seat that the installation gave it."""
    from incidents.access import SYSTEM
    from incidents.choices import Capacity
    from incidents.services import seats
    from tests import factories

    made = factories.organization(name)
    seats.seat_organization(
        incident, made, Capacity(capacity), actor=SYSTEM, is_confidential=hidden
    )
    return made


def take_seat(player: Player, slug: str) -> None:
    """Three acts in the browser, and the room is open."""
    assert "What changed" not in player.goto(reverse("room", args=[slug]))
    assert player.who.page.url.endswith("/terms/")
    assert player.who.page.get_by_role("button", name="Sign for").count() == 0
    player.press("I have read this")
    player.press("Sign for")
    player.who.page.get_by_text("Live", exact=True).wait_for()


def draft(incident: Incident, lead: Player, desk: Player, number: int) -> FreezeRequest:
    from incidents import access
    from tests import factories

    actor = access.get_actor(lead.person, incident.slug, proof=access.Proof.CODE)[1]
    at = factories.address(number)
    asked = desk.person.memberships.get().organization
    return factories.target(incident, actor, desk=asked, at=at).request


def three_minutes_later(request: FreezeRequest) -> None:
    """The first signature lies more than three minutes back, and so does everybody's consent."""
    from incidents.models import FreezeRequest, Participation

    then = timezone.now() - timedelta(seconds=settings.FREEZE_WAIT_SECONDS + 1)
    FreezeRequest.objects.filter(pk=request.pk).update(first_at=then)
    Participation.objects.filter(incident=request.incident).update(signed_at=then)


def send(player: Player, page: str) -> None:
    player.goto(page)
    player.who.page.locator("summary", has_text="Send to").click()
    player.press("Send now")


def open_room(lead: Player) -> Incident:
    from incidents.models import Incident

    lead.goto(reverse("incident_new"))
    lead.who.page.get_by_label("Title").fill(TITLE)
    lead.press("Open")
    lead.who.page.get_by_text("Live", exact=True).wait_for()
    return Incident.objects.get(title=TITLE)


def page_of(request: FreezeRequest) -> str:
    return reverse("freeze", args=[request.incident.slug, request.public_id])


def names_of(player: Player, organization: Organization, incident: Incident) -> list[str]:
    """Everything that would tell of a party: names, addresses, identifiers, words."""
    from incidents.models import Participation

    row = Participation.objects.get(incident=incident, organization=organization)
    words = (organization.name, organization.slug, player.person.name, player.person.email, CASE)
    ids = (organization.public_id, row.public_id, player.person.public_id)
    return [*words, *map(str, ids)]


def test_the_first_hour(arrive: Callable[..., Player]) -> None:
    from tests import factories

    kelp = factories.organization("Kelp")
    lead, second = arrive(kelp, "lead"), arrive(kelp, "second")
    incident = open_room(lead)
    slug = incident.slug
    desk = arrive(seat(incident, "Big Exchange", "exchange"), "desk")
    take_seat(desk, slug)
    alone(incident, lead, second, desk)

    # Police come, and nobody but the coordinator hears of it.
    chair = arrive(seat(incident, "Neutral Chair", "coordinator"), "chair")
    take_seat(chair, slug)
    police_of = seat(incident, "Quietoffice", "law_enforcement", hidden=True)
    police = arrive(police_of, "Quill")
    take_seat(police, slug)
    work(police, slug)

    rival = arrive(seat(incident, "Layer Zero", "affected"), "rival")
    second.goto(reverse("room", args=[slug]))
    second.who.page.get_by_text("Live", exact=True).wait_for()
    take_seat(rival, slug)
    second.who.page.locator("[data-timeline]").get_by_text("Layer Zero signed").wait_for()
    row = without_an_answer(incident, lead, second, desk)

    # It is back, and reads it: live, on the request's page, in the file.
    rival.who.page.locator("[data-timeline]").get_by_text(SILENT).first.wait_for()
    for player in (rival, desk, lead):
        assert SILENT in player.goto(page_of(row))
        assert SILENT in player.fetch(f"/api/v1/incidents/{slug}/freezes/{row.public_id}/")
    hidden_from(
        {"lead": lead, "second": second, "rival": rival, "desk": desk},
        names_of(police, police_of, incident),
        slug,
    )
    assert "Quietoffice" in chair.goto(reverse("room", args=[slug]))
    chair.crawl(slug)
    assert CASE in "".join(chair.heard)


def alone(incident: Incident, lead: Player, second: Player, desk: Player) -> None:
    """One party alone: two of its people approve, and one sends."""
    row = draft(incident, lead, desk, 71)
    lead.goto(page_of(row))
    lead.press("Sign first")
    assert "No other affected party is asked" in second.goto(page_of(row))
    second.press("Sign second")
    send(lead, page_of(row))
    assert ALONE in desk.goto(page_of(row))


def without_an_answer(
    incident: Incident, lead: Player, second: Player, desk: Player
) -> FreezeRequest:
    """A second affected party has signed and is silent: three minutes, and the first goes on."""
    row = draft(incident, lead, desk, 72)
    lead.goto(page_of(row))
    lead.press("Sign first")
    assert "Awaited: Layer Zero" in second.goto(page_of(row))
    second.press("Sign second")
    assert "Layer Zero was asked" in second.who.page.inner_text("main")
    three_minutes_later(row)
    second.goto(page_of(row))
    second.press("Sign second")
    send(lead, page_of(row))
    return row


def work(police: Player, slug: str) -> None:
    """The hidden party writes a note; it is on its own page, and it sees the others' work."""
    assert "Freeze request" in police.goto(reverse("room", args=[slug]))
    police.who.page.locator("summary", has_text="Write a note").click()
    police.who.page.locator("textarea[name=text]").fill(CASE)
    police.press("Post")
    police.who.page.get_by_text(CASE).first.wait_for()


def hidden_from(players: dict[str, Player], secrets: list[str], slug: str) -> None:
    """Nothing that any of them was ever sent holds one of the secrets, and none counts one more."""
    for name, player in players.items():
        assert player.crawl(slug) > 8, name
        received = "\n".join(player.heard)
        assert "Layer Zero" in received, name
        assert "Kelp" in received, name
        assert any('"type":"entry"' in text.replace(" ", "") for text in player.heard), name
        found = [secret for secret in secrets if secret.lower() in received.lower()]
        assert found == [], f"{name} was sent {found}"
        player.goto(reverse("room", args=[slug]))
        count = player.who.page.locator("#parties .count").inner_text()
        assert count == "4", name
        assert player.who.trouble == [], name
