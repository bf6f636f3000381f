"""Asking an organization in: who may, what is shown, what is kept."""

import re
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse

from incidents import access
from incidents.models import Invitation, LedgerEntry
from incidents.services.parties import digest
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


def test_link_and_code_are_shown_once_and_only_digests_kept(client: Client, cast: Cast) -> None:
    client.force_login(person(cast.lead))
    page = invite(client, cast)
    text = page.content.decode()
    link, code = LINK.search(text)[1], CODE.search(text)[1]  # type: ignore[index]
    row = Invitation.objects.get()
    assert row.token_digest == digest(link.rstrip("/").rpartition("/")[2])
    assert row.code_digest == digest(code.replace("-", ""))
    assert page["Cache-Control"] == "no-store"
    assert "never by mail" in text
    room = client.get(reverse("room", args=[cast.incident.slug])).content.decode()
    assert code not in room
    assert link not in room


def test_without_a_mail_server_the_page_says_so(client: Client, cast: Cast) -> None:
    client.force_login(person(cast.lead))
    page = invite(client, cast).content.decode()
    assert "this installation has no mail server" in page
    assert outbox.outbox == []
    assert Invitation.objects.get().mail_state == "none"


def test_nothing_secret_reaches_the_record(client: Client, cast: Cast) -> None:
    client.force_login(person(cast.lead))
    text = invite(client, cast).content.decode()
    secrets = [LINK.search(text)[1], CODE.search(text)[1], FORM["email"]]  # type: ignore[index]
    kept = str(list(LedgerEntry.objects.values_list("content", flat=True)))
    assert "Harbour Exchange" in kept
    assert not [secret for secret in secrets if secret in kept]


@pytest.mark.parametrize("role", ["lead", "colleague", "rival", "coordinator"])
def test_affected_parties_and_the_coordinator_invite(client: Client, cast: Cast, role: str) -> None:
    client.force_login(cast.people[role])
    assert client.get(reverse("invite", args=[cast.incident.slug])).status_code == 200
    assert invite(client, cast).status_code == 200
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


def test_a_confidential_invitation_is_seen_by_the_inviter_only(client: Client, cast: Cast) -> None:
    client.force_login(person(cast.lead))
    invite(client, cast, organization_name="Agency", is_confidential="on")
    line = access.entries(cast.lead, cast.incident).last()
    assert line is not None
    assert line.entry.content["organization"] == "Agency"
    assert line not in access.entries(cast.rival, cast.incident)


def test_a_hostile_name_is_inert(client: Client, cast: Cast) -> None:
    client.force_login(person(cast.lead))
    page = invite(client, cast, organization_name="<script>alert(1)</script>").content
    assert b"<script>alert" not in page
    assert b"&lt;script&gt;" in page
