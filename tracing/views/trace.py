"""Following stolen funds: the attack's transaction, the proposed seeds, a person's word."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from incidents import access
from incidents.access import Act
from incidents.forms.base import carried_out
from incidents.views.pages import enter, page, room_page
from tracing.forms import SeedsForm, TransactionForm
from tracing.services import traces


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
        is_chosen = "confirm" in request.POST
        keys = [gain.key for gain in proposal.gains]
        seeds = SeedsForm(
            request.POST if is_chosen else None,
            incident=incident,
            actor=actor,
            keys=keys,
            initial={"seeds": proposal.likely},
        )
        if is_chosen and seeds.is_valid():
            chosen, offered = seeds, proposal
            trace = carried_out(
                chosen,
                lambda: traces.start(
                    incident,
                    offered,
                    chosen.cleaned_data["seeds"],
                    actor=actor,
                    marking=chosen.cleaned_data["marking"],
                    audience=chosen.chosen_audience(),
                ),
            )
            if trace is not None:
                messages.success(request, "Following. History is read first, then the chain live.")
                return redirect("room", slug=slug)
    return room_page(
        request, "room/trace_new.html", incident, actor, form=form, proposal=proposal, seeds=seeds
    )
