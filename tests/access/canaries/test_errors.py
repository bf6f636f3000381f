"""Error pages tell nobody anything: bad input, wrong methods, too much, and our own faults."""

from __future__ import annotations

import logging
from unittest import mock

import pytest
from django.conf import settings

from tests.access.canaries import rules
from tests.access.canaries.crawl import (
    Leak,
    client_of,
    leaks,
    one_per_template,
    reader,
)
from tests.access.canaries.full import Full
from tests.access.canaries.tokens import Viewer

ROLES = ("rival", "exchange", "invited", "anonymous")
NOBODY = Viewer("the log", None)
BAD: dict[str, dict[str, object]] = {
    "post": {"data": "{", "content_type": "application/json"},
    "put": {"data": '{"id": [null]}', "content_type": "application/json"},
    "delete": {},
    "options": {},
}


@pytest.mark.parametrize("role", ROLES)
def test_error_pages_tell_nothing(full: Full, role: str) -> None:
    viewer, found, statuses = full.viewer(role), set[Leak](), set[int]()
    client = client_of(viewer)
    everything = {url for surfer in full.surfed.values() for url in surfer.answers}
    for url in one_per_template(everything):
        for method, how in BAD.items():
            answer = reader(client, method, **how)(url)
            statuses.add(answer.status)
            found |= leaks(full.aviary, viewer, "error pages", f"{method} {url}", answer.body)
    assert sorted(map(str, found)) == []
    assert 405 in statuses
    assert not {status for status in statuses if status >= 500}


def test_too_much_input_is_refused_without_an_echo(full: Full) -> None:
    viewer = full.viewer("analyst")
    slug = full.room.incident.slug
    for url in (f"/api/v1/incidents/{slug}/notes/", f"/incidents/{slug}/notes/"):
        ask = reader(client_of(viewer), "post", data={"text": "x" * 3_000_000})
        answer = ask(url)
        assert 400 <= answer.status < 500
        assert leaks(full.aviary, viewer, "error pages", url, answer.body) == set()


def test_our_own_fault_shows_no_local_variable(full: Full) -> None:
    secret = full.aviary.mint("a local variable", rules.nobody)
    full.logged.clear()

    def fault(*_: object, **__: object) -> object:
        beside = secret
        raise RuntimeError(f"broken by {len(beside)} characters")

    assert settings.DEBUG is False
    viewer = full.viewer("lead")
    with mock.patch("incidents.views.room.timeline_page", fault):
        answer = reader(client_of(viewer))(f"/incidents/{full.room.incident.slug}/")
    assert answer.status == 500
    assert leaks(full.aviary, viewer, "error pages", answer.url, answer.body) == set()
    logged = "".join(full.logged)
    assert "broken by 38 characters" in logged
    assert leaks(full.aviary, NOBODY, "logs", "", logged.encode()) == set()


def test_nothing_that_was_done_or_read_is_in_the_log(full: Full) -> None:
    assert full.surfed
    assert leaks(full.aviary, NOBODY, "logs", "", "".join(full.everything_logged).encode()) == set()


def test_text_in_the_log_would_be_found(full: Full) -> None:
    text = full.aviary.mint("logged on purpose", rules.nobody)
    logging.getLogger("incidents.services").debug("looked at %s", text)
    found = leaks(full.aviary, NOBODY, "logs", "", "".join(full.logged).encode())
    assert {leak.place for leak in found} == {"logged on purpose"}
    full.logged.clear()
