"""New passkeys for somebody who lost all: asked by one, approved by another, handed over a day
later, stopped by anybody."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from incidents import access
from incidents.forms.base import carried_out
from incidents.forms.organization import RecoveryForm
from incidents.services import mail, recoveries
from incidents.services.step_up import proof_of
from incidents.views.organizations import organization_page
from incidents.views.pages import acted, page, person


@page
def recovery_ask(request: HttpRequest, public_id: UUID, member: UUID) -> HttpResponseBase:
    """The first of two. Everybody of the organization is told at once."""
    row = access.get_organization(person(request), public_id)
    concerned = access.get_member(row, member).person
    form = RecoveryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = carried_out(
            form,
            lambda: recoveries.ask(
                row,
                concerned,
                by=person(request),
                proof=proof_of(request),
                reason=form.cleaned_data["reason"],
            ),
        )
        if asked is not None:
            mail.tell_of_recovery(recoveries.addresses_told(asked))
            messages.success(request, "Asked. Another person of your organization has to agree.")
            return redirect("organization", row.public_id)
    context = {"organization": row, "concerned": concerned, "form": form}
    status = 400 if form.errors else 200
    return render(request, "organization/recovery.html", context, status=status)


@page
@require_POST
def recovery_approve(request: HttpRequest, public_id: UUID, recovery: UUID) -> HttpResponseBase:
    """The second of two; 24 hours begin."""
    row = access.get_organization(person(request), public_id)
    found = access.get_recovery(row, recovery)
    who, proof = person(request), proof_of(request)
    done = "Agreed. In 24 hours one of you two can hand over a link and a code."
    if acted(request, lambda: recoveries.approve(found, by=who, proof=proof), done):
        mail.tell_of_recovery(recoveries.addresses_told(found))
    return redirect("organization", row.public_id)


@page
@require_POST
def recovery_issue(request: HttpRequest, public_id: UUID, recovery: UUID) -> HttpResponseBase:
    """The link and the code, on this answer and nowhere again."""
    row = access.get_organization(person(request), public_id)
    found = access.get_recovery(row, recovery)
    coded = recoveries.issue(found, by=person(request), proof=proof_of(request))
    return organization_page(request, row, coded=coded)


@page
@require_POST
def recovery_stop(request: HttpRequest, public_id: UUID, recovery: UUID) -> HttpResponseBase:
    """Anybody who was told ends it."""
    row = access.get_organization(person(request), public_id)
    found = access.get_recovery(row, recovery)
    who, proof = person(request), proof_of(request)
    told = recoveries.addresses_told(found)
    if acted(request, lambda: recoveries.stop(found, by=who, proof=proof), "Stopped."):
        mail.tell_of_recovery(told)
    return redirect("organization", row.public_id)
