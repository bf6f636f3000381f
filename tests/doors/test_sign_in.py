"""Signing in with a passkey, and that there is no other way."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver

from incidents.models import Person
from incidents.services.passkeys import handle_of
from tests.doors.authenticator import SoftPasskey
from tests.doors.flows import options_in, sign_in

pytestmark = pytest.mark.django_db
Enrolled = tuple[Person, SoftPasskey]

GONE = [
    "signup/",
    "signup/passkey/",
    "email/",
    "confirm-email/",
    "confirm-email/x/",
    "password/change/",
    "password/set/",
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/1-x/",
    "login/code/",
    "login/code/confirm/",
    "reauthenticate/",
    "2fa/",
    "2fa/authenticate/",
    "2fa/webauthn/",
    "2fa/webauthn/signup/",
    "2fa/totp/activate/",
    "2fa/recovery-codes/",
    "",
]


@pytest.mark.parametrize("path", GONE)
def test_other_ways_in_do_not_exist(client: Client, path: str) -> None:
    assert client.get(f"/accounts/{path}").status_code == 404
    assert client.post(f"/accounts/{path}").status_code == 404


def test_every_account_route_is_one_we_chose() -> None:
    found = [p for p in get_resolver().url_patterns if str(p.pattern) == "accounts/"]
    assert len(found) == 1
    assert isinstance(found[0], URLResolver)
    names = {p.name for p in found[0].url_patterns if isinstance(p, URLPattern)}
    assert names == {
        "account_login",
        "account_logout",
        "account_inactive",
        "mfa_login_webauthn",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_reauthenticate_webauthn",
        "mfa_edit_webauthn",
        "mfa_remove_webauthn",
    }


def test_sessions_begin_in_two_places_only() -> None:
    """A passkey just registered, and the doors of a drill; the rest is allauth's passkey view."""
    begins = re.compile(r"\b(login|alogin|perform_login|resume_login|force_login)\(")
    root = Path(settings.BASE_DIR)
    found = {
        str(source.relative_to(root))
        for package in ("config", "incidents", "tracing")
        for source in (root / package).rglob("*.py")
        if begins.search(source.read_text())
    }
    assert found == {"incidents/views/enrolment.py", "incidents/views/drill.py"}


def test_the_page_offers_one_button_and_no_field(client: Client) -> None:
    page = client.get("/accounts/login/?next=/incidents/x/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert main.count("<button") == 1
    assert "Sign in with a passkey" in main
    assert 'type="password"' not in main
    assert 'value="/incidents/x/"' in main
    assert client.post("/accounts/login/", {"login": "a@b.c", "password": "x"}).status_code == 405


def test_next_never_leads_elsewhere(client: Client, enrolled: Enrolled) -> None:
    assert b"evil" not in client.get("/accounts/login/?next=https://evil.example/").content
    answer = sign_in(client, enrolled[1], next="https://evil.example/")
    assert answer["Location"] == "/"


def test_a_passkey_signs_in_with_a_new_session(client: Client, enrolled: Enrolled) -> None:
    person, device = enrolled
    client.get("/accounts/login/passkey/", headers={"Accept": "application/json"})
    before = client.session.session_key
    answer = sign_in(client, device, next="/accounts/passkeys/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/passkeys/")
    assert client.session["_auth_user_id"] == str(person.pk)
    assert client.session.session_key != before


def test_another_passkey_does_not(
    client: Client, enrolled: Enrolled, passkey: Callable[..., SoftPasskey]
) -> None:
    stranger = passkey()
    stranger.user_handle = enrolled[1].user_handle
    assert sign_in(client, stranger)["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in client.session
    assert b"not known here" in client.get("/accounts/login/").content


def test_an_unverified_owner_does_not(client: Client, enrolled: Enrolled) -> None:
    enrolled[1].verifies = False
    sign_in(client, enrolled[1])
    assert "_auth_user_id" not in client.session


def test_another_origin_does_not(client: Client, enrolled: Enrolled) -> None:
    enrolled[1].origin = "https://holdfast.evil.example"
    sign_in(client, enrolled[1])
    assert "_auth_user_id" not in client.session


def test_an_old_answer_does_not(client: Client, enrolled: Enrolled) -> None:
    accept = {"Accept": "application/json"}
    options = client.get("/accounts/login/passkey/", headers=accept).json()["request_options"]
    credential = enrolled[1].get(options)
    assert client.post("/accounts/login/passkey/", {"credential": credential}).status_code == 302
    client.post("/accounts/logout/")
    client.post("/accounts/login/passkey/", {"credential": credential})
    assert "_auth_user_id" not in client.session


def test_a_closed_account_does_not(client: Client, enrolled: Enrolled) -> None:
    Person.objects.update(is_active=False)
    assert sign_in(client, enrolled[1])["Location"] == "/accounts/inactive/"
    assert "_auth_user_id" not in client.session
    assert client.get("/accounts/inactive/").status_code == 200


@override_settings(RATELIMIT_ENABLE=True)
def test_a_flood_of_answers_is_slowed(client: Client, enrolled: Enrolled) -> None:
    for _ in range(60):
        assert client.post("/accounts/login/passkey/", {"credential": "{}"}).status_code == 302
    answer = client.post("/accounts/login/passkey/", {"credential": "{}"})
    assert answer.status_code == 429
    assert b"Too many tries" in answer.content


def test_no_password_ever_fits(enrolled: Enrolled) -> None:
    for password in ("", "x", None):
        credentials: dict[str, Any] = {"email": enrolled[0].email, "password": password}
        assert authenticate(None, **credentials) is None


def test_signing_out_takes_a_post(client: Client, enrolled: Enrolled) -> None:
    sign_in(client, enrolled[1])
    assert client.get("/accounts/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    answer = client.post("/accounts/logout/")
    assert answer["Clear-Site-Data"] == '"storage"'
    assert "_auth_user_id" not in client.session


def test_signing_out_needs_the_token(enrolled: Enrolled) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(enrolled[0])
    assert strict.post("/accounts/logout/").status_code == 403
    assert "_auth_user_id" in strict.session


class TestOwnPasskeys:
    """Adding, renaming and removing, after showing the passkey once more."""

    @pytest.fixture(autouse=True)
    def signed_in(self, client: Client, enrolled: Enrolled) -> None:
        sign_in(client, enrolled[1])

    def again(self, client: Client, device: SoftPasskey, url: str) -> Any:
        answer = client.get(url)
        assert answer["Location"].startswith("/accounts/passkeys/again/")
        page = client.get(answer["Location"])
        credential = device.get(options_in(page.content))
        return client.post(answer["Location"], {"credential": credential, "next": url})

    def test_another_passkey_needs_a_first(
        self, client: Client, enrolled: Enrolled, passkey: Callable[..., SoftPasskey]
    ) -> None:
        assert self.again(client, enrolled[1], "/accounts/passkeys/add/").status_code == 302
        page = client.get("/accounts/passkeys/add/")
        asked = options_in(page.content)["publicKey"]["authenticatorSelection"]
        assert (asked["residentKey"], asked["userVerification"]) == ("required", "required")
        second = passkey()
        credential = second.create(options_in(page.content))
        form = {"credential": credential, "name": "<b>Key</b>"}
        assert client.post("/accounts/passkeys/add/", form).status_code == 302
        listed = client.get("/accounts/passkeys/").content
        assert b"<b>Key</b>" not in listed
        client.post("/accounts/logout/")
        sign_in(client, second)
        assert "_auth_user_id" in client.session

    def test_a_wrong_device_stays_outside(
        self, client: Client, passkey: Callable[..., SoftPasskey]
    ) -> None:
        url = "/accounts/passkeys/add/"
        assert self.again(client, passkey(), url).status_code == 400
        assert client.get(url).status_code == 302

    def test_two_stay(self, client: Client, enrolled: Enrolled) -> None:
        handle = handle_of(enrolled[0].authenticator_set.order_by("pk")[0])
        url = f"/accounts/passkeys/{handle}/remove/"
        self.again(client, enrolled[1], url)
        assert client.get(url).status_code == 200
        answer = client.post(url, follow=True)
        assert b"You need two passkeys" in answer.content
        assert enrolled[0].authenticator_set.count() == 2

    def test_one_of_three_can_go(
        self, client: Client, enrolled: Enrolled, passkey: Callable[..., SoftPasskey]
    ) -> None:
        self.again(client, enrolled[1], "/accounts/passkeys/add/")
        options = options_in(client.get("/accounts/passkeys/add/").content)
        client.post("/accounts/passkeys/add/", {"credential": passkey().create(options)})
        first, second, third = enrolled[0].authenticator_set.order_by("pk")
        assert client.post(f"/accounts/passkeys/{handle_of(second)}/remove/").status_code == 302
        assert list(enrolled[0].authenticator_set.order_by("pk")) == [first, third]

    def test_nobody_touches_another_persons(self, client: Client, enrolled: Enrolled) -> None:
        other = Person.objects.create_user("eve@example.org", "Eve")
        strange = Client()
        strange.force_login(other)
        theirs = enrolled[0].authenticator_set.order_by("pk")[0]
        for act in ("rename", "remove"):
            for name in (handle_of(theirs), str(theirs.pk)):
                assert strange.get(f"/accounts/passkeys/{name}/{act}/").status_code == 404

    def test_a_passkey_is_named_by_no_number(self, client: Client, enrolled: Enrolled) -> None:
        own = enrolled[0].authenticator_set.order_by("pk")[0]
        self.again(client, enrolled[1], f"/accounts/passkeys/{handle_of(own)}/rename/")
        listed = client.get("/accounts/passkeys/").content.decode()
        assert f"/accounts/passkeys/{handle_of(own)}/rename/" in listed
        assert not re.search(r"/accounts/passkeys/[0-9]{1,9}/", listed)
        done = client.post(f"/accounts/passkeys/{handle_of(own)}/rename/", {"name": "Key"})
        assert done.status_code == 302
        own.refresh_from_db()
        assert own.wrap().name == "Key"
        assert client.get(f"/accounts/passkeys/{own.pk}/rename/").status_code == 404


@override_settings(SITE_URL="https://holdfast.example", ALLOWED_HOSTS=["*"])
def test_the_host_header_does_not_choose_whose_passkeys_count(client: Client) -> None:
    answer = client.get(
        "/accounts/login/passkey/", headers={"Accept": "application/json", "Host": "evil.example"}
    )
    assert answer.json()["request_options"]["publicKey"]["rpId"] == "holdfast.example"
