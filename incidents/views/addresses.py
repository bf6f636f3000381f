"""The room's addresses: the whole list, a new one, the second word on a return address."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from incidents import access
from incidents.access import Actor
from incidents.choices import AddressRole
from incidents.display.addresses import show
from incidents.forms.base import carried_out
from incidents.forms.room import AddressForm
from incidents.models import Incident, TrackedAddress
from incidents.services import addresses, attackers
from incidents.views.pages import acted, enter, page, room_page
from incidents.views.room import address_lines


@page
def address_list(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Every address that this party may see, with what it holds."""
    incident, actor = enter(request, slug)
    lines = address_lines(incident, actor)
    return room_page(request, "room/addresses.html", incident, actor, addresses=lines)


@page
def address_new(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Record an address of any chain."""
    incident, actor = enter(request, slug)
    initial = {}
    if {"chain", "address"} <= request.GET.keys():
        shown = show(f"{request.GET['chain']}:{request.GET['address']}")
        initial = {"chain": shown.chain, "address": shown.full}
    form = AddressForm(request.POST or None, incident=incident, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        row = carried_out(form, lambda: _record(incident, actor, form))
        if row is not None:
            return redirect("address", slug=slug, chain=row.chain, address=row.address)
    return room_page(request, "room/address_new.html", incident, actor, form=form)


def _record(incident: Incident, actor: Actor, form: AddressForm) -> TrackedAddress:
    data = form.cleaned_data
    if data["role"] == AddressRole.RETURN:
        return addresses.propose_return(
            incident,
            data["chain"],
            data["address"],
            actor=actor,
            marking=data["marking"],
            label=data["label"],
        )
    return addresses.record(
        incident,
        data["chain"],
        data["address"],
        actor=actor,
        marking=data["marking"],
        role=data["role"],
        label=data["label"],
        audience=form.chosen_audience(),
    )


@page
@require_POST
def accept_return(request: HttpRequest, slug: str, chain: str, address: str) -> HttpResponseBase:
    """The second person's word: from now on what arrives there counts as recovered."""
    incident, actor = enter(request, slug)
    row = access.get_address(actor, incident, chain, address)
    acted(
        request,
        lambda: addresses.accept_return(row, actor=actor),
        "Accepted. What arrives there counts as recovered.",
    )
    return redirect("address", slug=slug, chain=chain, address=address)


@page
@require_POST
def call_attacker(request: HttpRequest, slug: str, chain: str, address: str) -> HttpResponseBase:
    """One party's word that it is the attacker's; an independent party's second makes it so."""
    incident, actor = enter(request, slug)
    row = access.get_address(actor, incident, chain, address)
    reason = request.POST.get("reason", "")
    acted(request, lambda: attackers.call(row, reason, actor=actor), "Your word was recorded.")
    return redirect("address", slug=slug, chain=chain, address=address)


@page
@require_POST
def take_attacker_back(
    request: HttpRequest, slug: str, chain: str, address: str
) -> HttpResponseBase:
    """Take one's party's word back."""
    incident, actor = enter(request, slug)
    row = access.get_address(actor, incident, chain, address)
    reason = request.POST.get("reason", "")
    acted(request, lambda: attackers.take_back(row, reason, actor=actor), "Taken back.")
    return redirect("address", slug=slug, chain=chain, address=address)
