"""How long a session holds, where one is signed in, and ending it."""

import time
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client, override_settings
from django.utils import timezone

from incidents.models import Incident, Person
from incidents.services import sessions
from tests.api import client_of
from tests.cast import Cast, person
from tests.doors.authenticator import SoftPasskey
from tests.doors.flows import sign_in

pytestmark = pytest.mark.django_db
Enrolled = tuple[Person, SoftPasskey]
PAGE = "/account/sessions/"


def go_back(client: Client, *, seconds: float) -> None:
    """As if everything in this session had happened so long before."""
    session = client.session
    for name in (sessions.BEGAN, sessions.SEEN):
        session[name] -= seconds
    session.save()


def is_in(client: Client) -> bool:
    return bool(client.get("/").status_code == 200)


@pytest.fixture
def inside(client: Client, enrolled: Enrolled) -> Client:
    sign_in(client, enrolled[1])
    assert is_in(client)
    return client


def test_a_session_ends_half_an_hour_after_the_last_request(inside: Client) -> None:
    row = Session.objects.get(pk=inside.session.session_key)
    left = (row.expire_date - timezone.now()).total_seconds()
    assert 29 * 60 < left <= 30 * 60
    assert sessions.living([row.pk]) == {row.pk}
    Session.objects.update(expire_date=timezone.now())
    assert sessions.living([row.pk]) == set()
    assert not is_in(inside)


def test_use_moves_the_end_once_a_minute(inside: Client) -> None:
    go_back(inside, seconds=59)
    before = Session.objects.get(pk=inside.session.session_key)
    assert is_in(inside)
    same = Session.objects.get(pk=before.pk)
    assert (same.expire_date, same.session_data) == (before.expire_date, before.session_data)
    go_back(inside, seconds=1)
    assert is_in(inside)
    assert Session.objects.get(pk=before.pk).session_data != before.session_data


@pytest.mark.parametrize(("hours", "holds"), [(11.9, True), (12.0, False)])
def test_twelve_hours_are_the_end_however_much_it_is_used(
    inside: Client, hours: float, holds: bool
) -> None:
    go_back(inside, seconds=hours * 3600)
    assert is_in(inside) is holds
    assert is_in(inside) is holds
    if holds:
        row = Session.objects.get(pk=inside.session.session_key)
        assert (row.expire_date - timezone.now()).total_seconds() <= 0.1 * 3600 + 1


def test_the_list_shows_every_device_and_which_is_this(inside: Client, enrolled: Enrolled) -> None:
    other = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"})
    sign_in(other, enrolled[1])
    assert is_in(other)
    page = inside.get(PAGE).content.decode()
    assert "Firefox on Linux" in page
    assert page.count("This one") == 1
    for row in UserSession.objects.all():
        assert row.session_key not in page


def test_an_ended_session_is_over(inside: Client, enrolled: Enrolled) -> None:
    other = Client()
    sign_in(other, enrolled[1])
    assert is_in(other)
    handle = sessions.handle_of(other.session.session_key or "")
    assert inside.post(f"{PAGE}{handle}/end/").status_code == 302
    assert not is_in(other)
    assert is_in(inside)
    assert inside.post(f"{PAGE}{handle}/end/").status_code == 404


def test_all_others_end_and_this_one_stays(inside: Client, enrolled: Enrolled) -> None:
    others = [Client(), Client()]
    for other in others:
        sign_in(other, enrolled[1])
        assert is_in(other)
    assert inside.post(f"{PAGE}end/").status_code == 302
    assert [is_in(other) for other in others] == [False, False]
    assert is_in(inside)


def test_nobody_ends_anothers(inside: Client, cast: Cast) -> None:
    strange = Client()
    strange.force_login(cast.outsider)
    handle = sessions.handle_of(inside.session.session_key or "")
    assert strange.post(f"{PAGE}{handle}/end/").status_code == 404
    assert is_in(inside)


def test_a_request_under_way_does_not_bring_an_ended_session_back(inside: Client) -> None:
    from django.contrib.sessions.backends.base import UpdateError
    from django.contrib.sessions.backends.db import SessionStore

    store = SessionStore(inside.session.session_key)
    store["something"] = 1
    sessions.end_all(Person.objects.get())
    with pytest.raises(UpdateError):
        store.save()
    assert not is_in(inside)


def test_the_rooms_of_the_person_hear_of_it(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.people["lead"])
    go_back(client, seconds=60)
    assert is_in(client)
    before = Incident.objects.get().epoch
    assert sessions.end_all(cast.people["lead"]) == 1
    assert Incident.objects.get().epoch > before


def test_a_sign_in_elsewhere_is_told_until_it_was_looked_at(
    inside: Client, enrolled: Enrolled
) -> None:
    words = b"You signed in on another device"
    other = Client()
    sign_in(other, enrolled[1])
    assert words not in other.get("/").content
    assert words in inside.get("/").content
    assert words in inside.get("/").content
    inside.get(PAGE)
    assert words not in inside.get("/").content


def test_telling_does_not_move_the_end(inside: Client, enrolled: Enrolled) -> None:
    row = Session.objects.get(pk=inside.session.session_key)
    sign_in(Client(), enrolled[1])
    assert Session.objects.get(pk=row.pk).expire_date == row.expire_date


def test_a_drill_session_without_a_browser_lasts_as_long_as_any(cast: Cast) -> None:
    with override_settings(DRILL=True):
        cookie = sessions.cookie_for(cast.people["lead"])
    row = Session.objects.get(pk=cookie.partition("=")[2])
    left = (row.expire_date - timezone.now()).total_seconds()
    assert settings.SESSION_ABSOLUTE_SECONDS - 60 < left <= settings.SESSION_ABSOLUTE_SECONDS


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; like Mac OS X) Version/18 Safari/604.1", "Safari on iPhone"),
        ("curl/8", "curl/8"),
        ("", "unknown device"),
    ],
)
def test_a_device_is_named_shortly(agent: str, shown: str) -> None:
    assert sessions.device(agent) == shown


def test_the_cookies_of_production() -> None:
    """Read in a process of its own: the names are chosen when settings are loaded."""
    import json
    import os
    import subprocess
    import sys

    names = [
        f"{noun}_COOKIE_{what}"
        for noun in ("SESSION", "CSRF")
        for what in ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "DOMAIN", "PATH")
    ]
    code = f"import json; from config import settings as s; print(json.dumps([getattr(s, n, None) for n in {names!r}]))"  # noqa: E501
    env = os.environ | {
        "HOLDFAST_PRODUCTION": "1",
        "HOLDFAST_SIGNING_KEY": "of this test",
        "HOLDFAST_SECRET_KEY": "x" * 64,
        "HOLDFAST_SITE_URL": "https://holdfast.example",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = dict(zip(names, json.loads(done.stdout), strict=True))
    for noun, same_site in (("SESSION", "Lax"), ("CSRF", "Strict")):
        # What __Host- demands: Secure, no Domain, Path=/ (both are Django's defaults).
        assert str(found[f"{noun}_COOKIE_NAME"]).startswith("__Host-")
        assert found[f"{noun}_COOKIE_SECURE"] is found[f"{noun}_COOKIE_HTTPONLY"] is True
        assert found[f"{noun}_COOKIE_SAMESITE"] == same_site
        assert found[f"{noun}_COOKIE_DOMAIN"] is None
        assert found[f"{noun}_COOKIE_PATH"] in (None, "/")


def test_who_is_signed_in_is_who_the_session_says(inside: Client, enrolled: Enrolled) -> None:
    assert inside.session[SESSION_KEY] == str(enrolled[0].pk)
    assert time.time() - inside.session[sessions.BEGAN] < 60


def test_the_api_ends_sessions_of_somebody_with_a_seat(cast: Cast) -> None:
    """From a request, which begins as nobody: the rooms of the person are reached all the same."""
    here, there, third = (client_of(person(cast.lead)) for _ in range(3))
    for client in (here, there, third):
        session = client.session
        session[sessions.SEEN] = 0  # so that it is noted
        session.save()
        assert client.get("/api/v1/sessions/").status_code == 200
    listed = here.get("/api/v1/sessions/").json()
    assert [row["is_this_one"] for row in listed].count(True) == 1
    handle = sessions.handle_of(there.session.session_key or "")
    before = Incident.objects.get().epoch
    assert here.delete(f"/api/v1/sessions/{handle}/").status_code == 204
    assert there.get("/api/v1/sessions/").status_code in (401, 403)
    assert Incident.objects.get().epoch == before + 1
    assert here.delete("/api/v1/sessions/").status_code == 204
    assert third.get("/api/v1/sessions/").status_code in (401, 403)
    assert here.get("/api/v1/sessions/").status_code == 200
