"""The way in for somebody without a passkey: a link, one button, the device's question."""

from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.webauthn.internal import auth
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from incidents.exceptions import HoldfastError
from incidents.models import Enrolment, Person
from incidents.services import enrolment
from incidents.services.enrolment import Entered
from incidents.views.passkeys import PasskeyForm

# Who may register a passkey in this session. Not a sign-in: no other page knows of it.
ENROLLING = "enrolling"


def begin(request: HttpRequest, row: Enrolment, *, invitation: int | None = None) -> None:
    """Remember in the session whose first passkey comes next; the session gets a new key."""
    request.session.cycle_key()
    request.session[ENROLLING] = {"enrolment": row.pk, "invitation": invitation}


def enrol(request: HttpRequest, token: str) -> HttpResponseBase:
    """The link's page. Looking at it, as a mail scanner does, changes nothing and tells nothing."""
    if request.method != "POST":
        return render(request, "account/enrol.html")
    try:
        row = enrolment.open_enrolment(token, request.POST.get("code", "")[:40])
        if row.recovery is None and row.organization and enrolment.has_passkey(row.person):
            who = request.user if isinstance(request.user, Person) else None
            organization = enrolment.take_up(row, person=who)
            messages.success(request, f"You are a member of {organization.name} now.")
            return redirect("organization", organization.public_id)
        begin(request, enrolment.resume(row.pk))
    except HoldfastError as error:
        return _refused(request, error)
    return redirect("enrol_passkey")


def enrol_passkey(request: HttpRequest) -> HttpResponseBase:
    """Register the first passkey; with it the person is in."""
    state: dict[str, Any] = request.session.get(ENROLLING) or {}
    try:
        row = enrolment.resume(state.get("enrolment", 0))
        form = PasskeyForm(request.POST or None, user=row.person)
        if request.method == "POST" and form.is_valid():
            entered = enrolment.finish(
                row,
                credential=form.cleaned_data["credential"],
                name=form.cleaned_data["name"][:60],
                invitation_id=state.get("invitation"),
            )
            return _enter(request, entered)
    except HoldfastError as error:
        request.session.pop(ENROLLING, None)
        return _refused(request, error)
    options = auth.begin_registration(row.person, True)
    context = {"form": form, "person": row.person, "options": options}
    status = 400 if form.errors else 200
    return render(request, "account/enrol_passkey.html", context, status=status)


def _enter(request: HttpRequest, entered: Entered) -> HttpResponseBase:
    """Sign in with the passkey that was made a second ago; it counts as just used."""
    request.session.pop(ENROLLING, None)
    messages.success(request, "Your passkey is registered.")
    post_authentication(request, entered.authenticator, reauthenticated=True, passwordless=True)
    url = reverse("mfa_list_webauthn")
    if entered.seat is not None:
        url = reverse("terms", kwargs={"slug": entered.seat.incident.slug})
    answer: HttpResponseBase = perform_login(request, Login(user=entered.person, redirect_url=url))
    return answer


def _refused(request: HttpRequest, error: HoldfastError) -> HttpResponseBase:
    context = {"reason": error.detail}
    return render(request, "account/link_refused.html", context, status=error.status)
