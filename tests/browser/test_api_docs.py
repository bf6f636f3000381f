"""The page to browse the API works under its own policy, and asks nobody else."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_docs_page_lists_the_endpoints_without_third_parties(
    site: "Site", chromium: "Browser"
) -> None:
    page = chromium.new_page()
    hosts: set[str] = set()
    complaints: list[str] = []
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{site.url}/api/docs/")
    page.wait_for_selector("#operations-timeline-timeline_list", timeout=30_000)
    assert page.locator(".opblock").count() > 25
    assert hosts - {""} == {urlsplit(site.url).netloc}
    assert [line for line in complaints if "error" in line.lower()] == []
    page.close()
