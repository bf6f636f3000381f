"""Keys that people of an organization sign packets with."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from incidents import access
from incidents.forms.base import carried_out
from incidents.forms.packets import KeyForm
from incidents.services import signing_keys
from incidents.services.step_up import proof_of
from incidents.views.pages import acted, page, person


@page
def key_list(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """The organization's keys; one's own is handed in here."""
    row = access.get_organization(person(request), public_id)
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data, who, proof = form.cleaned_data, person(request), proof_of(request)
        made = carried_out(
            form,
            lambda: signing_keys.register(row, data["kind"], data["public"], by=who, proof=proof),
        )
        if made is not None:
            return redirect("signing_keys", row.public_id)
    context = {"organization": row, "keys": signing_keys.of(row), "form": form}
    status = 400 if form.errors else 200
    return render(request, "organization/keys.html", context, status=status)


@page
@require_POST
def key_confirm(request: HttpRequest, public_id: UUID, key: UUID) -> HttpResponseBase:
    """A second person vouches for a key."""
    row = access.get_organization(person(request), public_id)
    found, who, proof = signing_keys.get(row, key), person(request), proof_of(request)
    acted(request, lambda: signing_keys.confirm(found, by=who, proof=proof), "In the directory.")
    return redirect("signing_keys", row.public_id)


@page
@require_POST
def key_end(request: HttpRequest, public_id: UUID, key: UUID) -> HttpResponseBase:
    """It signs nothing any more."""
    row = access.get_organization(person(request), public_id)
    found, who, proof = signing_keys.get(row, key), person(request), proof_of(request)
    acted(request, lambda: signing_keys.end(found, by=who, proof=proof), "Ended.")
    return redirect("signing_keys", row.public_id)
