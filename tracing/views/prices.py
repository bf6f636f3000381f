"""What assets were worth at the time of the theft: the room's table."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from incidents import access
from incidents.access import Act
from incidents.forms.base import carried_out
from incidents.views.pages import enter, page, room_page
from tracing.forms import PriceForm
from tracing.services import prices


@page
def price_list(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The quotes, newest first, and one more."""
    incident, actor = enter(request, slug)
    form = PriceForm(request.POST or None)
    if request.method == "POST":
        access.require(actor, incident, Act.TRACE)
        if form.is_valid():
            data = form.cleaned_data
            made = carried_out(form, lambda: prices.put(incident, actor=actor, **data))
            if made is not None:
                return redirect("prices", slug=slug)
    return room_page(
        request,
        "room/prices.html",
        incident,
        actor,
        400 if request.method == "POST" else 200,
        form=form,
        rows=prices.listed(actor, incident),
    )
