"""Two other ways to a desk, in a real browser: its own form, filled in by a person who can prove
it, and an issuer whose word is the chain's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from config.embedded.node import Node
from tests.browser.test_first_hour import Player

if TYPE_CHECKING:
    from incidents.access import Actor
    from incidents.models import FreezeRequest
    from tests.browser.conftest import Site, Visitor
    from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PROOF = b"%PDF-1.7\nTicket KDX-4711 was received.\n%%EOF\n"


def player(site: Site, visitor: Callable[..., Visitor], actor: Actor) -> Player:
    """Somebody of the cast at a browser, signed in."""
    from tests.cast import person

    found = Player(visitor(), person(actor), site)
    found.sign_in()
    return found


def to_binance(cast: Cast) -> FreezeRequest:
    """Approved by two parties, for a desk that takes requests by its own form alone."""
    from incidents.models import FreezeRequest
    from incidents.services import freezes
    from incidents.services.freezes import TargetDraft
    from tests.factories import ADDRESS, CHAIN, TOKEN, address

    hop = {
        **{"kind": "seed", "from_address": address(1), "to_address": ADDRESS},
        **{"tx": "0x" + "ab" * 32, "amount": str(10**18), "symbol": "RSX", "decimals": 18},
        **{"block": 7, "block_state": "final", "estimated": False},
    }
    target = freezes.draft(
        cast.incident,
        TargetDraft(CHAIN, ADDRESS, TOKEN, "RSX", 18, 10**18, "arrival", [hop]),
        desk_name="Binance",
        desk_slug="binance",
        desk=None,
        actor=cast.lead,
        marking="TLP:AMBER",
    )
    for actor in (cast.lead, cast.rival):
        freezes.approve(FreezeRequest.objects.get(pk=target.request_id), actor=actor)
    return FreezeRequest.objects.get(pk=target.request_id)


def test_a_desks_own_form_is_filled_in_by_a_person_who_proves_it(
    site: Site, visitor: Callable[..., Visitor]
) -> None:
    from incidents.models import Dispatch, FreezeTarget, PacketFile
    from tests.cast import make_cast
    from tests.factories import SHOWN_ADDRESS

    cast = make_cast()
    request = to_binance(cast)
    member = player(site, visitor, cast.lead)
    page, place = member.who.page, f"/incidents/{cast.incident.slug}/freezes/{request.public_id}/"
    member.goto(place)
    page.get_by_role("link", name="Send to Binance").first.click()
    page.get_by_role("link", name="The desk's portal").click()

    # What the form asks for, in its order, and each of it to be copied.
    fields = page.locator("dl.portal")
    named = [one.split("\n")[0].strip() for one in fields.locator("dt").all_inner_texts()]
    assert len(named) >= 10
    assert SHOWN_ADDRESS in fields.inner_text()
    assert fields.locator("[data-copy]").count() > 3

    # The files to attach, kept as they were handed out.
    with page.expect_download() as taken:
        page.get_by_role("button", name="PDF").click()
    body = taken.value.path().read_bytes()
    assert PacketFile.objects.get(format="pdf").digest == hashlib.sha256(body).hexdigest()

    page.get_by_label("Their reference").fill("KDX-4711")
    page.get_by_label("Proof").set_input_files(
        {"name": "ticket.pdf", "mimeType": "application/pdf", "buffer": PROOF}
    )
    member.press("I handed it over")
    shown = page.inner_text("main")
    assert "KDX-4711" in shown
    row = Dispatch.objects.get()
    assert (row.channel, row.reference, bytes(row.proof or b"")) == ("portal", "KDX-4711", PROOF)
    assert row.proof_digest == hashlib.sha256(PROOF).hexdigest()
    assert row.on_behalf_of == cast.lead.organization
    assert FreezeTarget.objects.get().state == "sent"
    assert member.who.trouble == []


def test_an_issuers_freeze_is_confirmed_by_the_chain(
    site: Site, visitor: Callable[..., Visitor], node: Node
) -> None:
    from incidents.models import FreezeRequest
    from tests.cast import make_cast
    from tests.tracing.watch.test_freezes import freeze
    from tests.tracing.watch.test_settled_targets import MULE, moved_to_a_mule, settle
    from tests.tracing.watch.town import found

    cast = make_cast()
    town = found(node, cast)
    token = moved_to_a_mule(town)
    request = FreezeRequest.objects.get(targets__address=MULE)
    assert request.drafted_by_trace
    place = f"/incidents/{cast.incident.slug}/freezes/{request.public_id}/"
    lead, rival = (player(site, visitor, one) for one in (cast.lead, cast.rival))
    lead.goto(place)
    lead.press("Sign first")
    rival.goto(place)
    rival.press("Sign second")
    rival.who.page.locator("details.confirm summary", has_text="Send to").click()
    rival.press("Send now")

    frozen = rival.who.page.locator("section.target table.amounts tr", has_text="Frozen")
    rival.goto(place)
    assert frozen.inner_text().split("\t")[1].startswith("0U")

    freeze(town, token, MULE)
    assert settle(town) == 1
    target = rival.who.page.locator("section.target")
    rival.goto(place)
    assert "Frozen" in target.locator("header").first.inner_text()
    assert "0.0006" in frozen.inner_text()
    assert "on chain" in frozen.inner_text().lower()
    assert [*lead.who.trouble, *rival.who.trouble] == []
