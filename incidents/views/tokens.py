"""A person's API tokens: made with the passkey at hand, shown once, revoked with one click."""

from uuid import UUID

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from incidents import access
from incidents.forms.account import TokenForm
from incidents.forms.base import carried_out
from incidents.services import tokens
from incidents.views.pages import page, person


@page
def token_list(request: HttpRequest) -> HttpResponseBase:
    """The list and the form. The secret is in the answer to the form and nowhere again."""
    if request.method == "POST":
        raise_if_reauthentication_required(request, app="allauth.mfa")
    who = person(request)
    rooms = [(seat.incident.slug, seat.incident.title) for seat in access.incidents_of(who)]
    form, secret = TokenForm(request.POST or None, rooms=rooms), ""
    if request.method == "POST" and form.is_valid():
        made = carried_out(
            form,
            lambda: tokens.create(
                who,
                form.cleaned_data["name"],
                days=form.cleaned_data["days"],
                scopes=form.chosen_scopes(),
                room=form.cleaned_data["room"],
            ),
        )
        if made is not None:
            secret, form = made[1], TokenForm(rooms=rooms)
    context = {"form": form, "secret": secret, "tokens": list(tokens.of(who))}
    return render(request, "account/tokens.html", context, status=400 if form.errors else 200)


@page
@require_POST
def token_revoke(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """End one of one's own; another person's looks like one that is gone."""
    tokens.revoke(person(request), public_id)
    messages.success(request, "The token no longer works.")
    return redirect("tokens")
