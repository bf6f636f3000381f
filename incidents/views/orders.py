"""Holding off, releasing, and who looks after the clocks of a request."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from incidents import access
from incidents.access import Act, Actor
from incidents.exceptions import NotFound
from incidents.forms.base import carried_out
from incidents.forms.orders import HoldOffForm, OrderForm
from incidents.models import FreezeTarget, HoldOff, Incident, ReleaseOrder
from incidents.services import clocks, hold_offs, release_orders
from incidents.services.release_orders import Wanted
from incidents.views.pages import acted, enter, page, room_page


@page
def hold_off_list(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The party's own instructions to hold off, and a new one. Of others there is no such page."""
    incident, actor = _law(request, slug)
    form = HoldOffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = carried_out(form, lambda: hold_offs.ask(incident, actor=actor, **data))
        if made is not None:
            return redirect("hold_offs", slug=slug)
    return room_page(
        request,
        "room/hold_offs.html",
        incident,
        actor,
        400 if request.method == "POST" else 200,
        form=form,
        rows=access.hold_offs(actor, incident),
        now=timezone.now(),
    )


@page
@require_POST
def hold_off_lift(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """A freeze may be asked for again."""
    incident, actor = _law(request, slug)
    row: HoldOff | None = access.hold_offs(actor, incident).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    found = row
    acted(request, lambda: hold_offs.lift(found, actor=actor), "Lifted.")
    return redirect("hold_offs", slug=slug)


def _law(request: HttpRequest, slug: str) -> tuple[Incident, Actor]:
    incident, actor = enter(request, slug)
    if not hold_offs.is_theirs(actor):
        raise NotFound
    return incident, actor


@page
def orders(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Orders to release what one target asks for, or to return it elsewhere; and a new one."""
    incident, actor = enter(request, slug)
    target = access.get_target(actor, incident, public_id)
    form = OrderForm(request.POST or None)
    if request.method == "POST":
        access.require(actor, incident, Act.APPROVE_FREEZE)
        if form.is_valid():
            wanted = Wanted(**form.cleaned_data)
            made = carried_out(form, lambda: release_orders.propose(target, wanted, actor=actor))
            if made is not None:
                return redirect("orders", slug=slug, public_id=public_id)
    return room_page(
        request,
        "room/orders.html",
        incident,
        actor,
        400 if request.method == "POST" else 200,
        form=form,
        target=target,
        rows=access.release_orders(actor, target),
        kinds=release_orders.KINDS,
        now=timezone.now(),
    )


ACTS: dict[str, tuple[Callable[..., ReleaseOrder], str]] = {
    "agree": (release_orders.agree, "Agreed."),
    "stop": (release_orders.stop, "Stopped."),
    "carry-out": (release_orders.carry_out, "Recorded: tell the desk now."),
}


@page
@require_POST
def order_act(
    request: HttpRequest, slug: str, public_id: UUID, order_id: UUID, act: str
) -> HttpResponseBase:
    """One word on an order: agree, check, stop, carry out."""
    incident, actor = enter(request, slug)
    target = access.get_target(actor, incident, public_id)
    row = _order(actor, target, order_id)
    if act == "check":
        how = request.POST.get("how", "")
        acted(request, lambda: release_orders.check(row, how, actor=actor), "Recorded.")
    elif act in ACTS:
        do, words = ACTS[act]
        acted(request, lambda: do(row, actor=actor), words)
    else:
        raise NotFound
    return redirect("orders", slug=slug, public_id=public_id)


def _order(actor: Actor, target: FreezeTarget, order_id: UUID) -> ReleaseOrder:
    row = access.release_orders(actor, target).filter(public_id=order_id).first()
    if row is None:
        raise NotFound
    row.target = target
    return row


@page
@require_POST
def watch(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Look after the clocks of a request from now on."""
    incident, actor = enter(request, slug)
    row = access.get_freeze(actor, incident, public_id)
    acted(request, lambda: clocks.watch(row, actor=actor), "You look after its clocks now.")
    return redirect("freeze", slug=slug, public_id=public_id)
