"""Nothing of a room outlives the right to it: no cache, no stream, no token of its own right."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from incidents.models import Membership, Participation
from incidents.services import revocation, tokens
from tests.api import client_of, room
from tests.cast import Cast, organization, person

ROOT = Path(__file__).resolve().parents[2]
# Whatever keeps an answer, or gives it out in parts long after permission was asked.
KEEPERS = ("cache_page", "from django.core.cache", "StreamingHttpResponse(", "FileResponse(")


def code() -> list[Path]:
    return [p for name in ("incidents", "tracing", "config") for p in (ROOT / name).rglob("*.py")]


def test_no_answer_is_cached_or_streamed() -> None:
    """What is shared is shared within one round of the hub, under the audience key, and in no
    other place. Every file and page is worked out in the request that asked for it."""
    found = {p.name: word for p in code() for word in KEEPERS if word in p.read_text("utf-8")}
    assert found == {}
    assert [m for m in settings.MIDDLEWARE if "cache" in m.lower()] == []
    # Per process, for the counters of limits only: those are numbers.
    assert [c["BACKEND"].rsplit(".", 1)[1] for c in settings.CACHES.values()] == ["LocMemCache"]


def test_no_template_keeps_a_fragment() -> None:
    pages = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]
    assert len(pages) > 50
    assert [p.name for p in pages if "{% cache" in p.read_text("utf-8")] == []
    assert [p.name for p in pages if "load cache" in p.read_text("utf-8")] == []


def remove(cast: Cast) -> None:
    own = Participation.objects.filter(organization=organization(cast.rival))
    own.update(removed_at=timezone.now())
    revocation.reaches(organization=organization(cast.rival))


def end(cast: Cast) -> None:
    Membership.objects.filter(person=person(cast.rival)).update(ended_at=timezone.now())
    revocation.reaches(person=person(cast.rival))


@pytest.mark.parametrize("lose", [remove, end], ids=lambda lose: lose.__name__)
def test_pages_are_stored_nowhere_and_end_with_the_right(
    cast: Cast, lose: Callable[[Cast], None]
) -> None:
    client = client_of(person(cast.rival))
    page = f"/incidents/{cast.incident.slug}/"
    for path in (page, room(cast.incident.slug), room(cast.incident.slug, "timeline/")):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Cache-Control"] == "no-store", path
        assert "ETag" not in answer.headers
    lose(cast)
    for path in (page, room(cast.incident.slug), room(cast.incident.slug, "timeline/")):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert answer.headers["Cache-Control"] == "no-store", path


@pytest.mark.parametrize("lose", [remove, end], ids=lambda lose: lose.__name__)
def test_a_token_reaches_what_its_person_reaches_at_that_moment(
    cast: Cast, lose: Callable[[Cast], None]
) -> None:
    _, secret = tokens.create(person(cast.rival), name="bot")
    _, other = tokens.create(person(cast.analyst), name="bot")
    client = client_of(None)

    def ask(token: str) -> int:
        headers = {"Authorization": f"Token {token}"}
        return int(client.get(room(cast.incident.slug), headers=headers).status_code)

    assert (ask(secret), ask(other)) == (200, 200)
    lose(cast)
    assert (ask(secret), ask(other)) == (404, 200)
