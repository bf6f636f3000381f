"""A person's sessions: where they are signed in, and ending what should not be."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from incidents.services import sessions
from incidents.views.pages import page, person


@page
def session_list(request: HttpRequest) -> HttpResponseBase:
    """Where one is signed in. Having looked, one knows of the new sign-in."""
    request.session.pop(sessions.ELSEWHERE, None)
    rows = sessions.of(person(request), request.session.session_key or "")
    return render(request, "account/sessions.html", {"sessions": rows})


@page
@require_POST
def session_end(request: HttpRequest, handle: str) -> HttpResponseBase:
    """End one of one's own; it is over with its next request, its sockets at once."""
    sessions.end(person(request), handle)
    messages.success(request, "That session is over.")
    return redirect("sessions")


@page
@require_POST
def session_end_others(request: HttpRequest) -> HttpResponseBase:
    """End every session but this one."""
    ended = sessions.end_all(person(request), but=request.session.session_key or "")
    messages.success(request, f"Ended: {ended}. You are signed in here only.")
    return redirect("sessions")
