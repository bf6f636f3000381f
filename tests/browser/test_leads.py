"""The page of leads in a real browser: by keyboard, on a phone, in the dark."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from tests.browser.test_live_room import sign_in

if TYPE_CHECKING:
    from tests.browser.conftest import Site, Visitor
    from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Unbreakable" * 18


def room_with_leads() -> "Cast":
    """One of every kind that the watcher notes."""
    from tests import factories
    from tests.cast import make_cast
    from tracing.models import Service

    cast = make_cast()
    trace = factories.trace(cast.incident, cast.lead)
    desk = Service.objects.create(slug="big", name="Big Exchange", kind="service")
    forward = {"tx": "0x" + "f1" * 32, "asset": factories.TOKEN, "amount": "7" * 20, "at": 1}
    deposit = factories.lead(
        trace,
        "deposit_address",
        factories.address(51),
        wallet=factories.address(52),
        share=100,
        forwards=[forward, forward],
    )
    deposit.service = desk
    deposit.save(update_fields=["service"])
    factories.lead(
        trace, "hub", factories.address(53), counterparties=240, first_block=1, last_block=2000
    )
    factories.lead(
        trace,
        "look_alike",
        factories.address(54),
        like=factories.ADDRESS,
        beside=factories.address(55),
        why="zero_value",
        txs=["0x" + "f2" * 32],
        said=LONG,
    )
    return cast


def test_a_lead_is_dismissed_by_keyboard_on_a_phone(
    site: "Site", visitor: Callable[..., "Visitor"]
) -> None:
    from tracing.models import Lead

    cast = room_with_leads()
    phone = visitor(viewport={"width": 390, "height": 844}, color_scheme="dark")
    assert cast.lead.person
    sign_in(phone, site, cast.lead.person)
    page = phone.page
    page.goto(site.url + reverse("leads", args=[cast.incident.slug]))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    item = page.locator('[data-lead="hub"]')
    item.locator("summary", has_text="Dismiss").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("It is a router.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Dismissed, and recorded.").wait_for()
    assert Lead.objects.get(kind="hub").state == "dismissed"
    page.locator('[data-lead="hub"]').get_by_text("It is a router.").wait_for()

    page.get_by_label("State").select_option("open")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**/leads/?*state=open*")
    assert page.locator("[data-lead]").count() == 2
    assert phone.trouble == []
