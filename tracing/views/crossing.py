"""An analyst's word on a probable crossing, from the page of its trace."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from incidents import access
from incidents.access import Act
from incidents.views.pages import acted, enter, page
from tracing.services import crossings


@page
@require_POST
def crossing_confirm(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """What was found is the far side: it is followed from there."""
    incident, actor = enter(request, slug)
    access.require(actor, incident, Act.TRACE)
    row = crossings.get(actor, incident, public_id)
    acted(request, lambda: crossings.confirm(row, actor=actor), "Confirmed. It is followed there.")
    return redirect("trace", slug, row.trace.public_id)


@page
@require_POST
def crossing_reject(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """What was found is not the far side."""
    incident, actor = enter(request, slug)
    access.require(actor, incident, Act.TRACE)
    row = crossings.get(actor, incident, public_id)
    acted(request, lambda: crossings.reject(row, actor=actor), "Rejected.")
    return redirect("trace", slug, row.trace.public_id)
