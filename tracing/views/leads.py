"""Leads of a room: what deserves a look, and a person's word on each."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from incidents.views.pages import acted, enter, page, room_page
from tracing.forms import LeadFilterForm
from tracing.models import Lead
from tracing.services import lead_decisions, lead_lines

ON_A_PAGE = 25
DONE = {
    Lead.State.CONFIRMED: "Confirmed, and recorded.",
    Lead.State.DISMISSED: "Dismissed, and recorded.",
    Lead.State.OPEN: "Taken back: it needs a look again.",
}


@page
def lead_list(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Leads of a kind and in a state, what needs a look first."""
    incident, actor = enter(request, slug)
    form = LeadFilterForm(request.GET or None, incident=incident, actor=actor)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = lead_lines.wanted(actor, incident, **chosen)
    shown = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    return room_page(
        request,
        "room/leads.html",
        incident,
        actor,
        form=form,
        page=shown,
        lines=lead_lines.told(actor, incident, shown.object_list),
        is_filtered=any(chosen.values()),
        filters=urlencode({name: value for name, value in chosen.items() if value}),
        longest=lead_decisions.LONGEST_REASON,
    )


@page
@require_POST
def lead_decide(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Confirm, dismiss, or take that back; then back to where the button was."""
    incident, actor = enter(request, slug)
    row = lead_lines.get(actor, incident, public_id)
    decision = request.POST.get("decision", "")
    reason = request.POST.get("reason", "")
    acted(
        request,
        lambda: lead_decisions.decide(row, decision, reason, actor=actor),
        DONE.get(Lead.State(decision), "") if decision in DONE else "",
    )
    if request.POST.get("from") == "address" and row.address:
        return redirect("address", slug=slug, chain=row.chain, address=row.address)
    back = reverse("leads", args=[slug])
    chosen = LeadFilterForm(request.POST, incident=incident, actor=actor, prefix="shown")
    asked = chosen.cleaned_data if chosen.is_valid() else {}
    query = urlencode({name: value for name, value in asked.items() if value})
    return redirect(f"{back}?{query}" if query else back)
