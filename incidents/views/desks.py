"""What an organization knows of desks, and whom it writes to there. No other party sees this."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from incidents import access
from incidents.exceptions import BadInput
from incidents.forms.base import carried_out
from incidents.forms.desks import ContactForm, ProfileForm, VerifyForm
from incidents.models import Organization
from incidents.services import desk_contacts, desk_profiles, desk_statistics
from incidents.services.desk_contacts import NewContact
from incidents.services.step_up import proof_of
from incidents.views.pages import acted, page, person


@page
def desk_list(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Every desk that something is known of, with the number of contacts there."""
    row = access.get_organization(person(request), public_id)
    contacts = desk_contacts.every(row)
    desks = [
        {
            "profile": profile,
            "contacts": [one for one in contacts if one.desk_slug == profile.slug],
        }
        for profile in desk_profiles.listed(row)
    ]
    return render(request, "organization/desks.html", {"organization": row, "desks": desks})


@page
def desk(request: HttpRequest, public_id: UUID, desk: str) -> HttpResponseBase:
    """One desk: facts with their sources, what the own version changes, contacts."""
    row = access.get_organization(person(request), public_id)
    return desk_page(request, row, desk)


def desk_page(
    request: HttpRequest,
    row: Organization,
    desk: str,
    *,
    form: ContactForm | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponseBase:
    """The page, with a form that was refused or a secret that is shown this once."""
    profile = desk_profiles.of(desk, row)
    context = {
        "organization": row,
        "profile": profile,
        "differences": desk_profiles.differences(row, profile),
        "contacts": desk_contacts.of(row, desk),
        "statistics": desk_statistics.of(row, desk),
        "runs": access.runs(person(request), row),
        "form": form or ContactForm(),
        "verify": VerifyForm(),
        "secret": secret,
    }
    return render(request, "organization/desk.html", context, status=status)


@page
def profile_edit(request: HttpRequest, public_id: UUID, desk: str) -> HttpResponseBase:
    """The organization's own version of a profile."""
    row = access.get_organization(person(request), public_id)
    access.require_administrator_of(person(request), row, proof_of(request))
    form = ProfileForm(request.POST or None, profile=desk_profiles.of(desk, row))
    if request.method == "POST" and form.is_valid():
        kept = carried_out(
            form,
            lambda: desk_profiles.keep(
                row,
                desk,
                form.cleaned_data["name"],
                form.cleaned_data["facts"],
                by=person(request),
                proof=proof_of(request),
            ),
        )
        if kept is not None:
            return redirect("desk_own", row.public_id, desk)
    context = {"organization": row, "desk": desk, "form": form}
    status = 400 if form.errors else 200
    return render(request, "organization/desk_profile.html", context, status=status)


@page
@require_POST
def profile_drop(request: HttpRequest, public_id: UUID, desk: str) -> HttpResponseBase:
    """Undo: what was known before the own version counts again."""
    row = access.get_organization(person(request), public_id)
    who, proof = person(request), proof_of(request)
    done = "Your own version is gone; what everybody knows counts again."
    acted(request, lambda: desk_profiles.drop(row, desk, by=who, proof=proof), done)
    return redirect("desk_own", row.public_id, desk)


@page
@require_POST
def contact_add(request: HttpRequest, public_id: UUID, desk: str) -> HttpResponseBase:
    """Somebody to write to. A webhook's secret is on the answer and nowhere again."""
    row = access.get_organization(person(request), public_id)
    who, proof = person(request), proof_of(request)
    access.require_fresh(proof)
    form = ContactForm(request.POST)
    made = None
    if form.is_valid():
        new = NewContact(desk, **form.cleaned_data)
        made = carried_out(form, lambda: desk_contacts.add(row, new, by=who, proof=proof))
    if made is None:
        return desk_page(request, row, desk, form=form, status=400)
    messages.success(request, "Added. A second person of yours verifies it now.")
    if made.webhook_secret:
        return desk_page(request, row, desk, secret=made.webhook_secret)
    return redirect("desk_own", row.public_id, desk)


@page
@require_POST
def contact_verify(
    request: HttpRequest, public_id: UUID, desk: str, contact: UUID
) -> HttpResponseBase:
    """A second person reached them by the second way."""
    row = access.get_organization(person(request), public_id)
    one = desk_contacts.get(row, contact)
    form = VerifyForm(request.POST)
    if not form.is_valid():
        raise BadInput("Say how you reached them.")
    how, who, proof = form.cleaned_data["how"], person(request), proof_of(request)
    acted(request, lambda: desk_contacts.verify(one, how, by=who, proof=proof), "Verified.")
    return redirect("desk_own", row.public_id, desk)


@page
@require_POST
def contact_end(
    request: HttpRequest, public_id: UUID, desk: str, contact: UUID
) -> HttpResponseBase:
    """Nobody writes to it any more."""
    row = access.get_organization(person(request), public_id)
    one = desk_contacts.get(row, contact)
    who, proof = person(request), proof_of(request)
    acted(request, lambda: desk_contacts.end(one, by=who, proof=proof), "Ended.")
    return redirect("desk_own", row.public_id, desk)
