"""Following stolen funds: the attack's transaction, the proposed seeds, a person's word."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from incidents import access
from incidents.access import Act, Actor
from incidents.forms.base import carried_out
from incidents.views.pages import enter, page, room_page
from tracing.forms import SeedsForm, TransactionForm
from tracing.models import Trace
from tracing.services import backfills, flow_tables, overview, range_tables, traces
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


@page
def trace_list(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The traces of the room; where there is one only, that one."""
    incident, actor = enter(request, slug)
    rows = list(traces.seen_by(actor, incident))
    if len(rows) == 1:
        return redirect("trace", slug=slug, trace_id=rows[0].public_id)
    told = [{"row": row, "seeds": overview.seeds(row)} for row in rows]
    return room_page(request, "room/traces.html", incident, actor, traces=told)


@page
def trace(request: HttpRequest, slug: str, trace_id: UUID) -> HttpResponseBase:
    """One trace: policy and seeds, where the money is, and how far the policies differ."""
    incident, actor = enter(request, slug)
    row = traces.get(actor, incident, trace_id)
    return room_page(request, "room/trace.html", incident, actor, trace=row, **_shown(actor, row))


def _shown(actor: Actor, row: Trace) -> dict[str, Any]:
    """What the page of a trace tells."""
    arrivals, crossings = overview.arrivals(row), overview.crossings(row)
    known = overview.asset_names_of([*arrivals, *crossings])
    holdings, count = overview.largest(actor, row)
    past = () if row.is_live else (backfills.of_trace(row),)
    return {
        "chain": row.chain.caip2,
        "watch": {"backfills": past},
        "subject": f"trace:{row.public_id}",
        "seeds": overview.seeds(row),
        "thresholds": overview.thresholds(row),
        "fallback": row.default_threshold(),
        "strips": overview.strips(actor, row),
        "ranges": range_tables.of_trace(actor, row),
        "arrivals": overview.arrival_lines(arrivals, known),
        "arrival_count": overview.arrival_count(row),
        "crossings": [(one, known[one.asset], known.get(one.far_asset)) for one in crossings],
        "legs": overview.legs(actor, row),
        "leads": overview.open_leads(row),
        "incomplete": overview.incomplete(row),
        "holdings": holdings,
        "holding_count": count,
        "tables": flow_tables.of_trace(actor, row),
    }


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
