"""Roles in a room: naming somebody, handing over, stepping in, ending."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from incidents import access
from incidents.access import Act
from incidents.choices import RoomRole
from incidents.exceptions import NotFound
from incidents.forms.base import carried_out
from incidents.forms.parties import RoleForm
from incidents.services import roles
from incidents.services.roles import Given
from incidents.views.pages import acted, enter, page, room_page


@page
def role_new(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Name somebody for a role."""
    incident, actor = enter(request, slug)
    access.require(actor, incident, Act.GIVE_ROLE)
    form = RoleForm(request.POST or None, incident=incident, actor=actor)
    if request.method == "POST" and form.is_valid():
        given = Given(RoomRole(form.cleaned_data["role"]), *form.chosen())
        if carried_out(form, lambda: roles.give(incident, given, actor=actor)):
            return redirect("parties", slug=slug)
    status = 400 if form.errors else 200
    return room_page(request, "room/role.html", incident, actor, status=status, form=form)


@page
def role_hand_over(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Somebody else of the same party from now on."""
    incident, actor = enter(request, slug)
    row = access.get_role(actor, incident, public_id)
    seat = access.parties(actor, incident).filter(organization=row.organization).first()
    if seat is None:
        raise NotFound
    form = RoleForm(request.POST or None, incident=incident, actor=actor, of=seat)
    if request.method == "POST" and form.is_valid():
        _, person, backup = form.chosen()
        done = carried_out(form, lambda: roles.hand_over(row, person, actor=actor, backup=backup))
        if done:
            return redirect("parties", slug=slug)
    status = 400 if form.errors else 200
    return room_page(request, "room/role.html", incident, actor, status=status, form=form, role=row)


@page
@require_POST
def role_take_over(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Who stands in steps in."""
    incident, actor = enter(request, slug)
    row = access.get_role(actor, incident, public_id)
    acted(request, lambda: roles.take_over(row, actor=actor), "It is yours now.")
    return redirect("parties", slug=slug)


@page
@require_POST
def role_end(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Nobody does it any longer."""
    incident, actor = enter(request, slug)
    row = access.get_role(actor, incident, public_id)
    acted(request, lambda: roles.end(row, actor=actor), "Ended.")
    return redirect("parties", slug=slug)
