"""The chains in a real browser: live without jumping, by keyboard, on a phone, in the dark."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.browser.test_live_room import HOSTILE, open_room, sign_in

if TYPE_CHECKING:
    from incidents.models import Person
    from tests.browser.conftest import Site, Visitor
    from tracing.models import Chain

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Unbreakable" * 7
CAIP2 = "eip155:31337"


def administrator() -> "Person":
    from incidents.models import Person

    return Person.objects.create_user("ada@example.org", LONG, is_administrator=True)


def chain(caip2: str = CAIP2, **changes: Any) -> "Chain":
    """One with everything that can stand on its sheet."""
    from tracing.models import Chain, ChainSample, Endpoint, Quarantine

    now = timezone.now()
    facts = {
        "name": LONG[:60],
        "quorum": 2,
        "cursor_number": 2**40,
        "head_number": 2**41,
        "verified_at": now,
        "unverified_since": now,
        "last_error": HOSTILE * 2 + LONG,
        "errors_in_row": 9,
        "retry_at": now,
        "flaw": LONG,
        "lease_holder": LONG,
        "lease_until": now.replace(year=now.year + 1),
    }
    row = Chain.objects.create(caip2=caip2, **(facts | changes))
    ChainSample.objects.create(chain=row, minute=now, blocks=12, lag_blocks=3)
    learnt = {"most": 64, LONG[:40]: LONG * 3}
    url = f"https://{LONG}.example/"
    caught = Endpoint.objects.create(
        chain=row,
        operator=LONG,
        url=url,
        learnt=learnt,
        last_error=HOSTILE,
        state=Endpoint.State.QUARANTINED,
    )
    Quarantine.objects.create(
        endpoint=caught,
        kind="receipts-root",
        number=2**40,
        claimed="0x" + "a" * 64,
        computed="0x" + "b" * 64,
        answer=LONG * 30 + HOSTILE,
    )
    return row


def too_wide(visitor: "Visitor", width: int = 390) -> bool:
    return bool(visitor.page.evaluate("document.documentElement.scrollWidth") > width)


def test_no_page_of_chains_is_wider_than_a_phone(
    site: "Site", visitor: Callable[..., "Visitor"]
) -> None:
    row = chain()
    phone = visitor(viewport={"width": 390, "height": 844}, color_scheme="dark")
    sign_in(phone, site, administrator())
    pk = row.endpoints.get().pk
    for page in (
        reverse("watch"),
        reverse("chain", args=[CAIP2]),
        reverse("chain_new"),
        reverse("endpoint_new", args=[CAIP2]),
        reverse("endpoint_change", args=[CAIP2, pk]),
    ):
        phone.page.goto(site.url + page)
        assert not too_wide(phone), page
    phone.page.goto(site.url + reverse("chain", args=[CAIP2]))
    phone.page.locator("summary", has_text="Evidence").click()
    assert not too_wide(phone)
    assert phone.page.title() != "owned"
    assert phone.page.get_by_role("checkbox").count() == 5
    assert phone.trouble == []


def test_the_page_follows_what_changes_and_keeps_the_place(
    site: "Site", visitor: Callable[..., "Visitor"]
) -> None:
    from tracing.models import Chain

    for number in range(1, 9):
        chain(f"eip155:{number}", name=f"Chain {number}")
    lead = visitor(viewport={"width": 1000, "height": 500})
    sign_in(lead, site, administrator())
    page = lead.page
    page.goto(site.url + reverse("watch"))
    page.evaluate("document.querySelector('[data-live-page]').live.wait = 100")
    sheet = page.locator('[data-live="eip155:8"]')
    sheet.scroll_into_view_if_needed()
    link = sheet.get_by_role("link", name="Manage")
    link.focus()
    before = page.evaluate("scrollY")
    assert before > 0
    Chain.objects.filter(caip2="eip155:1").update(quorum=1)
    Chain.objects.filter(caip2="eip155:2").update(
        unverified_since=None, verified_number=2**40, last_error="", flaw=""
    )
    page.evaluate("document.querySelector('[data-live-page]').live.ask()")
    page.locator('[data-live="eip155:1"]').get_by_text("single source").wait_for()
    page.locator('[data-live="eip155:2"]').get_by_text("verified", exact=True).wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Manage"
    # The second sheet lost two lines; whoever reads further down must not be moved by more.
    moved = abs(page.evaluate("scrollY") - before)
    top = link.bounding_box()
    assert top
    assert 0 <= top["y"] < 500
    assert moved < 200
    Chain.objects.create(caip2="eip155:9", name="Chain 9")
    page.evaluate("document.activeElement.blur()")
    page.evaluate("document.querySelector('[data-live-page]').live.ask()")
    page.locator('[data-live="eip155:9"]').wait_for()
    assert lead.trouble == []


def test_a_server_that_is_away_is_said(site: "Site", visitor: Callable[..., "Visitor"]) -> None:
    chain()
    lead = visitor()
    sign_in(lead, site, administrator())
    page = lead.page
    page.goto(site.url + reverse("watch"))
    page.get_by_text("Live", exact=True).wait_for()
    lead.context.set_offline(True)
    page.evaluate("document.querySelector('[data-live-page]').live.ask()")
    page.get_by_text("Not live: the server does not answer").wait_for()
    lead.context.set_offline(False)
    page.evaluate("document.querySelector('[data-live-page]').live.ask()")
    page.get_by_text("Live", exact=True).wait_for()
    lead.context.clear_cookies()
    page.evaluate("document.querySelector('[data-live-page]').live.ask()")
    page.get_by_text("Not live: reload the page").wait_for()


def test_a_quarantine_is_lifted_by_keyboard(
    site: "Site", visitor: Callable[..., "Visitor"]
) -> None:
    from tracing.models import Endpoint

    chain()
    phone = visitor(viewport={"width": 390, "height": 844})
    sign_in(phone, site, administrator())
    page = phone.page
    page.goto(site.url + reverse("chain", args=[CAIP2]))
    page.locator("summary", has_text="Lift it").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("They replaced the node.")
    assert not too_wide(phone)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("The quarantine is lifted, and recorded.").wait_for()
    assert Endpoint.objects.get().state == "active"
    page.get_by_text("They replaced the node.").first.wait_for()
    assert phone.trouble == []


def test_the_room_says_who_vouches_in_the_words_of_the_server(
    site: "Site", visitor: Callable[..., "Visitor"]
) -> None:
    from datetime import UTC, datetime

    from incidents.display import chains as words
    from tests import factories
    from tests.cast import make_cast

    cast = make_cast()
    assert cast.lead.person
    factories.trace(cast.incident, cast.lead)
    lead = visitor()
    open_room(lead, site, cast)
    place = lead.page.locator("[data-standing]")
    assert place.text_content() == words.WORDS["off"]
    since = datetime(2026, 9, 2, 3, 4, 5, tzinfo=UTC)
    for standing in ("single", "verified", "logs", "off", "unverified", "starting"):
        for at in (None, since):
            state = {
                "chain": CAIP2,
                "standing": standing,
                "unverified_since": at.isoformat() if at else None,
                "applied_block": 7,
                "lag_blocks": 3,
                "error": "",
            }
            lead.page.evaluate(
                "c => document.querySelector('[data-room]').room.showChain(c)", state
            )
            assert place.text_content() == words.words(standing, at)
            assert f"state-{words.TONES[standing]}" in (place.get_attribute("class") or "")
    assert ", 3 behind" in (lead.page.locator("[data-chain]").text_content() or "")
    assert lead.trouble == []
