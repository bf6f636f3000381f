"""Sessions: which of them still hold, and one made without a browser for the drill's socket."""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import close_old_connections
from django.utils import timezone

from incidents.exceptions import NotFound
from incidents.models import Person


def alive(keys: Collection[str]) -> set[str]:
    """Those of the session keys that were neither signed out nor ran out."""
    close_old_connections()
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return set(rows.values_list("session_key", flat=True))


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
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
