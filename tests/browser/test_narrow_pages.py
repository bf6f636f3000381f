"""On a phone of 390 px no page is wider than the screen, whatever the names in it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from incidents.choices import Marking
from incidents.models import Organization, Person
from incidents.services import addresses, freezes, notes, statements
from incidents.services.freezes import TargetDraft
from tests.browser.test_live_room import ACCOUNT, CHAIN, sign_in

if TYPE_CHECKING:
    from tests.browser.conftest import Site, Visitor
    from tests.cast import Cast
    from tracing.models import Trace

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Unbreakable" * 10
TOLD = "0x" + "ab" * 20


def huge_trace(cast: "Cast") -> "Trace":
    """All that an amount can be, of a token with the longest name."""
    from tests import factories
    from tracing.models import Asset

    trace = factories.trace(cast.incident, cast.lead, amount=2**256 - 1)
    named = {"symbol": "W" * 80, "decimals": 18}
    Asset.objects.create(caip19=factories.TOKEN, chain=trace.chain, **named)
    return trace


def labelled(address: str) -> None:
    """Two lists with the longest words call the address different things."""
    from datetime import date

    from tracing.core.types import AccountKind
    from tracing.services import chains, directory

    chain = chains.ensure_known(CHAIN)
    for number, category in enumerate(("exchange", "mixer")):
        service = directory.ensure_service(
            f"s{number}", LONG[:100], kind=AccountKind.SERVICE, category=category
        )
        desk = {"desk_channel": "legal process", "desk_wants": LONG * 4, "desk_source": LONG}
        directory.set_desk(service, desk)
        directory.ensure_label(
            chain, address, service, source=f"{number}{LONG}", dated=date(2026, 1, 1), name=LONG
        )


def pages_of_parties(cast: "Cast") -> list[str]:
    """Who is in the room, who shall be, under which terms, and who may see what."""
    from incidents.choices import Capacity, RoomRole
    from incidents.models import Participation
    from incidents.services import admissions, releases, revisions, roles, seats
    from tests.cast import organization, person

    room, lead, rival = cast.incident, cast.lead, cast.rival
    wanted = admissions.Proposed(
        Capacity.BRIDGE, organization_name=LONG[:100], email=f"{LONG[:60]}@example.org"
    )
    admissions.propose(room, wanted, actor=rival)
    revision = revisions.propose_revision(
        room, LONG * 3, covers=["strip"], respond_minutes=45, reason=LONG, actor=rival
    )
    hers = Participation.objects.get(incident=room, organization=organization(cast.white_hat))
    seats.ask_removal(hers, LONG, actor=rival)
    mine = Participation.objects.get(incident=room, organization=organization(lead))
    given = roles.Given(RoomRole.COMMANDER, mine, person(lead), person(cast.colleague))
    roles.give(room, given, actor=lead)
    account = addresses.record(room, CHAIN, TOLD, label=LONG, actor=lead, marking=Marking.AMBER)
    releases.ask(account, Marking.CLEAR, LONG, actor=rival)
    slug = room.slug
    return [
        *(reverse(name, args=[slug]) for name in ("parties", "role_new", "control_new")),
        *(reverse(name, args=[slug]) for name in ("terms_versions", "revision_new", "releases")),
        reverse("terms_revision", args=[slug, revision.public_id]),
        reverse("removal", args=[slug, hers.public_id]),
        reverse("item_marking", args=[slug, "address", account.public_id]),
        reverse("organizations"),
        reverse("organization", args=[organization(lead).public_id]),
        reverse("sessions"),
    ]


def test_no_page_is_wider_than_a_phone(site: "Site", visitor: Callable[..., "Visitor"]) -> None:
    from tests.cast import make_cast, organization, person

    cast = make_cast(LONG)
    lead = cast.lead
    Organization.objects.filter(pk=organization(lead).pk).update(name=LONG)
    Person.objects.filter(pk=person(lead).pk).update(name=LONG)
    marked = {"actor": lead, "marking": Marking.AMBER_STRICT}
    notes.post(cast.incident, LONG * 3, **marked)
    addresses.record(cast.incident, CHAIN, ACCOUNT, label=LONG, **marked)
    labelled(ACCOUNT)
    statement = statements.draft(cast.incident, LONG, LONG, **marked)
    huge = TargetDraft(CHAIN, ACCOUNT, f"{CHAIN}/slip44:60", "W" * 40, 18, 2**256 - 1)
    target = freezes.draft(
        cast.incident, huge, desk_name=LONG, desk_slug="long", desk=None, **marked
    )
    trace = huge_trace(cast)
    phone = visitor(viewport={"width": 390, "height": 844}, color_scheme="dark")
    sign_in(phone, site, person(lead))
    slug = cast.incident.slug
    wide = {}
    for page in (
        reverse("incidents"),
        reverse("incident_new"),
        reverse("room", args=[slug]),
        reverse("addresses", args=[slug]),
        reverse("address_new", args=[slug]),
        reverse("address", args=[slug, CHAIN, ACCOUNT]),
        reverse("freeze_new", args=[slug]),
        reverse("freeze", args=[slug, target.request.public_id]),
        reverse("statement", args=[slug, statement.public_id]),
        reverse("statement_edit", args=[slug, statement.public_id]),
        reverse("status_edit", args=[slug]),
        reverse("trace_new", args=[slug]),
        reverse("trace", args=[slug, trace.public_id]),
        reverse("provenance", args=[slug, trace.public_id, CHAIN, ACCOUNT]),
        reverse("flow_new", args=[slug, trace.public_id]),
        reverse("invite", args=[slug]),
        reverse("terms", args=[slug]),
        reverse("mfa_list_webauthn"),
        reverse("tokens"),
        *pages_of_parties(cast),
    ):
        phone.page.goto(site.url + page)
        width = phone.page.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wide[page] = width
    assert wide == {}
    assert phone.trouble == []
