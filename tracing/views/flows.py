"""Flow tables of a trace: understood, looked at, imported, read, withdrawn."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from incidents import access
from incidents.access import Act
from incidents.forms.base import carried_out
from incidents.views.pages import acted, enter, page, room_page
from tracing.flow_forms import FlowTableForm
from tracing.models import FlowTable, Trace
from tracing.services import flow_figures, flow_tables, traces
from tracing.services.flow_tables import Understood

FIRST = 20  # rows in the preview
MOST = 200  # rows on the page of a table


@page
def flow_new(request: HttpRequest, slug: str, trace_id: UUID) -> HttpResponseBase:
    """Hand over a table: first a preview, which keeps nothing; then all of it or nothing.

    The file goes along in the page, and is read and traced again when it is imported.
    """
    incident, actor = enter(request, slug)
    trace = traces.get(actor, incident, trace_id)
    access.require(actor, incident, Act.TRACE)
    form = FlowTableForm(
        request.POST or None, request.FILES or None, incident=incident, actor=actor, trace=trace
    )
    shown: dict[str, Any] = {"trace": trace, "form": form, "understood": None}
    if request.method == "POST" and form.is_valid():
        understood = carried_out(form, lambda: flow_tables.understand(trace, form.asked()))
        if understood is not None and "import" in request.POST:
            table = _imported(form, understood, trace)
            if table is not None:
                messages.success(request, f"All {table.row_count} rows were imported.")
                return redirect("flow_table", slug, trace.public_id, table.public_id)
        if understood is not None and not form.errors and "change" not in request.POST:
            shown |= _preview(understood)
    return room_page(request, "room/flow_new.html", incident, actor, **shown)


def _imported(form: FlowTableForm, understood: Understood, trace: Trace) -> FlowTable | None:
    """Keep it; None: refused, and the form says why."""
    return carried_out(
        form,
        lambda: flow_tables.add(
            trace,
            understood,
            actor=form.actor,
            marking=form.cleaned_data["marking"],
            audience=form.chosen_audience(),
        ),
    )


def _preview(understood: Understood) -> dict[str, Any]:
    """What the preview shows."""
    result, asked = understood.result, understood.asked
    decimals = understood.decimals
    return {
        "understood": understood,
        "lines": flow_figures.of_flows(understood.flows, FIRST),
        "decimals": decimals,
        "unit": flow_figures.unit_name(asked.unit),
        "figures": flow_figures.figures(result, asked.unit, decimals) if result else None,
    }


@page
def flow_table(request: HttpRequest, slug: str, trace_id: UUID, table_id: UUID) -> HttpResponseBase:
    """One table: what a policy makes of it, and its rows."""
    incident, actor = enter(request, slug)
    trace = traces.get(actor, incident, trace_id)
    table = flow_tables.get(actor, trace, table_id)
    after = request.GET.get("after", "")
    found = flow_tables.rows(
        table, int(after) if after.isdecimal() and len(after) < 10 else 0, MOST + 1
    )
    figures = flow_figures.figures(table.result, table.unit, table.decimals)
    return room_page(
        request,
        "room/flow_table.html",
        incident,
        actor,
        trace=trace,
        table=table,
        figures=figures,
        lines=flow_figures.of_rows(found[:MOST]),
        more=found[MOST - 1].line if len(found) > MOST else None,
        decimals=table.decimals,
        unit=figures.unit,
        is_own=table.owner == actor.organization,
    )


@page
@require_POST
def flow_withdraw(
    request: HttpRequest, slug: str, trace_id: UUID, table_id: UUID
) -> HttpResponseBase:
    """Its owner takes a table away."""
    incident, actor = enter(request, slug)
    trace = traces.get(actor, incident, trace_id)
    table = flow_tables.get(actor, trace, table_id)
    if acted(request, lambda: flow_tables.withdraw(table, actor=actor), "The table was withdrawn."):
        return redirect("trace", slug, trace.public_id)
    return redirect("flow_table", slug, trace.public_id, table.public_id)
