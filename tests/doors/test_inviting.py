"""Asking an organization in: who may, what is shown, what is kept."""

import re
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse

from incidents.models import Invitation, LedgerEntry
from incidents.services.parties import digest
from tests import fresh
from tests.cast import Cast, person

pytestmark = pytest.mark.django_db

FORM = {
    "organization_name": "Harbour Exchange",
    "capacity": "exchange",
    "email": "desk@harbour.example",
}
CODE = re.compile(r'id="invitation-code"[^>]*>([^<]+)<')
LINK = re.compile(r'id="invitation-link">([^<]+)<')


def invite(client: Client, cast: Cast, **changes: Any) -> Any:
    return client.post(reverse("invite", args=[cast.incident.slug]), FORM | changes)


def approve(client: Client, cast: Cast, role: str = "rival") -> Any:
    """The second person's answer."""
    client.force_login(cast.people[role])
    at = [cast.incident.slug, Invitation.objects.latest("pk").public_id]
    return client.post(reverse("invitation_approve", args=at))


def test_a_proposal_has_neither_link_nor_code_and_sends_nothing(client: Client, cast: Cast) -> None:
    client.force_login(person(cast.lead))
    answer = invite(client, cast)
    assert answer["Location"] == reverse("parties", args=[cast.incident.slug])
    row = Invitation.objects.get()
    assert (row.token_digest, row.code_digest, row.mail_state) == (None, "", "none")
    assert (row.approved_at, row.rule) == (None, "")
    assert outbox.outbox == []


def test_link_and_code_are_shown_once_and_only_digests_kept(client: Client, cast: Cast) -> None:
    client.force_login(person(cast.lead))
    invite(client, cast)
    page = approve(client, cast)
    text = page.content.decode()
    link, code = LINK.search(text)[1], CODE.search(text)[1]  # type: ignore[index]
    row = Invitation.objects.get()
    assert row.token_digest == digest(link.rstrip("/").rpartition("/")[2])
    assert row.code_digest == digest(code.replace("-", ""))
    assert page["Cache-Control"] == "no-store"
    assert "never by mail" in text
    for name in ("room", "parties"):
        shown = client.get(reverse(name, args=[cast.incident.slug])).content.decode()
        assert code not in shown
        assert link not in shown


def test_without_a_mail_server_the_page_says_so(client: Client, cast: Cast) -> None:
    client.force_login(person(cast.lead))
    invite(client, cast)
    assert "this installation has no mail server" in approve(client, cast).content.decode()
    assert outbox.outbox == []
    assert Invitation.objects.get().mail_state == "none"


def test_nothing_secret_reaches_the_record(client: Client, cast: Cast) -> None:
    client.force_login(person(cast.lead))
    invite(client, cast)
    text = approve(client, cast).content.decode()
    secrets = [LINK.search(text)[1], CODE.search(text)[1], FORM["email"]]  # type: ignore[index]
    kept = str(list(LedgerEntry.objects.values_list("content", flat=True)))
    assert "Harbour Exchange" in kept
    assert not [secret for secret in secrets if secret in kept]


def test_the_second_word_needs_a_passkey_of_the_last_minutes(client: Client, cast: Cast) -> None:
    client.force_login(person(cast.lead))
    invite(client, cast)
    client.force_login(person(cast.rival))
    fresh.grow_old(client)
    at = [cast.incident.slug, Invitation.objects.get().public_id]
    answer = client.post(reverse("invitation_approve", args=at))
    assert answer["Location"].startswith("/accounts/passkeys/again/")
    assert Invitation.objects.get().approved_at is None
    assert approve(client, cast).status_code == 200


@pytest.mark.parametrize("role", ["lead", "colleague", "rival", "coordinator"])
def test_affected_parties_and_the_coordinator_invite(client: Client, cast: Cast, role: str) -> None:
    client.force_login(cast.people[role])
    assert client.get(reverse("invite", args=[cast.incident.slug])).status_code == 200
    assert invite(client, cast).status_code == 302
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("role", ["analyst", "exchange", "issuer", "law", "white_hat"])
def test_others_do_not(client: Client, cast: Cast, role: str) -> None:
    client.force_login(cast.people[role])
    assert client.get(reverse("invite", args=[cast.incident.slug])).status_code == 403
    assert invite(client, cast).status_code == 403
    assert not Invitation.objects.exists()


def test_an_outsider_cannot_tell_the_room_from_none(client: Client, cast: Cast) -> None:
    client.force_login(cast.outsider)
    there = invite(client, cast)
    nowhere = client.post(reverse("invite", args=["no-such-incident"]), FORM)
    assert there.status_code == nowhere.status_code == 404
    token = re.compile(rb'csrfmiddlewaretoken" value="[^"]+"')
    assert token.sub(b"", there.content) == token.sub(b"", nowhere.content)


def test_the_unsigned_are_sent_to_the_terms(client: Client, cast: Cast) -> None:
    client.force_login(cast.invited)
    answer = invite(client, cast)
    assert answer["Location"] == reverse("terms", args=[cast.incident.slug])
    assert not Invitation.objects.exists()


def test_the_stranger_signs_in(client: Client, cast: Cast) -> None:
    assert invite(client, cast)["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize(
    "changes",
    [
        {"organization_name": " "},
        {"organization_name": "x" * 121},
        {"email": "nobody"},
        {"email": "a@b.example\r\nBcc: all@b.example"},
        {"capacity": "emperor"},
    ],
)
def test_bad_input_is_refused_at_its_field(
    client: Client, cast: Cast, changes: dict[str, str]
) -> None:
    client.force_login(person(cast.lead))
    page = invite(client, cast, **changes)
    assert page.status_code == 400
    assert f'href="#id_{next(iter(changes))}"' in page.content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("changes", "is_hidden"),
    [
        ({"capacity": "law_enforcement"}, True),
        ({"capacity": "law_enforcement", "confidential": "no"}, False),
        ({"confidential": "yes"}, True),
        ({}, False),
    ],
)
def test_law_enforcement_is_confidential_unless_said_otherwise(
    client: Client, cast: Cast, changes: dict[str, str], is_hidden: bool
) -> None:
    client.force_login(person(cast.lead))
    invite(client, cast, **changes)
    assert Invitation.objects.get().is_confidential is is_hidden


def test_a_hostile_name_is_inert(client: Client, cast: Cast) -> None:
    client.force_login(person(cast.lead))
    invite(client, cast, organization_name="<script>alert(1)</script>")
    listed = client.get(reverse("parties", args=[cast.incident.slug])).content
    for page in (listed, approve(client, cast).content):
        assert b"<script>alert" not in page
        assert b"&lt;script&gt;" in page
