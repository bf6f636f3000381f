"""Sessions: how long they hold, which of them a person has, how they end.

A session ends after 30 minutes in which nothing was asked and 12 hours after sign-in, whichever
comes first: that moment is the row's ``expire_date``, so that pages, the API and sockets agree.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from incidents.exceptions import NotFound
from incidents.models import Person
from incidents.services import revocation
from incidents.services.passkeys import has_enough

# What a session says of itself. Seconds since the epoch.
BEGAN, SEEN = "began_at", "seen_at"
ENOUGH = "enough_passkeys"
ELSEWHERE = "signed_in_elsewhere"  # somebody signed in as this person on another device
RENEW_SECONDS = 60  # a session is written at most this often only because it is used


@dataclass(frozen=True)
class OwnSession:
    """One of a person's sessions. ``handle`` names it on pages; it opens nothing."""

    handle: str
    device: str
    address: str
    began_at: datetime
    seen_at: datetime
    is_this_one: bool


def is_due(session: SessionBase) -> bool:
    """Whether `renew` has something to do: at the first request, then once a minute."""
    return time.time() - float(session.get(SEEN, 0)) >= RENEW_SECONDS


def renew(session: SessionBase) -> bool:
    """Move the session's end; False: twelve hours are over and it must end now."""
    now = time.time()
    began = float(session.setdefault(BEGAN, now))
    left = began + settings.SESSION_ABSOLUTE_SECONDS - now
    if left <= 0:
        return False
    session[SEEN] = now
    session.set_expiry(int(min(settings.SESSION_COOKIE_AGE, max(1, left))))
    return True


def note(request: HttpRequest) -> None:
    """Keep from where a session was used, for its owner's list."""
    UserSession.objects.create_from_request(request)


def may_enter(session: SessionBase, person: Person) -> bool:
    """Whether the person has the two passkeys without which nobody gets in. Asked once in a
    session's life: they cannot fall below two, and a recovery ends every session."""
    if settings.DRILL or session.get(ENOUGH):
        return True
    return has_enough(person)


def living(keys: Collection[str]) -> set[str]:
    """Those of the session keys that were neither signed out nor ran out."""
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return set(rows.values_list("session_key", flat=True))


def handle_of(key: str) -> str:
    """What names a session on a page: nothing that could open it."""
    return hashlib.sha256(f"session:{key}".encode()).hexdigest()[:32]


def of(person: Person, current: str = "") -> list[OwnSession]:
    """The person's sessions that still hold, the last used first."""
    rows = list(UserSession.objects.filter(user=person).order_by("-last_seen_at"))
    still = living([row.session_key for row in rows])
    return [
        OwnSession(
            handle_of(row.session_key),
            device(row.user_agent),
            row.ip,
            row.created_at,
            row.last_seen_at,
            row.session_key == current,
        )
        for row in rows
        if row.session_key in still
    ]


def end(person: Person, handle: str) -> None:
    """End one of the person's sessions.

    :raises NotFound: it is none of theirs, or it ended already.
    """
    keys = [key for key in _keys([person.pk]) if handle_of(key) == handle]
    if not keys:
        raise NotFound
    _end(keys)
    revocation.reaches(person=person)


def end_all(person: Person, *, but: str = "") -> int:
    """End the person's sessions, all ``but`` one; how many that were."""
    keys = [key for key in _keys([person.pk]) if key != but]
    _end(keys)
    revocation.reaches(person=person)
    return len(keys)


def look_again(people: Collection[int], *, but: str | None = None, **notes: Any) -> None:
    """Let the open sessions of these people (primary keys), all ``but`` one, be renewed with their
    next request, and leave ``notes`` in them. Their end does not move."""
    for row in Session.objects.filter(session_key__in=_keys(people)).exclude(pk=but):
        data = {**row.get_decoded(), SEEN: 0, **notes}
        Session.objects.filter(pk=row.pk).update(session_data=Session.objects.encode(data))


def _keys(people: Collection[int]) -> list[str]:
    rows = UserSession.objects.filter(user__in=people)
    return list(rows.values_list("session_key", flat=True))


def _end(keys: Collection[str]) -> None:
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()


_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac OS X", "CrOS", "Linux")
_NAMES = {"Edg": "Edge", "OPR": "Opera", "Mac OS X": "macOS", "CrOS": "ChromeOS"}


def device(user_agent: str) -> str:
    """Browser and system as a User-Agent tells them; it is the client's own word."""
    browser = next((name for name in _BROWSERS if f"{name}/" in user_agent), "")
    system = next((name for name in _SYSTEMS if name in user_agent), "")
    known = [_NAMES.get(name, name) for name in (browser, system) if name]
    return " on ".join(known) or user_agent[:60] or "unknown device"


def cookie_for(person: Person) -> str:
    """A Cookie header that signs the person in.

    :raises NotFound: outside drill mode.
    """
    if not settings.DRILL:
        raise NotFound
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.set_expiry(settings.SESSION_ABSOLUTE_SECONDS)  # a socket alone renews nothing
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
