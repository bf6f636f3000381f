"""How people really get in: links, codes, passkeys and terms, in a browser."""

import re
from collections.abc import Callable, Iterator
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command

from incidents.services import passkeys
from tests.mailbox import Mailbox, running

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Site, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def enrolment_link(site: "Site", email: str, name: str, organization: str) -> str:
    """What the console prints, at this site's address."""
    out = StringIO()
    call_command(
        "enroll_administrator",
        email,
        f"--name={name}",
        f"--organization={organization}",
        stdout=out,
        stderr=StringIO(),
    )
    return site.url + re.sub(r"^https?://[^/]+", "", out.getvalue().strip())


def enrol(site: "Site", who: "Visitor", email: str, name: str, organization: str) -> None:
    who.page.goto(enrolment_link(site, email, name, organization))
    who.page.get_by_role("button", name="Register my passkey").click()
    who.page.get_by_role("button", name="Register a passkey").click()
    who.add_second_passkey()
    who.page.get_by_role("heading", name="Your passkeys").wait_for()


def sign_out(page: "Page") -> None:
    page.get_by_role("button", name="Sign out").first.click()
    page.get_by_role("button", name="Sign in with a passkey").wait_for()


def sign_in(page: "Page") -> None:
    page.get_by_role("button", name="Sign in with a passkey").click()


def show_passkey_if_asked(page: "Page", label: str) -> None:
    """Inviting takes a passkey of the last five minutes; then the page with this field follows."""
    again = page.get_by_role("button", name="Use your passkey")
    again.or_(page.get_by_label(label)).first.wait_for()
    if again.is_visible():
        again.click()


def open_incident(page: "Page", site: "Site", title: str) -> str:
    page.goto(f"{site.url}/incidents/new/")
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Open").click()
    page.get_by_role("heading", name=title).wait_for()
    return page.url


def invite(page: "Page", second: "Page", organization: str, email: str) -> str:
    """One proposes from the room's page, another approves; the code to be told."""
    page.get_by_role("link", name="Invite").click()
    show_passkey_if_asked(page, "Organization")
    page.get_by_label("Organization").fill(organization)
    page.get_by_label("E-mail of its first person").fill(email)
    page.get_by_role("button", name="Propose").click()
    page.get_by_text("waits for a second person").wait_for()
    second.goto(page.url)
    second.get_by_role("button", name="Approve").click()
    return second.locator("#invitation-code").inner_text()


def join(who: "Visitor", mailbox: Mailbox, code: str) -> None:
    """Follow the mailed link; a wrong code is refused, the right one leads to the terms."""
    page = who.page
    page.goto(next(line for line in mailbox.text().splitlines() if "/join/" in line))
    assert "Bridge drained" not in page.content()
    page.get_by_label("Code").fill("AAAA-AAAA")
    page.get_by_label("Your name").fill("Bo")
    page.get_by_role("button", name="Join").click()
    assert page.get_by_text("the code does not fit").is_visible()
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Join").click()
    page.get_by_role("button", name="Register a passkey").click()
    who.add_second_passkey()
    page.get_by_role("heading", name="Terms of").wait_for()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with running() as box:
        yield box


def test_an_administrator_invites_a_party_that_joins_and_an_outsider_sees_nothing(
    start_site: "Callable[..., Site]", visitor: "Callable[[], Visitor]", mailbox: Mailbox
) -> None:
    mail = {"HOLDFAST_SMTP_HOST": "127.0.0.1", "HOLDFAST_SMTP_PORT": str(mailbox.port)}
    site = start_site(**mail)
    ada, cy, bo, eve = visitor(), visitor(), visitor(), visitor()

    enrol(site, cy, "cy@kelp.example", "Cy", "Kelp")
    enrol(site, ada, "ada@kelp.example", "Ada", "Kelp")
    assert ada.passkeys() == 2
    sign_out(ada.page)
    assert ada.page.goto(f"{site.url}/accounts/passkeys/").url.startswith(  # type: ignore[union-attr]
        f"{site.url}/accounts/login/"
    )
    sign_in(ada.page)
    ada.page.get_by_role("heading", name="Your passkeys").wait_for()

    room = open_incident(ada.page, site, "Bridge drained")
    code = invite(ada.page, cy.page, "Layer", "bo@layer.example")
    assert mailbox.recipients == ["bo@layer.example"]
    assert "Bridge drained" not in mailbox.taken[0].as_string()
    assert code not in mailbox.taken[0].as_string()

    join(bo, mailbox, code)
    assert bo.passkeys() == 2
    bo.page.goto(room)
    assert bo.page.url.endswith("/terms/"), "nothing of the room before the terms"
    bo.page.get_by_role("button", name="I have read this").click()
    bo.page.get_by_role("button", name="Sign for Layer").click()
    bo.page.get_by_role("heading", name="Bridge drained").wait_for()
    assert bo.page.url == room
    assert bo.page.locator("#parties").get_by_text("Kelp").is_visible()

    enrol(site, eve, "eve@elsewhere.example", "Eve", "Elsewhere")
    there = eve.page.goto(room)
    words = eve.page.locator("main").inner_text()
    absent = eve.page.goto(f"{site.url}/incidents/no-such-room/")
    assert there is not None
    assert absent is not None
    assert there.status == absent.status == 404
    assert words == eve.page.locator("main").inner_text()
    eve.page.goto(site.url)
    assert "Bridge drained" not in eve.page.content()

    assert [one.trouble for one in (ada, cy, bo, eve)] == [[], [], [], []]


def test_a_refused_ceremony_is_said_and_can_be_tried_again(
    site: "Site", visitor: "Callable[[], Visitor]"
) -> None:
    who = visitor()
    who.page.goto(enrolment_link(site, "ada@kelp.example", "Ada", "Kelp"))
    who.page.get_by_role("button", name="Register my passkey").click()
    who.refuses()
    who.page.get_by_role("button", name="Register a passkey").click()
    who.page.get_by_text("Nothing was done").wait_for()
    assert who.passkeys() == 0
    who.refuses(False)
    who.page.get_by_role("button", name="Register a passkey").click()
    who.add_second_passkey()
    who.page.get_by_role("heading", name="Your passkeys").wait_for()
    sign_out(who.page)
    who.refuses()
    sign_in(who.page)
    who.page.get_by_text("Nothing was done").wait_for()
    who.refuses(False)
    sign_in(who.page)
    who.page.get_by_role("heading", name="Incidents").wait_for()
    assert who.trouble == []


def test_another_device_does_not_get_in(site: "Site", visitor: "Callable[[], Visitor]") -> None:
    owner, thief = visitor(), visitor()
    enrol(site, owner, "ada@kelp.example", "Ada", "Kelp")
    thief.page.goto(f"{site.url}/accounts/login/")
    sign_in(thief.page)
    thief.page.get_by_text("Nothing was done").wait_for()
    assert thief.page.goto(f"{site.url}/accounts/passkeys/").url.startswith(  # type: ignore[union-attr]
        f"{site.url}/accounts/login/"
    )


def test_a_token_takes_the_passkey_once_more(
    site: "Site", visitor: "Callable[[], Visitor]"
) -> None:
    who = visitor()
    enrol(site, who, "ada@kelp.example", "Ada", "Kelp")
    sign_out(who.page)
    sign_in(who.page)
    who.page.get_by_role("heading", name="Incidents").wait_for()
    who.page.goto(f"{site.url}/account/tokens/")
    who.page.get_by_label("Name").fill("Export")
    who.page.get_by_role("button", name="Make a token").click()
    who.page.get_by_role("button", name="Use your passkey").click()
    secret = who.page.locator("#new-token").inner_text()
    assert secret.startswith("hft_")
    answer = who.context.request.get(
        f"{site.url}/api/schema/", headers={"Authorization": f"Token {secret}"}
    )
    assert answer.status == 200
    assert who.trouble == []


def test_the_doors_of_a_drill_open_with_one_click(
    start_site: "Callable[..., Site]", visitor: "Callable[[], Visitor]"
) -> None:
    from incidents.models import Incident
    from tests.cast import make_cast

    cast = make_cast("Kelp drill")
    Incident.objects.update(is_drill=True)
    drill = start_site(HOLDFAST_DRILL="1")
    who = visitor()
    who.page.goto(f"{drill.url}/drill/")
    door = who.page.locator("section.door", has_text="Big Exchange")
    door.get_by_role("button").click()
    who.page.get_by_role("heading", name="Kelp drill").wait_for()
    assert who.page.url == f"{drill.url}/incidents/{cast.incident.slug}/"
    assert who.page.get_by_text("DRILL", exact=True).is_visible()
    assert who.trouble == []


def test_no_passkey_is_left_behind_by_a_link_that_ended(
    site: "Site", visitor: "Callable[[], Visitor]"
) -> None:
    who = visitor()
    link = enrolment_link(site, "ada@kelp.example", "Ada", "Kelp")
    enrol(site, who, "ada@kelp.example", "Ada", "Kelp")
    late = visitor()
    late.page.goto(link)
    late.page.get_by_role("button", name="Register my passkey").click()
    late.page.get_by_role("heading", name="This link does not work").wait_for()
    from incidents.models import Person

    assert passkeys.count(Person.objects.get(email="ada@kelp.example")) == 2


def test_people_get_in_while_redis_is_down(
    start_site: "Callable[..., Site]", visitor: "Callable[[], Visitor]"
) -> None:
    site = start_site(REDIS_URL="redis://127.0.0.1:1/0")
    who = visitor()
    enrol(site, who, "ada@kelp.example", "Ada", "Kelp")
    sign_out(who.page)
    sign_in(who.page)
    who.page.get_by_role("heading", name="Incidents").wait_for()
    open_incident(who.page, site, "Bridge drained")
