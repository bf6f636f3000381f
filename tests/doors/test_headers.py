"""Headers on every kind of answer, and what the log says of a refused link."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.test import Client

from incidents.services import enrolment
from tests import factories

pytestmark = pytest.mark.django_db

ANSWERS = [
    ("/accounts/login/", 200),
    ("/static/css/base.css", 200),
    ("/static/no-such.js", 404),
    ("/no-such-page/", 404),
    ("/api/v1/incidents/", 401),
    ("/api/no-such/", 404),
    ("/", 302),
]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the configured handler writes."""
    (handler,) = [h for h in logging.getLogger().handlers if h.get_name() == "stderr"]
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


@pytest.mark.parametrize(("path", "status"), ANSWERS)
def test_every_answer_carries_the_headers(client: Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Permissions-Policy"]
    assert (answer.get("Cache-Control") == "no-store") != path.startswith("/static/")


def test_refused_host_and_missing_csrf_token_carry_them_too(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    for answer, status in (
        (client.get("/accounts/login/", headers={"host": "evil.example"}), 400),
        (strict.post("/accounts/logout/"), 403),
    ):
        assert answer.status_code == status
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert answer["Cache-Control"] == "no-store"


def test_log_of_a_refused_link_does_not_hold_the_link(log: io.StringIO) -> None:
    person = factories.person(factories.organization("Kelp"), "lead")
    _, token = enrolment.issue(person)
    assert Client(enforce_csrf_checks=True).post(f"/enrol/{token}/").status_code == 403
    assert Client().post(f"/join/{token}/", {"code": "x", "name": "x"}).status_code == 400
    assert Client().get("/no-such-page/").status_code == 404
    assert token not in log.getvalue()
    assert "/enrol/…" in log.getvalue()
    assert "/join/…" in log.getvalue()
    assert "/no-such-page/" in log.getvalue()
    assert Client().post(f"/enrol/{token}/").status_code == 302
