"""How often somebody may ask, write and knock, whatever verb or header they use."""

from typing import Any

import pytest
from django.test import Client, override_settings

from incidents.exceptions import TooMany
from incidents.models import Person
from incidents.services import limits, tokens
from tests.api import client_of
from tests.cast import Cast

pytestmark = pytest.mark.django_db
FEW = override_settings(
    RATELIMIT_ENABLE=True, LIMITS={"read": 5, "write": 5, "door": 3, "socket": 3}
)
VERBS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"]
KINDS = ["application/json", "text/html", "application/x-www-form-urlencoded", "text/plain"]
SPOOFED = [
    {},
    {"X-Forwarded-For": "203.0.113.{n}"},
    {"X_Forwarded_For": "203.0.113.{n}"},
    {"X-Real-IP": "203.0.113.{n}", "Forwarded": "for=203.0.113.{n}"},
    {"X-HTTP-Method-Override": "GET", "User-Agent": "{n}"},
]


def knock(client: Client, verb: str, kind: str, spoofed: dict[str, str], n: int, path: str) -> Any:
    headers = {name: value.format(n=n) for name, value in spoofed.items()}
    return client.generic(verb, path, b"{}", content_type=kind, headers={**headers, "Accept": kind})


@FEW
@pytest.mark.parametrize("spoofed", SPOOFED, ids=str)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_content_or_header_gets_around_it(
    client: Client, verb: str, kind: str, spoofed: dict[str, str]
) -> None:
    for path in ("/api/v1/incidents/", "/accounts/login/passkey/", "/no/such/page/"):
        statuses = [knock(client, verb, kind, spoofed, n, path).status_code for n in range(6)]
    assert statuses == [429] * 6  # the two paths before used up what the third would have had


@FEW
def test_the_answer_says_when_in_the_shape_of_where(client: Client) -> None:
    for path in ("/api/v1/incidents/", "/accounts/login/"):
        for _ in range(6):
            answer = client.get(path)
        assert answer.status_code == 429
        assert 1 <= int(answer["Retry-After"]) <= 60
        assert "Content-Security-Policy" in answer
        if path.startswith("/api/"):
            assert answer.json()["error"]["code"] == "too_many_requests"
        else:
            assert b"Too many tries" in answer.content


@FEW
def test_reads_writes_and_doors_are_counted_apart(client: Client, cast: Cast) -> None:
    client.force_login(cast.people["lead"])
    assert [client.get("/").status_code for _ in range(6)] == [200] * 5 + [429]
    assert [client.post("/no/").status_code for _ in range(6)] == [404] * 5 + [429]


@FEW
def test_who_is_signed_in_is_not_locked_out_by_others(client: Client, cast: Cast) -> None:
    for _ in range(20):
        client.get("/accounts/login/")
        client.post("/accounts/login/passkey/", {"credential": "{}"})
    inside = client_of(cast.people["lead"])
    assert inside.get("/api/v1/incidents/").status_code == 200
    _, secret = tokens.create(cast.people["rival"], "script")
    program = Client(headers={"Authorization": f"Token {secret}"})
    assert program.get("/api/v1/incidents/").status_code == 200


@override_settings(RATELIMIT_ENABLE=True, LIMITS={"read": 99, "write": 99, "door": 3, "socket": 3})
def test_a_door_is_shut_for_one_account_at_one_address(client: Client) -> None:
    def tried(credential: str, address: str = "127.0.0.1") -> int:
        return int(
            client.post(
                "/accounts/login/passkey/", {"credential": credential}, REMOTE_ADDR=address
            ).status_code
        )

    assert [tried("a") for _ in range(4)] == [302, 302, 302, 429]
    assert tried("b") == 302
    assert tried("a", "127.0.0.2") == 302
    links = [client.post("/enrol/unknown/").status_code for _ in range(4)]
    assert links == [400, 400, 400, 429]
    assert client.post("/enrol/another/").status_code == 400


@FEW
def test_wrong_tokens_are_counted_by_address_and_right_ones_are_not_held_up(cast: Cast) -> None:
    def ask(secret: str) -> int:
        client = Client(headers={"Authorization": f"Token {secret}"})
        return int(client.get("/api/v1/incidents/").status_code)

    assert [ask(f"hft_{n}") for n in range(5)] == [401, 401, 401, 429, 429]
    _, secret = tokens.create(cast.people["lead"], "script")
    assert [ask(secret) for _ in range(6)] == [200] * 5 + [429]


@FEW
def test_two_tokens_of_a_person_count_as_one(cast: Cast) -> None:
    secrets = [tokens.create(cast.people["lead"], "script")[1] for _ in range(2)]
    statuses = [
        Client(headers={"Authorization": f"Token {secrets[n % 2]}"})
        .get("/api/v1/incidents/")
        .status_code
        for n in range(6)
    ]
    assert statuses == [200] * 5 + [429]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "198.51.100.1", "10.0.0.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.9, 198.51.100.1, 10.0.0.9", "198.51.100.1"),
        (2, "198.51.100.1", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "nonsense", "0.0.0.0"),  # noqa: S104
        (1, "2001:DB8::1", "2001:db8::1"),
    ],
)
def test_only_our_own_proxies_are_believed(proxies: int, forwarded: str, expected: str) -> None:
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=proxies):
        assert limits.client_address("10.0.0.1", forwarded) == expected


def test_an_underscore_is_no_hyphen() -> None:
    """Django must drop X_Forwarded_For: to META both names are one."""
    from asgiref.testing import ApplicationCommunicator  # noqa: F401 - the ASGI stack is there
    from django.core.handlers.asgi import ASGIRequest

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [(b"x_forwarded_for", b"203.0.113.9")],
        "client": ("10.0.0.1", 1),
    }
    assert "HTTP_X_FORWARDED_FOR" not in ASGIRequest(scope, None).META


@FEW
def test_a_socket_cannot_be_opened_all_the_time() -> None:
    person = Person(pk=7)
    for _ in range(3):
        limits.count("socket", f"person:{person.pk}")
    with pytest.raises(TooMany):
        limits.count("socket", f"person:{person.pk}")


def test_people_do_not_reach_the_usual_limits() -> None:
    from django.conf import settings

    assert settings.LIMITS == {"read": 1200, "write": 300, "door": 60, "socket": 240}
