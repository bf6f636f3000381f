"""An analyst hands over a table on a phone: a preview, bad rows by line, and the import."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from incidents.models import Person
from tests.browser.test_live_room import sign_in

if TYPE_CHECKING:
    from tests.browser.conftest import Site, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Unbreakable" * 10
HOSTILE = "<img src=x onerror=document.title='owned'>"
HEADER = "Date (UTC),Block,Hash,Sender Address,Sender Name,Receiver Address,Receiver Name,USD Value"


def csv_of(tmp_path: Path, *rows: str) -> Path:
    found = tmp_path / "flows.csv"
    found.write_text("\n".join([HEADER, *rows]) + "\n")
    return found


def width(visitor: "Visitor") -> int:
    return int(visitor.page.evaluate("document.documentElement.scrollWidth"))


def test_a_table_is_previewed_and_imported_on_a_phone(
    site: "Site", visitor: Callable[..., "Visitor"], tmp_path: Path
) -> None:
    from tests import factories
    from tests.cast import make_cast, person

    cast = make_cast(LONG)
    trace = factories.trace(cast.incident, cast.lead)
    sender, end = factories.ADDRESS, factories.address(9)
    row = f"2024-07-16 14:00:00,5,0x{'ab' * 32},{sender},{HOSTILE},{end},{LONG},1234567.89"
    phone = visitor(viewport={"width": 390, "height": 844}, color_scheme="dark")
    analyst: Person = person(cast.analyst)
    sign_in(phone, site, analyst)
    page = phone.page
    page.goto(site.url + reverse("trace", args=[cast.incident.slug, trace.public_id]))
    page.get_by_role("link", name="Import a flow table").click()
    page.get_by_label("CSV file").set_input_files(csv_of(tmp_path, row, "nonsense"))
    page.get_by_role("textbox", name="Terminals").fill(end)
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("Marking: This field is required.").wait_for()
    page.get_by_label("Marking").select_option("TLP:AMBER")
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("Line 3", exact=True).wait_for()
    assert page.get_by_role("button", name="Import all").count() == 0
    assert width(phone) <= 390
    page.get_by_role("button", name="Change something").click()
    page.get_by_label("CSV file").set_input_files(csv_of(tmp_path, row))
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("heading", name="Preview: 1 row").wait_for()
    assert HOSTILE[:30] in page.locator("table").inner_text()
    assert width(phone) <= 390
    page.get_by_role("button", name="Import all 1 row").press("Enter")
    page.get_by_text("All 1 rows were imported.").wait_for()
    assert "1,234,567" in page.get_by_text("At terminals").locator("xpath=..").inner_text()
    assert width(phone) <= 390
    assert "owned" not in page.title()
    page.get_by_role("link", name="Trace", exact=True).click()
    page.get_by_role("link", name="flows.csv").wait_for()
    page.get_by_role("link", name="Provenance").first.click()
    page.get_by_text("replayed from the list just now").wait_for()
    assert width(phone) <= 390
    assert phone.trouble == []
