"""Proof of control: asking for a text, and handing in its signature."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from incidents import access
from incidents.access import Act
from incidents.exceptions import NotFound
from incidents.forms.base import carried_out
from incidents.forms.parties import ControlForm, SignatureForm
from incidents.services import control
from incidents.views.pages import enter, page, room_page


@page
def control_new(request: HttpRequest, slug: str) -> HttpResponseBase:
    """For which account."""
    incident, actor = enter(request, slug)
    access.require(actor, incident, Act.WRITE)
    form = ControlForm(request.POST or None, incident=incident, actor=actor)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        row = carried_out(
            form, lambda: control.ask(incident, data["chain"], data["address"], actor=actor)
        )
        if row is not None:
            return redirect("control", slug=slug, public_id=row.public_id)
    status = 400 if form.errors else 200
    return room_page(request, "room/control_new.html", incident, actor, status=status, form=form)


@page
def control_sign(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """The text to be signed, and the form for its signature."""
    incident, actor = enter(request, slug)
    row = access.get_proof(actor, incident, public_id)
    if row.participation != actor.participation:
        raise NotFound
    form = SignatureForm(request.POST or None, incident=incident, actor=actor)
    if request.method == "POST" and form.is_valid():
        signature = form.cleaned_data["signature"]
        if carried_out(form, lambda: control.prove(row, signature, actor=actor)):
            return redirect("parties", slug=slug)
    status = 400 if form.errors else 200
    return room_page(
        request, "room/control.html", incident, actor, status=status, form=form, proof=row
    )
