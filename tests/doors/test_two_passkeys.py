"""One passkey opens the page that adds the second, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver

from incidents.models import Person
from incidents.services import enrolment, passkeys, sessions
from tests.doors.authenticator import SoftPasskey
from tests.doors.flows import SECOND, path_of, register, sign_in

pytestmark = pytest.mark.django_db
Device = Callable[..., SoftPasskey]
OPEN = {"account_login", "account_logout", "mfa_add_webauthn", "mfa_reauthenticate_webauthn"}


@pytest.fixture
def with_one(client: Client, passkey: Device) -> Any:
    """Somebody who has just registered the first passkey; with the device."""
    made = enrolment.enroll_administrator("bo@example.org", name="Bo", organization_name="Layer")
    device = passkey()
    client.post(path_of(made.link))
    assert register(client, device).status_code == 302
    return made.person, device


def names(patterns: list[URLPattern | URLResolver]) -> set[str]:
    """Names of addresses without parts that vary."""
    found: set[str] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found |= names(pattern.url_patterns)
        elif pattern.name and "<" not in str(pattern.pattern):
            found.add(pattern.name)
    return found


def test_with_one_nothing_else_opens(client: Client, with_one: Any) -> None:
    from django.urls import NoReverseMatch, reverse

    asked = 0
    for name in names(get_resolver().url_patterns) - OPEN:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        for answer in (client.get(url), client.post(url)):
            asked += 1
            if url.startswith("/api/"):
                assert answer.status_code == 403, url
                assert answer.json()["error"]["code"] == "second_passkey_required"
            else:
                assert answer.status_code == 302, url
                assert answer["Location"].startswith(SECOND), url
    assert asked > 20


def test_the_api_says_so_in_a_code_of_its_own(client: Client, with_one: Any) -> None:
    for url in ("/api/v1/incidents/", "/api/v1/tokens/"):
        for answer in (client.get(url), client.post(url, "{}", "application/json")):
            assert answer.status_code == 403
            assert answer.json()["error"]["code"] == "second_passkey_required"


def test_the_second_opens_what_was_asked_for(
    client: Client, with_one: Any, passkey: Device
) -> None:
    held = client.get("/incidents/new/")["Location"]
    assert held == f"{SECOND}?next=/incidents/new/"
    page = client.get(held).content
    assert b"Now a second passkey" in page
    assert register(client, passkey(), held)["Location"] == "/incidents/new/"
    assert client.get("/incidents/new/").status_code == 200
    assert passkeys.count(with_one[0]) == 2


def test_the_same_device_is_not_asked_again(client: Client, with_one: Any) -> None:
    from tests.doors.flows import options_in

    options = options_in(client.get(SECOND).content)["publicKey"]
    assert len(options["excludeCredentials"]) == 1


def test_who_came_back_with_one_is_held_up_again(client: Client, with_one: Any) -> None:
    client.post("/accounts/logout/")
    sign_in(client, with_one[1])
    assert client.get("/")["Location"].startswith(SECOND)


def test_a_socket_asks_the_same(client: Client, with_one: Any, passkey: Device) -> None:
    person = Person.objects.get(pk=with_one[0].pk)
    assert not sessions.may_enter(client.session, person)
    register(client, passkey(), SECOND)
    assert sessions.may_enter(client.session, person)


def test_people_of_a_drill_have_none(client: Client) -> None:
    client.force_login(Person.objects.create_user("eve@example.org", "Eve"))
    session = client.session
    session.pop(sessions.ENOUGH)
    session.save()
    assert client.get("/")["Location"].startswith(SECOND)
    with override_settings(DRILL=True):
        assert client.get("/").status_code == 200
