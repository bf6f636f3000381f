"""What matters takes the passkey of the last five minutes, by page and by API; no token does it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from incidents.choices import TokenScope
from incidents.models import Person
from incidents.services import tokens
from tests import fresh
from tests.access.test_matrix import MATRIX, Room
from tests.access.test_matrix import filled as filled
from tests.api import client_of
from tests.cast import Cast, organization
from tests.doors.authenticator import SoftPasskey
from tests.doors.flows import options_in, sign_in

pytestmark = pytest.mark.django_db
Enrolled = tuple[Person, SoftPasskey]
# A person's own, with a session only: a token gets 401 there.
OWN = ("tokens/", "sessions/", "seats/")
AGAIN = "/accounts/passkeys/again/"
# Endpoints that must be among those that ask, whatever else does.
MUST = {
    "freezes/<uuid:public_id>/approve/",
    "freezes/<uuid:public_id>/send/",
    "freezes/<uuid:public_id>/export/<slug:export>/",
    "statements/<uuid:public_id>/sign-offs/",
    "statements/<uuid:public_id>/publish/",
    "addresses/<str:account>/accept-return/",
    "organizations/<uuid:organization_id>/members/",
    "organizations/<uuid:organization_id>/members/<uuid:member_id>/",
}


def ask(room: Room, client: Any, method: str, path: str) -> Any:
    """The answer; nothing is kept of it."""
    from django.db import transaction

    body = MATRIX[method, path].body
    url = room.address(path)
    with transaction.atomic():
        sent = json.dumps(body(room) if callable(body) else body) if method != "GET" else ""
        answer = client.generic(method, url, sent, "application/json")
        transaction.set_rollback(True)
    return answer


def code(answer: Any) -> str:
    if answer.status_code < 400:
        return ""
    return str(answer.json()["error"]["code"])


def by_token(who: Person, *scopes: TokenScope) -> Client:
    _, secret = tokens.create(who, "script", scopes=scopes)
    return Client(headers={"Authorization": f"Token {secret}"})


def test_the_api_asks_after_five_minutes_and_no_token_does_what_it_asks_for(filled: Room) -> None:
    lead = filled.cast.people["lead"]
    old, young = client_of(lead), client_of(lead)
    program = by_token(lead, TokenScope.READ, TokenScope.WRITE)
    asking = set()
    for method, path in MATRIX:
        if path.startswith(OWN):
            continue
        fresh.grow_old(old, 301)
        is_asked = code(ask(filled, old, method, path)) == "step_up_required"
        fresh.grow_old(young, 299)  # at once before it is asked: this test takes more than a second
        assert code(ask(filled, young, method, path)) != "step_up_required", path
        refused = code(ask(filled, program, method, path)) == "token_not_enough"
        # Consent is asked of a person; who has signed in gives it without the passkey again.
        if not path.endswith(("terms/sign/", "terms/decline/")):
            assert refused == is_asked, f"{method} {path}: session and token differ"
        if is_asked:
            asking.add(path.removeprefix("incidents/<slug:slug>/"))
    assert asking >= MUST


def test_a_reading_token_writes_nothing(filled: Room) -> None:
    program = by_token(filled.cast.people["lead"], TokenScope.READ)
    for method, path in MATRIX:
        if path.startswith(OWN):
            continue
        answer = ask(filled, program, method, path)
        if method == "GET":
            assert answer.status_code == 200 or code(answer) == "token_not_enough", path
        else:
            assert code(answer) == "token_not_enough", path


def test_a_token_of_one_room_finds_no_other(filled: Room) -> None:
    from incidents.services import incidents

    lead = filled.cast.people["lead"]
    other = incidents.open_incident(
        "Another", person=lead, organization=organization(filled.cast.lead)
    )
    _, secret = tokens.create(
        lead, "script", scopes=(TokenScope.READ, TokenScope.WRITE), room=other.slug
    )
    program = Client(headers={"Authorization": f"Token {secret}"})
    absent = program.get("/api/v1/incidents/no-such-room/")
    for method, path in MATRIX:
        if path.startswith(OWN) or (method, path) == ("GET", "incidents/"):
            continue
        answer = ask(filled, program, method, path)
        assert (answer.status_code, answer.content) == (404, absent.content), path
    listed = program.get("/api/v1/incidents/").json()
    assert [row["slug"] for row in listed] == [other.slug]
    assert program.get(f"/api/v1/incidents/{other.slug}/").status_code == 200
    assert len(client_of(lead).get("/api/v1/incidents/").json()) == 2


def pages(room: Room) -> list[tuple[str, str, dict[str, str]]]:
    """(method, address, form) of pages that ask."""
    slug = room.cast.incident.slug
    draft, sent = room.draft.request.public_id, room.sent.request.public_id
    statement = room.statement
    signing = {"position": "signed", "digest": statement.digest}
    return [
        ("GET", reverse("freeze_json", args=[slug, sent]), {}),
        ("POST", reverse("freeze_approve", args=[slug, draft]), {}),
        ("POST", reverse("statement_sign", args=[slug, statement.public_id]), signing),
        (
            "POST",
            reverse("statement_publish", args=[slug, statement.public_id]),
            {"digest": statement.digest},
        ),
    ]


@pytest.mark.parametrize(("seconds", "asks"), [(299, False), (301, True)])
def test_pages_ask_after_five_minutes(filled: Room, seconds: int, asks: bool) -> None:
    for method, url, form in pages(filled):
        client = Client()
        client.force_login(filled.cast.people["rival"])
        fresh.grow_old(client, seconds)
        answer = client.generic(method, url) if method == "GET" else client.post(url, form)
        assert answer.get("Location", "").startswith(AGAIN) is asks, url


@pytest.mark.parametrize(("seconds", "asks"), [(0, False), (299, False), (301, True)])
def test_signing_in_is_using_the_passkey(
    client: Client, enrolled: Enrolled, seconds: int, asks: bool
) -> None:
    """The way in as it is: what allauth leaves in the session says neither "again" nor more."""
    sign_in(client, enrolled[1])
    session = client.session
    (record,) = session[fresh.RECORDS]
    assert record.items() >= {"method": "mfa", "type": "webauthn", "passwordless": True}.items()
    assert "reauthenticated" not in record
    session[fresh.RECORDS] = [{**record, "at": record["at"] - seconds}]
    session.save()
    of = enrolled[0].memberships.get().organization.public_id
    form = {"email": "bob@example.org", "name": "Bob"}
    answer = client.post(reverse("member_invite", args=[of]), form)
    assert answer.get("Location", "").startswith(AGAIN) is asks
    # Of another session's owner, or of another kind, it is worth nothing.
    for wrong in ({"passwordless": False}, {"type": "totp"}, {"method": "password"}):
        session[fresh.RECORDS] = [{**record, **wrong}]
        session.save()
        answer = client.post(reverse("member_invite", args=[of]), form)
        assert answer["Location"].startswith(AGAIN)


class TestResuming:
    """An act that waits for the passkey."""

    @pytest.fixture
    def waiting(self, client: Client, enrolled: Enrolled) -> tuple[Client, SoftPasskey, str]:
        """Somebody asked for a token and was sent to the passkey."""
        sign_in(client, enrolled[1])
        form = {"name": "Export", "days": 30, "scope": "read"}
        answer = client.post("/account/tokens/", form)
        assert answer["Location"].startswith(AGAIN)
        return client, enrolled[1], answer["Location"]

    def show(self, client: Client, device: SoftPasskey, at: str, to: str) -> Any:
        credential = device.get(options_in(client.get(at).content))
        return client.post(at, {"credential": credential, "next": to})

    def made(self, client: Client) -> int:
        from incidents.models import ApiToken

        return ApiToken.objects.count()

    def test_it_is_carried_out_once(self, waiting: Any) -> None:
        client, device, at = waiting
        self.show(client, device, at, "/account/tokens/")
        assert self.made(client) == 1
        self.show(client, device, at, "/account/tokens/")
        assert self.made(client) == 1

    def test_another_page_carries_out_nothing(self, waiting: Any) -> None:
        client, device, at = waiting
        self.show(client, device, at, "/account/sessions/")
        assert self.made(client) == 0

    def test_what_was_broken_off_is_forgotten_with_the_next_look(self, waiting: Any) -> None:
        client, device, at = waiting
        assert client.get("/account/tokens/").status_code == 200
        self.show(client, device, at, "/account/tokens/")
        assert self.made(client) == 0

    def test_another_person_does_not_carry_it_out(self, waiting: Any, cast: Cast) -> None:
        client, _, _ = waiting
        client.force_login(cast.outsider)
        assert "account_reauthentication_state" not in client.session

    def test_another_device_does_not(
        self, waiting: Any, passkey: Callable[..., SoftPasskey]
    ) -> None:
        client, _, at = waiting
        assert self.show(client, passkey(), at, "/account/tokens/").status_code == 400
        assert self.made(client) == 0

    def test_an_answer_counts_once(self, waiting: Any) -> None:
        client, device, at = waiting
        credential = device.get(options_in(client.get(at).content))
        form = {"credential": credential, "next": "/account/sessions/"}
        assert client.post(at, form).status_code == 302
        client.get(at)
        assert client.post(at, form).status_code == 400

    def test_showing_the_passkey_needs_the_forms_token(self, enrolled: Enrolled) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(enrolled[0])
        assert strict.post(AGAIN, {"credential": "{}"}).status_code == 403
