"""Signing in with a token, and who may make one."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.models import ApiToken, Person
from incidents.services import tokens
from tests import fresh
from tests.api import NOTE, client_of, room
from tests.cast import Cast, person

pytestmark = pytest.mark.django_db


def with_token(secret: str) -> APIClient:
    client = APIClient()
    client.default_format = "json"
    client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return client


def make(somebody: Person) -> tuple[ApiToken, str]:
    return tokens.create(somebody, "script")


class TestUsing:
    def test_token_reads_and_writes_as_its_person(self, cast: Cast) -> None:
        token, secret = make(person(cast.analyst))
        client = with_token(secret)
        assert client.get(room(cast.incident.slug)).json()["capacity"] == "analytics"
        assert client.post(room(cast.incident.slug, "notes/"), NOTE).status_code == 201
        token.refresh_from_db()
        assert token.last_used_at is not None
        assert secret not in str(vars(token))

    @pytest.mark.parametrize("state", ["revoked", "expired", "inactive person", "unknown"])
    def test_dead_token_opens_nothing(self, cast: Cast, state: str) -> None:
        somebody = person(cast.analyst)
        token, secret = make(somebody)
        assert with_token(secret).get(room(cast.incident.slug)).status_code == 200
        now = timezone.now()
        if state == "revoked":
            tokens.revoke(somebody, token.public_id)
        elif state == "expired":
            ApiToken.objects.update(expires_at=now - timedelta(seconds=1))
        elif state == "inactive person":
            Person.objects.filter(pk=somebody.pk).update(is_active=False)
        else:
            secret = "hft_" + "x" * 43
        answer = with_token(secret).get(room(cast.incident.slug))
        assert answer.status_code == 401
        assert answer.json()["error"]["message"] == "This token is unknown, expired or revoked."
        assert answer["WWW-Authenticate"] == "Token"

    @pytest.mark.parametrize("header", ["Token", "Token a b", "Bearer abc", "Basic YTpi", "\xff"])
    def test_malformed_header_is_nobody(self, cast: Cast, header: str) -> None:
        client = APIClient()
        answer = client.get(room(cast.incident.slug), headers={"Authorization": header})
        assert answer.status_code == 401


class TestMaking:
    URL = "/api/v1/tokens/"

    def test_session_makes_lists_and_ends_its_own(self, cast: Cast) -> None:
        lead = client_of(cast.people["lead"])
        made = lead.post(self.URL, {"name": "script", "days": 7}).json()
        assert with_token(made["secret"]).get(room(cast.incident.slug)).status_code == 200
        listed = lead.get(self.URL).json()
        assert [t["id"] for t in listed] == [made["id"]]
        assert "secret" not in listed[0]
        assert client_of(cast.people["rival"]).get(self.URL).json() == []
        client_of(cast.people["rival"]).delete(f"{self.URL}{made['id']}/")
        assert len(lead.get(self.URL).json()) == 1
        assert lead.delete(f"{self.URL}{made['id']}/").status_code == 204
        assert with_token(made["secret"]).get(room(cast.incident.slug)).status_code == 401

    def test_token_makes_no_token(self, cast: Cast) -> None:
        _, secret = make(person(cast.lead))
        for answer in (
            with_token(secret).post(self.URL, {"name": "successor"}),
            with_token(secret).get(self.URL),
        ):
            assert answer.status_code == 401
        assert ApiToken.objects.count() == 1

    def test_passkey_must_have_been_used_lately(self, cast: Cast) -> None:
        lead = cast.people["lead"]
        assert client_of(lead).post(self.URL, {"name": "script"}).status_code == 201
        Authenticator.objects.create(user=lead, type=Authenticator.Type.WEBAUTHN, data={})
        client = client_of(lead)
        fresh.grow_old(client)
        answer = client.post(self.URL, {"name": "script"})
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "reauthentication_required"
        assert ApiToken.objects.count() == 1

    @pytest.mark.parametrize(
        ("body", "field"),
        [({}, "name"), ({"name": " "}, "name"), ({"name": "x", "days": 366}, "days")],
    )
    def test_bad_wish_is_refused(self, cast: Cast, body: dict[str, object], field: str) -> None:
        answer = client_of(cast.people["lead"]).post(self.URL, body)
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)

    def test_session_without_csrf_token_writes_nothing(self, cast: Cast) -> None:
        client = APIClient(enforce_csrf_checks=True)
        client.force_login(cast.people["lead"])
        answer = client.post(self.URL, {"name": "x"}, format="json")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")
        _, secret = make(cast.people["lead"])
        ours = with_token(secret).post(room(cast.incident.slug, "notes/"), NOTE)
        assert ours.status_code == 201
