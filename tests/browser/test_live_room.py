"""The room in a real browser: what is pushed appears, in order, inert, and nothing is missed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse

from incidents import fanout
from incidents.access import SYSTEM
from incidents.choices import Marking
from incidents.display import amounts, text
from incidents.services import freezes, notes, timeline
from incidents.services.freezes import TargetDraft

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from incidents.models import Person, TimelineEntry
    from tests.browser.conftest import Site, Visitor
    from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHAIN = "eip155:31337"
ACCOUNT = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
HOSTILE = "<img src=x onerror=document.title='owned'>\u202e<script>document.title='owned'</script>"


@pytest.fixture
def cast(db: None) -> "Cast":
    from tests.cast import make_cast

    return make_cast()


def sign_in(visitor: "Visitor", site: "Site", person: "Person | None") -> None:
    """A session as a sign-in leaves it."""
    assert person
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session["enough_passkeys"] = True
    session.save()
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": site.url}
    visitor.context.add_cookies([cookie])


def open_room(visitor: "Visitor", site: "Site", cast: "Cast") -> None:
    sign_in(visitor, site, cast.lead.person)
    visitor.page.goto(site.url + reverse("room", args=[cast.incident.slug]))
    visitor.page.get_by_text("Live", exact=True).wait_for()


def push(line: "TimelineEntry") -> None:
    """What the worker does with a recorded line."""
    fanout.fan_out(line.pk)


def line_of(visitor: "Visitor", words: str) -> "Locator":
    """The timeline's line with exactly these words."""
    return visitor.page.locator("[data-timeline] .text").get_by_text(words, exact=True)


def note(cast: "Cast", words: str) -> None:
    push(notes.post(cast.incident, words, actor=cast.rival, marking=Marking.AMBER))


def test_a_pushed_entry_appears_at_the_top_and_is_inert(
    site: "Site", visitor: Callable[[], "Visitor"], cast: "Cast"
) -> None:
    lead = visitor()
    open_room(lead, site, cast)
    note(cast, HOSTILE)
    first = lead.page.locator("[data-timeline] > li").first
    first.get_by_text("[U+202E]").wait_for()
    assert "<img src=x" in first.inner_text()
    assert lead.page.locator("[data-timeline] img").count() == 0
    assert "owned" not in lead.page.title()
    assert lead.trouble == []


def test_a_live_line_is_the_same_as_a_reloaded_one(
    site: "Site", visitor: Callable[[], "Visitor"], cast: "Cast"
) -> None:
    from tracing import events

    lead = visitor()
    open_room(lead, site, cast)
    moved = events.FundsMoved(
        chain=CHAIN,
        block=1204,
        block_hash="0x" + "01" * 32,
        tx="0x" + "ab" * 32,
        asset=f"{CHAIN}/slip44:60",
        symbol="ET\u202eH",
        decimals=18,
        amount="30765667501709008927568",
        from_address=ACCOUNT,
        to_address="0x" + "cd" * 20,
    )
    push(
        timeline.record(
            cast.incident,
            moved,
            actor=SYSTEM,
            marking=Marking.AMBER,
            is_provisional=True,
            owner=cast.lead.organization,
        )
    )
    line = lead.page.locator("[data-timeline] > li").first
    line.get_by_text("30,765").wait_for()
    live = line.inner_text()
    links = line.locator("a").evaluate_all("found => found.map(a => a.getAttribute('href'))")
    lead.page.reload()
    assert line.inner_text() == live
    reloaded = line.locator("a").evaluate_all("found => found.map(a => a.getAttribute('href'))")
    assert [decoded(href) for href in links] == [decoded(href) for href in reloaded]
    assert lead.trouble == []


def decoded(href: str) -> str:
    return href.replace("%3A", ":")


def test_a_browser_that_was_away_catches_up_in_order(
    site: "Site", visitor: Callable[[], "Visitor"], cast: "Cast"
) -> None:
    lead = visitor()
    open_room(lead, site, cast)
    note(cast, "Before")
    line_of(lead, "Before").wait_for()
    lead.context.set_offline(True)
    lead.page.evaluate("document.querySelector('[data-room]').room.socket.close()")
    lead.page.get_by_text("Not live").wait_for()
    for words in ("Missed one", "Missed two"):
        note(cast, words)
    lead.context.set_offline(False)
    line_of(lead, "Missed two").wait_for()
    shown = lead.page.locator("[data-timeline] > li .text").all_inner_texts()
    assert shown == ["Missed two", "Missed one", "Before"]


def test_held_entries_wait_until_the_reader_wants_them(
    site: "Site", visitor: Callable[[], "Visitor"], cast: "Cast"
) -> None:
    lead = visitor()
    open_room(lead, site, cast)
    lead.page.get_by_role("button", name="Hold").click()
    note(cast, "Later")
    lead.page.get_by_role("button", name="Show 1 new").wait_for()
    assert line_of(lead, "Later").count() == 0
    lead.page.get_by_role("button", name="Show 1 new").click()
    line_of(lead, "Later").wait_for()


def test_a_drafted_request_appears_in_the_list_without_a_reload(
    site: "Site", visitor: Callable[[], "Visitor"], cast: "Cast"
) -> None:
    lead = visitor()
    open_room(lead, site, cast)
    exchange = cast.exchange.organization
    assert exchange
    target = TargetDraft(CHAIN, ACCOUNT, f"{CHAIN}/slip44:60", "ETH", 18, 5 * 10**17)
    row = freezes.draft(
        cast.incident,
        target,
        desk_name=exchange.name,
        desk_slug=exchange.slug,
        desk=exchange,
        actor=cast.lead,
        marking=Marking.AMBER,
    )
    fanout.publish(cast.incident.pk)
    shown = lead.page.locator(f'[data-freeze="{row.request.public_id}"]')
    shown.get_by_text("0.5").wait_for()
    live = " ".join(shown.inner_text().split())
    lead.page.reload()
    assert " ".join(shown.inner_text().split()) == live
    freezes.approve(row.request, actor=cast.lead)
    lead.page.get_by_text("Live", exact=True).wait_for()
    fanout.publish(cast.incident.pk)
    shown.get_by_text("Checked by one").wait_for()
    assert lead.trouble == []


def test_browser_and_server_count_and_escape_the_same(
    site: "Site", visitor: Callable[[], "Visitor"], cast: "Cast"
) -> None:
    lead = visitor()
    open_room(lead, site, cast)
    units = [0, 1, 10**18, 30765667501709008927568, 2**256 - 1]
    run = """async ([units, parts, texts]) => {
        const strip = await import("/static/js/strip.js");
        const text = await import("/static/js/text.js");
        return [
            units.map((u) => strip.show(BigInt(u), 18).join("")),
            parts.map((p) => strip.shares(p.map(BigInt)).map(Number)),
            texts.map((t) => text.visible(t)),
        ];
    }"""
    parts = [[1, 1, 1], [10**30, 1, 0], [0, 0], [2, 3, 5, 7, 11], [2**256 - 1, 2**256 - 2]]
    texts = ["plain", HOSTILE, "e" + "\u0301" * 5, "a\u3164b\x00", "東京 ✓"]
    as_text = [[str(p) for p in row] for row in parts]
    shown = lead.page.evaluate(run, [[str(u) for u in units], as_text, texts])
    assert shown == [
        [str(amounts.show(u, 18)) for u in units],
        [amounts.shares(row, scale=10_000) for row in parts],
        [text.visible(t) for t in texts],
    ]


def test_the_theme_is_kept_by_the_server(
    site: "Site", visitor: Callable[[], "Visitor"], cast: "Cast"
) -> None:
    lead = visitor(color_scheme="light")
    open_room(lead, site, cast)
    page = lead.page
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Theme: system").click()
    page.get_by_role("button", name="Theme: light").click()
    assert page.evaluate(ground) != light
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate(ground) != light
