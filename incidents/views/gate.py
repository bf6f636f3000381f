"""What every request passes before a view: how often, whether the session still holds, and
whether its person has the passkeys that it takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from incidents.exceptions import HoldfastError, SecondPasskeyRequired, TooMany
from incidents.models import Person
from incidents.services import limits, notices, sessions
from incidents.services.parties import digest

Answer = Callable[[HttpRequest], HttpResponse]
READS = frozenset({"GET", "HEAD", "OPTIONS"})
# Where a session, a passkey or the reading of a request can come from.
DOORS = ("/accounts/", "/enrol/", "/join/", "/drill/", "/desk/")
# All that somebody with one passkey reaches.
WITH_ONE_PASSKEY = frozenset(
    {"mfa_add_webauthn", "mfa_reauthenticate_webauthn", "account_login", "account_logout"}
)


def refuse(
    request: HttpRequest, error: HoldfastError, template: str = "refused.html"
) -> HttpResponse:
    """A refusal in the shape of where it was asked."""
    if request.path.startswith("/api/"):
        body: dict[str, Any] = {"code": error.code, "message": error.detail}
        body |= {"field": error.field, "fields": []}
        return JsonResponse({"error": body}, status=error.status)
    return render(request, template, {"reason": error.detail}, status=error.status)


class Limits:
    """Reads, writes and doors are counted apart, for every verb and every kind of content.

    A person counts as themself wherever they are; who is nobody yet, by the address that our own
    proxies vouch for. So nobody uses up what somebody who is signed in may do.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            limits.count("read" if request.method in READS else "write", _who(request))
            if request.method not in READS and request.path.startswith(DOORS):
                limits.count("door", _which_door(request))
        except TooMany as error:
            answer = refuse(request, error, "429.html")
            answer["Retry-After"] = str(error.wait)
            return answer
        return self.get_response(request)


def _who(request: HttpRequest) -> str:
    if person := request.session.get(SESSION_KEY):
        return f"person:{person}"
    address = f"address:{limits.address_in(request.META)}"
    # Programs behind one address do not count as one. Wrong tokens do (api/authentication.py).
    token = request.headers.get("Authorization", "")
    return f"{address} token:{digest(token)}" if token else address


def _which_door(request: HttpRequest) -> str:
    """Account and address together: who tries at somebody's door does not shut it for them, nor
    for everybody behind one address."""
    passkey = digest(request.POST.get("credential", "")[:200])
    return f"address:{limits.address_in(request.META)} {request.path} {passkey}"


class Sessions:
    """Ends a session in time, moves its end while it is used, and notes where it was used."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, Person):
            self._look_at(request, request.user)
        return self.get_response(request)

    def _look_at(self, request: HttpRequest, person: Person) -> None:
        if sessions.is_due(request.session):
            if not sessions.renew(request.session):
                logout(request)
                request.user = AnonymousUser()
                return
            sessions.note(request)
            notices.refresh(request.session, person)
        _forget_abandoned(request)


def _forget_abandoned(request: HttpRequest) -> None:
    """An act that waited for the passkey is over once its page is opened anew: looking at a page
    and using the passkey must not carry out what was broken off before."""
    if request.method not in READS:
        return
    state = request.session.get(STATE_SESSION_KEY) or {}
    if "request" in state and json.loads(state["request"])["path"] == request.path:
        request.session.pop(STATE_SESSION_KEY)


class SecondPasskey:
    """Whoever has fewer than two passkeys reaches the page that adds one, and nothing else."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """None: go on."""
        if not isinstance(request.user, Person):
            return None
        if sessions.may_enter(request.session, request.user):
            if not request.session.get(sessions.ENOUGH):
                request.session[sessions.ENOUGH] = True
            return None
        match = request.resolver_match
        if match is not None and match.url_name in WITH_ONE_PASSKEY:
            return None
        if request.path.startswith("/api/"):
            return refuse(request, SecondPasskeyRequired())
        back = request.get_full_path() if request.method in READS else "/"
        return redirect(f"{reverse('mfa_add_webauthn')}?{urlencode({'next': back}, safe='/')}")
