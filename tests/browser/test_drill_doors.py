"""In a drill everybody enters as any party with one click, and every page says that it is one."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from incidents import access
from incidents.models import Incident
from incidents.services import incidents

if TYPE_CHECKING:
    from tests.browser.conftest import Site, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_one_click_enters_as_a_party_of_a_drill_only(
    start_site: Callable[..., "Site"], visitor: Callable[[], "Visitor"]
) -> None:
    from tests.cast import make_cast

    drill = make_cast("An exercise")
    Incident.objects.filter(pk=drill.incident.pk).update(is_drill=True)
    elsewhere = access.organizations_of(drill.outsider).get()
    real = incidents.open_incident("A real theft", person=drill.outsider, organization=elsewhere)
    site = start_site(HOLDFAST_DRILL="1")
    somebody = visitor()
    page = somebody.page
    page.goto(f"{site.url}/drill/")
    assert page.get_by_text("DRILL", exact=True).is_visible()
    assert page.locator("[name=incident]").evaluate_all(
        "found => [...new Set(found.map((one) => one.value))]"
    ) == [drill.incident.slug]
    page.get_by_role("button", name="exchange", exact=True).click()
    page.get_by_role("heading", name="An exercise").wait_for()
    assert "Big Exchange" in page.locator(".whoami").inner_text()
    assert page.get_by_text("DRILL", exact=True).is_visible()
    gone = page.goto(f"{site.url}/incidents/{real.slug}/")
    assert gone
    assert gone.status == 404
    assert page.get_by_text("DRILL", exact=True).is_visible()
    page.get_by_role("link", name="Enter as another party").click()
    page.get_by_role("button", name="lead", exact=True).click()
    page.get_by_role("link", name="Draft one").first.wait_for()
    assert somebody.trouble == []
