"""Following stolen funds: the attack's transaction, the proposed seeds, a person's word."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from incidents import access
from incidents.access import Act
from incidents.forms.base import carried_out
from incidents.views.pages import enter, page, room_page
from tracing.forms import SeedsForm, TransactionForm
from tracing.models import Trace
from tracing.services import traces
from tracing.services.traces import Proposal


@page
def trace_new(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Paste the transaction, see who lost and who gained, say what was stolen.

    The seeds are read from the chain again when they are confirmed: nothing is taken from the
    page but which of them were chosen.
    """
    incident, actor = enter(request, slug)
    access.require(actor, incident, Act.TRACE)
    form = TransactionForm(request.POST or None, incident=incident, actor=actor)
    proposal = seeds = None
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        proposal = carried_out(form, lambda: traces.propose(asked["chain"], asked["tx"]))
    if proposal is not None:
        seeds = SeedsForm(
            request.POST if "confirm" in request.POST else None,
            incident=incident,
            actor=actor,
            keys=[gain.key for gain in proposal.gains],
            initial={"seeds": proposal.likely},
        )
        if seeds.is_valid() and start(seeds, proposal) is not None:
            messages.success(request, "Following. History is read first, then the chain live.")
            return redirect("room", slug=slug)
    return room_page(
        request, "room/trace_new.html", incident, actor, form=form, proposal=proposal, seeds=seeds
    )


def start(form: SeedsForm, proposal: Proposal) -> Trace | None:
    """Follow what the form says; None: refused, and the form says why."""
    return carried_out(
        form,
        lambda: traces.start(
            form.incident,
            proposal,
            form.cleaned_data["seeds"],
            actor=form.actor,
            policy=form.cleaned_data["policy"],
            marking=form.cleaned_data["marking"],
            audience=form.chosen_audience(),
        ),
    )
