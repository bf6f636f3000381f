"""A party's word on what an address is."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from incidents.access import Actor
from incidents.exceptions import BadInput, NotFound
from incidents.forms.base import carried_out
from incidents.models import Incident
from incidents.services.addresses import parse
from incidents.views.pages import enter, page, room_page
from tracing.forms import LabelForm
from tracing.models import Label
from tracing.services import label_words, labels
from tracing.services.labels import Account


@page
@require_POST
def label_say(request: HttpRequest, slug: str, chain: str, address: str) -> HttpResponseBase:
    """Confirm or reject what an address is said to be."""
    incident, actor = enter(request, slug)
    try:
        chain, account = parse(chain, address)
    except BadInput as error:
        raise NotFound from error
    known = labels.account(actor, incident, chain, account)
    form = label_form(incident, actor, known, request)
    if form.is_valid() and carried_out(form, lambda: _said(form, chain, account)) is not None:
        return redirect("address", slug=slug, chain=chain, address=account)
    return room_page(
        request,
        "room/label.html",
        incident,
        actor,
        form=form,
        chain=chain,
        account=account,
        caip10=f"{chain}:{account}",
    )


def label_form(
    incident: Incident, actor: Actor, known: Account, request: HttpRequest | None = None
) -> LabelForm:
    """The form with what can be said of an address."""
    return LabelForm(
        request.POST if request else None,
        incident=incident,
        actor=actor,
        auto_id="id_label_%s",  # the note of the same page has a marking too
        said=labels.meanings(known.told.rows),
        services=labels.services(),
    )


def _said(form: LabelForm, chain: str, account: str) -> Label:
    data = form.cleaned_data
    return label_words.say(
        form.incident,
        chain,
        account,
        verdict=data["verdict"],
        meaning=data["meaning"],
        name=data["name"],
        actor=form.actor,
        marking=data["marking"],
        audience=form.chosen_audience(),
    )
