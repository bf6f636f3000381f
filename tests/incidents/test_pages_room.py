"""The room's pages: who sees what, with a fixed number of queries, and hostile text inert."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from incidents.choices import AddressRole, Marking
from incidents.models import Person
from incidents.services import addresses, answers, freezes, notes, statements
from incidents.services.freezes import TargetDraft
from tests.cast import Cast

pytestmark = pytest.mark.django_db

CHAIN = "eip155:31337"
ACCOUNT = "0x" + "ab" * 20
ASSET = f"{CHAIN}/erc20:0x" + "cd" * 20
HOSTILE = "<img src=x onerror=alert(1)>\u202e"


@pytest.fixture
def as_person(client: Client) -> Callable[[Person | None], Client]:
    def enter(person: Person | None) -> Client:
        assert person
        client.force_login(person)
        return client

    return enter


Enter = Callable[[Person | None], Client]


def words_of(page: bytes) -> bytes:
    """A page without its form's token, which differs every time."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", page)


def draft(cast: Cast, units: int = 5 * 10**18) -> freezes.FreezeTarget:
    target = TargetDraft(CHAIN, ACCOUNT, ASSET, "rsETH", 18, units)
    exchange = cast.exchange.organization
    assert exchange
    return freezes.draft(
        cast.incident,
        target,
        desk_name=exchange.name,
        desk_slug=exchange.slug,
        desk=exchange,
        actor=cast.lead,
        marking=Marking.AMBER,
    )


def send(cast: Cast, target: freezes.FreezeTarget) -> None:
    freezes.approve(target.request, actor=cast.lead)
    freezes.approve(target.request, actor=cast.rival)
    freezes.send(target.request, actor=cast.lead)


def test_every_page_is_found_by_a_party_and_by_nobody_else(cast: Cast, as_person: Enter) -> None:
    target = draft(cast)
    statement = statements.draft(
        cast.incident, "First word", "It happened.", actor=cast.lead, marking=Marking.AMBER
    )
    slug = cast.incident.slug
    pages = [
        reverse("room", args=[slug]),
        reverse("addresses", args=[slug]),
        reverse("address_new", args=[slug]),
        reverse("address", args=[slug, CHAIN, ACCOUNT]),
        reverse("freeze_new", args=[slug]),
        reverse("freeze", args=[slug, target.request.public_id]),
        reverse("freeze_json", args=[slug, target.request.public_id]),
        reverse("statement_new", args=[slug]),
        reverse("statement", args=[slug, statement.public_id]),
        reverse("statement_edit", args=[slug, statement.public_id]),
        reverse("status_edit", args=[slug]),
        reverse("terms", args=[slug]),
    ]
    lead = as_person(cast.lead.person)
    assert {page: lead.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)
    absent = lead.get("/incidents/no-such-incident/").content
    outsider = as_person(cast.outsider)
    answers_of_outsider = [outsider.get(page) for page in pages]
    assert {a.status_code for a in answers_of_outsider} == {404}
    outsiders_absent = words_of(outsider.get("/incidents/no-such-incident/").content)
    assert {words_of(a.content) for a in answers_of_outsider} == {outsiders_absent}
    assert b"There is nothing here for you" in absent


def test_nobody_reads_a_room_without_signing_in(cast: Cast, client: Client) -> None:
    answer = client.get(reverse("room", args=[cast.incident.slug]))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_an_invited_party_sees_the_terms_and_nothing_else(cast: Cast, as_person: Enter) -> None:
    notes.post(cast.incident, "A secret", actor=cast.lead, marking=Marking.AMBER)
    slug = cast.incident.slug
    client = as_person(cast.invited)
    assert client.get(reverse("room", args=[slug]))["Location"] == reverse("terms", args=[slug])
    page = client.get(reverse("terms", args=[slug]))
    assert b"A secret" not in page.content
    wrong = {"answer": "sign", "digest": "0" * 64}
    client.post(reverse("terms_answer", args=[slug]), wrong)
    assert client.get(reverse("room", args=[slug])).status_code == 302
    for answer in ("sign", "read", "sign"):
        assert client.get(reverse("room", args=[slug])).status_code == 302
        right = {"answer": answer, "digest": page.context["terms"].digest}
        client.post(reverse("terms_answer", args=[slug]), right)
    assert b"A secret" in client.get(reverse("room", args=[slug])).content


def test_the_room_takes_a_fixed_number_of_queries(
    cast: Cast, as_person: Enter, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_person(cast.lead.person)
    page = reverse("room", args=[cast.incident.slug])
    client.get(page)

    def fill(count: int) -> None:
        for n in range(count):
            account = "0x" + f"{n + count * 100:040x}"
            marked = {"actor": cast.lead, "marking": Marking.AMBER}
            addresses.record(cast.incident, CHAIN, account, **marked)
            notes.post(cast.incident, f"Note {n}", **marked)
            statements.draft(cast.incident, f"S{n}", "Text", **marked)
            draft(cast, n + 1)

    fill(2)
    with django_assert_num_queries(21):
        client.get(page)
    fill(5)
    with django_assert_num_queries(21):
        client.get(page)


def test_the_list_of_incidents_takes_a_fixed_number_of_queries(
    cast: Cast, as_person: Enter, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_person(cast.lead.person)
    # Session, person, rooms, organizations, and invitations that wait for these.
    with django_assert_num_queries(5):
        page = client.get(reverse("incidents"))
    assert cast.incident.title.encode() in page.content


def test_hostile_text_is_inert_everywhere(cast: Cast, as_person: Enter) -> None:
    marked = {"actor": cast.lead, "marking": Marking.AMBER}
    notes.post(cast.incident, HOSTILE, **marked)
    addresses.record(cast.incident, CHAIN, ACCOUNT, label=HOSTILE, **marked)
    statement = statements.draft(cast.incident, HOSTILE, HOSTILE, **marked)
    client = as_person(cast.lead.person)
    slug = cast.incident.slug
    for page in (
        reverse("room", args=[slug]),
        reverse("address", args=[slug, CHAIN, ACCOUNT]),
        reverse("statement", args=[slug, statement.public_id]),
    ):
        shown = client.get(page).content.decode()
        assert "<img" not in shown
        assert "\u202e" not in shown
        assert "[U+202E]" in shown


def test_a_note_is_posted_and_an_empty_one_is_refused_at_its_field(
    cast: Cast, as_person: Enter
) -> None:
    client = as_person(cast.analyst.person)
    page = reverse("note_post", args=[cast.incident.slug])
    posted = client.post(page, {"text": "Seen at the mixer", "marking": Marking.GREEN})
    assert posted.status_code == 302
    assert b"Seen at the mixer" in client.get(posted["Location"]).content
    refused = client.post(page, {"text": "   ", "marking": Marking.GREEN})
    assert refused.status_code == 400
    assert refused.context["form"].errors == {"text": ["This field is required."]}


def test_a_note_is_about_an_address_or_the_incident(cast: Cast, as_person: Enter) -> None:
    client = as_person(cast.lead.person)
    page = reverse("note_post", args=[cast.incident.slug])
    note = {"text": "Funded by an exchange", "marking": Marking.AMBER}
    posted = client.post(page, note | {"about": f"address:{CHAIN}:{ACCOUNT}"})
    assert posted["Location"] == reverse("address", args=[cast.incident.slug, CHAIN, ACCOUNT])
    assert b"Funded by an exchange" in client.get(posted["Location"]).content
    for about in ("freeze:1", "address:eip155:1:0x12", "x" * 500):
        assert client.post(page, note | {"about": about}).status_code == 404


def test_a_room_never_takes_the_address_of_a_page(cast: Cast, as_person: Enter) -> None:
    client = as_person(cast.lead.person)
    kelp = cast.lead.organization
    assert kelp
    form = {"title": "New", "organization": str(kelp.public_id), "capacity": "affected"}
    opened = client.post(reverse("incident_new"), form)
    assert opened["Location"] != reverse("incident_new")
    assert client.get(opened["Location"]).status_code == 200


def test_the_list_of_addresses_takes_a_fixed_number_of_queries(
    cast: Cast, as_person: Enter, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_person(cast.lead.person)
    page = reverse("addresses", args=[cast.incident.slug])
    for count in (2, 7):
        for n in range(count):
            account = f"0x{count:020x}{n:020x}"
            addresses.record(cast.incident, CHAIN, account, actor=cast.lead, marking=Marking.AMBER)
        with django_assert_num_queries(7):
            client.get(page)


def test_a_red_note_needs_people_and_reaches_only_them(cast: Cast, as_person: Enter) -> None:
    page = reverse("note_post", args=[cast.incident.slug])
    red = {"text": "For one pair of eyes", "marking": Marking.RED}
    client = as_person(cast.lead.person)
    assert client.post(page, red).status_code == 400
    assert cast.rival.person
    named = red | {"audience": [f"person:{cast.rival.person.public_id}"]}
    assert client.post(page, named).status_code == 302
    room = reverse("room", args=[cast.incident.slug])
    seen = {
        role: b"For one pair of eyes" in as_person(person).get(room).content
        for role, person in cast.people.items()
        if role not in {"invited", "outsider"}
    }
    assert {role for role, sees in seen.items() if sees} == {"lead", "rival"}


def test_a_wrong_checksum_is_refused_with_field_and_reason(cast: Cast, as_person: Enter) -> None:
    client = as_person(cast.lead.person)
    page = reverse("address_new", args=[cast.incident.slug])
    right = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"
    wrong = right.replace("0xC02aaA", "0xc02aaA")
    form = {"chain": CHAIN, "role": AddressRole.CANDIDATE, "marking": Marking.AMBER}
    refused = client.post(page, form | {"address": wrong})
    assert list(refused.context["form"].errors) == ["address"]
    stored = client.post(page, form | {"address": right})
    assert stored["Location"].endswith(f"/{right.lower()}/")
    assert right in client.get(stored["Location"]).content.decode()


def test_a_bitcoin_address_keeps_its_case_and_says_that_it_is_not_watched(
    cast: Cast, as_person: Enter
) -> None:
    client = as_person(cast.lead.person)
    chain = "bip122:000000000019d6689c085ae165831e93"
    account = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
    form = {"chain": chain, "address": account, "role": "candidate", "marking": Marking.AMBER}
    stored = client.post(reverse("address_new", args=[cast.incident.slug]), form)
    page = client.get(stored["Location"]).content.decode()
    assert account in page
    assert "not watched here yet" in page


@pytest.mark.parametrize("at", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00"])
def test_moment_outside_of_time_is_refused_at_its_field(
    cast: Cast, as_person: Enter, at: str
) -> None:
    page = reverse("status_edit", args=[cast.incident.slug])
    client = as_person(cast.lead.person)
    asked = {"line": "identified", "next_update_at": at}
    assert list(client.post(page, asked).context["form"].errors) == ["next_update_at"]
    within = client.post(page, asked | {"next_update_at": "9999-12-31T23:59"})
    assert within.status_code == 302


def test_two_people_send_a_request_and_the_desk_answers_it(cast: Cast, as_person: Enter) -> None:
    target = draft(cast)
    slug, request_id = cast.incident.slug, target.request.public_id
    page = reverse("freeze", args=[slug, request_id])
    desk_page = reverse("target_answer", args=[slug, target.public_id])
    assert as_person(cast.exchange.person).get(page).status_code == 404
    client = as_person(cast.lead.person)
    client.post(reverse("freeze_approve", args=[slug, request_id]))
    alone = client.post(reverse("freeze_approve", args=[slug, request_id]), follow=True)
    assert b"A second person has to do this" in alone.content
    rival = as_person(cast.rival.person)
    early = rival.post(reverse("freeze_send", args=[slug, request_id]), follow=True)
    assert b"Two people have to approve" in early.content
    rival.post(reverse("freeze_approve", args=[slug, request_id]))
    shown = rival.get(page).context["anyway"]
    sent = rival.post(
        reverse("freeze_send", args=[slug, request_id]), {"anyway": shown}, follow=True
    )
    assert b"Sent to Big Exchange." in sent.content
    desk = as_person(cast.exchange.person)
    assert desk.get(page).status_code == 200
    too_much = {"outcome": "held", "amount": "5.5", "marking": Marking.AMBER}
    assert list(desk.post(desk_page, too_much).context["form"].errors) == ["amount"]
    held = desk.post(desk_page, too_much | {"amount": "4.25", "text": "Ticket 7"}, follow=True)
    shown = held.content.decode()
    assert "4<span" in shown
    assert ".25" in shown
    assert "Ticket 7" in shown
    assert as_person(cast.issuer.person).get(page).status_code == 404


def test_the_export_has_the_answers_that_its_reader_may_see(cast: Cast, as_person: Enter) -> None:
    target = draft(cast)
    send(cast, target)
    answers.answer(target, "held", actor=cast.exchange, marking=Marking.AMBER, text="Ticket 7")
    page = reverse("freeze_json", args=[cast.incident.slug, target.request.public_id])
    export = as_person(cast.lead.person).get(page).json()
    (shown,) = export["targets"]
    assert shown["account"] == f"{CHAIN}:{ACCOUNT}"
    assert shown["amounts"]["requested"] == str(5 * 10**18)
    assert [a["text"] for a in shown["answers"]] == ["Ticket 7"]


def test_a_freeze_request_is_drafted_by_hand_for_any_chain(cast: Cast, as_person: Enter) -> None:
    client = as_person(cast.lead.person)
    page = reverse("freeze_new", args=[cast.incident.slug])
    form = {
        "chain": "bip122:000000000019d6689c085ae165831e93",
        "address": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "desk": "other",
        "asset": "other",
        "other_asset": "bip122:000000000019d6689c085ae165831e93/slip44:0",
        "other_symbol": "BTC",
        "other_decimals": "8",
        "amount": "1.123456789",
        "marking": Marking.AMBER,
    }
    refused = client.post(page, form)
    assert set(refused.context["form"].errors) == {"desk_name", "amount"}
    drafted = client.post(page, form | {"desk_name": "Some Exchange", "amount": "1.12345678"})
    assert b"Some Exchange" in client.get(drafted["Location"]).content


def test_a_statement_is_signed_as_read_and_published_when_joint(
    cast: Cast, as_person: Enter
) -> None:
    statement = statements.draft(
        cast.incident, "First word", "It happened.", actor=cast.lead, marking=Marking.AMBER
    )
    slug, statement_id = cast.incident.slug, statement.public_id
    sign = reverse("statement_sign", args=[slug, statement_id])
    publish = reverse("statement_publish", args=[slug, statement_id])
    word = {"position": "signed", "digest": statement.digest}
    client = as_person(cast.lead.person)
    client.post(sign, word)
    early = client.post(publish, {"digest": statement.digest}, follow=True)
    assert b"it is not joint yet" in early.content
    as_person(cast.rival.person).post(sign, word)
    client = as_person(cast.lead.person)
    client.post(publish, {"digest": statement.digest})
    status = reverse("status", args=[slug])
    assert client.get(status).status_code == 404
    client.post(reverse("status_edit", args=[slug]), {"line": "identified"})
    client.logout()
    shown = client.get(status)
    assert shown.status_code == 200
    assert b"It happened." in shown.content
    assert b"Layer Zero</bdi>: signed" in shown.content


def test_the_doors_of_a_drill_do_not_exist_outside_a_drill(cast: Cast, client: Client) -> None:
    assert client.get("/drill/").status_code == 404
    assert client.post("/drill/enter/").status_code == 404
