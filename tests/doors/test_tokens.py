"""API tokens: made with the passkey at hand, shown once, revoked by their owner."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import ApiToken, Person
from incidents.services import tokens
from incidents.services.parties import digest
from tests.doors.authenticator import SoftPasskey
from tests.doors.flows import options_in, sign_in

pytestmark = pytest.mark.django_db
Enrolled = tuple[Person, SoftPasskey]
PAGE = "/account/tokens/"
ABSENT = "7f0c9d5e-1111-4222-8333-444455556666"
SECRET = re.compile(r'id="new-token">([^<]+)<')


def make(client: Client, device: SoftPasskey, **changes: Any) -> Any:
    """Fill in the form and show the passkey when asked; the page that follows."""
    answer = client.post(PAGE, {"name": "Export", "days": 30, "scope": "read"} | changes)
    if answer.status_code != 302:
        return answer
    again = answer["Location"]
    assert again.startswith("/accounts/passkeys/again/")
    credential = device.get(options_in(client.get(again).content))
    return client.post(again, {"credential": credential, "next": PAGE})


def test_a_token_is_shown_once_and_works(client: Client, enrolled: Enrolled) -> None:
    sign_in(client, enrolled[1])
    page = make(client, enrolled[1]).content.decode()
    secret = SECRET.search(page)[1]  # type: ignore[index]
    row = ApiToken.objects.get()
    assert (row.person, row.name, row.digest) == (enrolled[0], "Export", digest(secret))
    assert row.expires_at - timezone.now() <= timedelta(days=30)
    assert secret not in client.get(PAGE).content.decode()
    assert tokens.use(secret) == row


def test_it_takes_the_passkey_once_more(client: Client, enrolled: Enrolled) -> None:
    sign_in(client, enrolled[1])
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, {"name": "Export", "days": 30, "scope": "read"}).status_code == 302
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("changes", [{"name": " "}, {"days": 0}, {"days": 366}, {"days": "x"}])
def test_bad_input_is_refused_at_its_field(
    client: Client, enrolled: Enrolled, changes: dict[str, Any]
) -> None:
    sign_in(client, enrolled[1])
    page = make(client, enrolled[1], **changes)
    assert page.status_code == 400
    assert f'href="#id_{next(iter(changes))}"' in page.content.decode()
    assert not ApiToken.objects.exists()


def test_a_revoked_token_is_gone(client: Client, enrolled: Enrolled) -> None:
    row, secret = tokens.create(enrolled[0], "Export")
    sign_in(client, enrolled[1])
    assert b"Export" in client.get(PAGE).content
    assert client.post(f"{PAGE}{row.public_id}/revoke/").status_code == 302
    assert tokens.use(secret) is None
    assert b"Export" not in client.get(PAGE).content


def test_nobody_revokes_anothers(client: Client, enrolled: Enrolled) -> None:
    row, secret = tokens.create(enrolled[0], "Export")
    client.force_login(Person.objects.create_user("eve@example.org", "Eve"))
    theirs = client.post(f"{PAGE}{row.public_id}/revoke/")
    absent = client.post(f"{PAGE}{ABSENT}/revoke/")
    assert (theirs.status_code, theirs["Location"]) == (absent.status_code, absent["Location"])
    assert tokens.use(secret) == row


def test_a_stranger_signs_in_first(client: Client) -> None:
    assert client.get(PAGE)["Location"] == f"/accounts/login/?next={PAGE}"
    assert client.post(f"{PAGE}{ABSENT}/revoke/").status_code == 302
