"""Looking back at an address from its page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from incidents import access
from incidents.access import Act
from incidents.exceptions import BadInput, NotFound
from incidents.forms.base import carried_out
from incidents.services.addresses import parse
from incidents.views.pages import enter, page, room_page
from tracing.forms import LookbackForm
from tracing.models import Lookback
from tracing.services import lookbacks


@page
@require_POST
def lookback_ask(request: HttpRequest, slug: str, chain: str, address: str) -> HttpResponseBase:
    """Have what passed through an address read, from a block of the past on."""
    incident, actor = enter(request, slug)
    access.require(actor, incident, Act.TRACE)
    try:
        chain, account = parse(chain, address)
    except BadInput as error:
        raise NotFound from error
    form = LookbackForm(request.POST, incident=incident, actor=actor)
    if form.is_valid() and carried_out(form, lambda: _asked(form, chain, account)) is not None:
        messages.success(request, "Reading. What is found is listed here block by block.")
        return redirect("address", slug=slug, chain=chain, address=account)
    caip10 = f"{chain}:{account}"
    told: dict[str, Any] = {"form": form, "chain": chain, "account": account, "caip10": caip10}
    return room_page(request, "room/lookback.html", incident, actor, **told)


def _asked(form: LookbackForm, chain: str, account: str) -> Lookback:
    data = form.cleaned_data
    return lookbacks.ask(
        form.incident,
        chain,
        account,
        data["first"],
        actor=form.actor,
        marking=data["marking"],
        audience=form.chosen_audience(),
    )
