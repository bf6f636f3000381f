"""Every address of the site, asked by nobody: none makes somebody of them without a passkey."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.cast import Cast

pytestmark = pytest.mark.django_db
ANY = "7f0c9d5e-1111-4222-8333-444455556666"
SAMPLES = {"uuid": ANY, "int": "1", "slug": "kelp-theft", "str": "x", "path": "x"}


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Every route, with something for each part that varies."""
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, path)
        else:
            yield re.sub(r"<(?:(\w+):)?\w+>", lambda part: SAMPLES[part[1] or "str"], path)


def test_no_address_makes_somebody_of_nobody(cast: Cast) -> None:
    email = cast.people["lead"].email
    form = {"login": email, "email": email, "password": "x", "code": "AAAA-AAAA", "name": "Eve"}
    form |= {"person": str(cast.people["lead"].public_id), "incident": cast.incident.slug}
    form |= {"credential": '{"id": "x", "rawId": "x", "response": {}, "type": "public-key"}'}
    asked = 0
    for path in addresses(get_resolver().url_patterns):
        client = Client(raise_request_exception=False)
        client.get(path)
        client.post(path, form)
        client.post(path, form, content_type="application/json")
        assert SESSION_KEY not in client.session, path
        asked += 1
    assert asked > 100


def test_there_is_no_django_admin() -> None:
    assert not apps.is_installed("django.contrib.admin")
    root = Path(settings.BASE_DIR)
    for package in ("config", "incidents", "tracing"):
        for source in (root / package).rglob("*.py"):
            text = source.read_text()
            assert not re.search(r"^(from|import) django\.contrib\.admin", text, re.M), source
