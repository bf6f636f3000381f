"""Sessions made without a browser: for the drill's own socket, in drill mode only."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from incidents.exceptions import NotFound
from incidents.models import Person


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
