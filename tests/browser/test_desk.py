"""A desk without an account, played by real browsers: link, word, call-back, code, the packet, what
the chain says, a partial hold, its lapse, and the end of the link."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from config.embedded.node import Node
from tests.browser.test_first_hour import Player

if TYPE_CHECKING:
    from incidents.models import FreezeRequest
    from tests.browser.conftest import Site, Visitor
    from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ETHER = 10**18
AT = "0x" + "d5" * 20


def asked(cast: Cast, node: Node) -> FreezeRequest:
    """A request for ether at an account that holds it, sent with its packet."""
    from incidents.models import FreezeRequest
    from incidents.services import freezes, packets
    from incidents.services.freezes import TargetDraft
    from tests.cast import organization
    from tests.factories import CHAIN
    from tracing.services import endpoints

    endpoints.configure(CHAIN, name="Test chain", url=node.url)
    node.call("anvil_setBalance", AT, hex(3 * ETHER))
    node.call("evm_mine")
    desk = organization(cast.exchange)
    native = f"{CHAIN}/slip44:60"
    target = freezes.draft(
        cast.incident,
        TargetDraft(CHAIN, AT, native, "ETH", 18, 3 * ETHER),
        desk_name=desk.name,
        desk_slug=desk.slug,
        desk=desk,
        actor=cast.lead,
        marking="TLP:AMBER",
    )
    request = FreezeRequest.objects.get(pk=target.request_id)
    for actor in (cast.lead, cast.rival):
        freezes.approve(request, actor=actor)
    request = freezes.send(request, actor=cast.rival)
    if not request.packets.filter(issued_at__isnull=False).exists():
        packets.issue(packets.draft(request), actor=cast.lead)
    return request


def linked(member: Player, place: str) -> str:
    """The room makes a link; it is shown once."""
    member.goto(f"{place}links/new/")
    member.who.page.get_by_label("Recipient").fill("Ana, night desk")
    member.press("Make the link")
    return member.who.page.locator(".secret code").inner_text()


def come_in(desk: Visitor, member: Player, link: str, place: str) -> None:
    """The link without its end, a wrong code, and the one that was read out at a call-back."""
    desk.page.goto(link.partition("#")[0])
    desk.page.get_by_text("The end of the link is missing").wait_for()
    desk.page.goto("about:blank")
    desk.page.goto(link)
    desk.page.get_by_role("button", name="Show my word").click()
    desk.page.locator("[data-word]").wait_for()
    word = desk.page.locator("[data-word-text]").inner_text()
    desk.page.get_by_label("Code").fill("0000-0000")
    desk.page.get_by_role("button", name="Open the document").click()
    desk.page.get_by_text("This did not open").wait_for()

    # The room calls back, hears the word, reads out a code.
    assert word in member.goto(place)
    member.press("Make the code")
    code = member.who.page.locator(".desk-word b").inner_text()
    desk.page.get_by_label("Code").fill(code)
    desk.page.get_by_role("button", name="Open the document").click()
    desk.page.get_by_role("heading", name="Freeze request HF-").wait_for()


def hold(desk: Visitor, member: Player, place: str) -> datetime:
    """A partial hold, by a code of its own; until when."""
    desk.page.get_by_role("link", name="Answer").click()
    desk.page.get_by_label("Answer", exact=True).select_option("held")
    desk.page.get_by_label("Amount").fill("1.25")
    desk.page.get_by_label("Your reference").fill("T-9")
    member.goto(place)
    member.press("Code for one answer")
    desk.page.get_by_label("Code").fill(member.who.page.locator(".desk-word b").inner_text())
    until = timezone.now() + timedelta(seconds=5)
    desk.page.get_by_label("Held until").fill(until.strftime("%Y-%m-%dT%H:%M:%S"))
    desk.page.get_by_role("button", name="Give this answer").click()
    desk.page.get_by_text("You answered").wait_for()
    return until


def test_a_desk_without_an_account_reads_holds_and_lets_lapse(
    site: Site, visitor: Callable[..., Visitor], node: Node
) -> None:
    from incidents.models import DeskLink, FreezeAnswer
    from tests.cast import make_cast, person

    cast = make_cast()
    request = asked(cast, node)
    member = Player(visitor(), person(cast.lead), site)
    member.sign_in()
    place = f"/incidents/{cast.incident.slug}/freezes/{request.public_id}/"

    link, desk = linked(member, place), visitor()
    outside: list[str] = []
    desk.page.on("request", lambda r: outside.append(r.url) if site.url not in r.url else None)
    come_in(desk, member, link, place)
    assert "#" not in desk.page.url
    desk.page.get_by_text("Still there", exact=True).wait_for()
    there = desk.page.locator("[data-there]").inner_text()
    assert "3" in there
    assert "at block" in there

    # The packet, as a file.
    with desk.page.expect_download() as taken:
        desk.page.get_by_role("link", name="JSON").click()
    manifest = json.loads(taken.value.path().read_bytes())
    assert manifest["reference"] == request.reference

    until = hold(desk, member, place)
    assert FreezeAnswer.objects.get().amount == ETHER * 5 // 4
    shown = member.goto(place)
    assert "claimed by link holder" in shown

    # It lapses by itself, and everybody sees it.
    while timezone.now() < until:
        desk.page.wait_for_timeout(200)
    desk.page.reload()
    desk.page.get_by_text("It was held until").wait_for()
    assert "Hold lapsed" in member.goto(place)

    # The link ends: the same neutral page as before the code.
    DeskLink.objects.update(expires_at=timezone.now())
    desk.page.reload()
    desk.page.get_by_role("heading", name="A document for you").wait_for()
    assert request.reference not in desk.page.content()
    assert outside == []
    assert [*desk.trouble, *member.who.trouble] == []
