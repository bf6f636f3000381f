"""Letting organizations in: proposing one, approving, refusing, revoking, vouching."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from incidents import access
from incidents.access import Act
from incidents.forms.base import carried_out
from incidents.forms.parties import InviteForm
from incidents.services import admissions, mail, seats
from incidents.views.pages import acted, enter, page, room_page


@page
def invite(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Propose an organization. Nothing leaves before a second person approves."""
    incident, actor = enter(request, slug)
    access.require(actor, incident, Act.INVITE)
    form = InviteForm(request.POST or None, incident=incident, actor=actor)
    if request.method == "POST" and form.is_valid():
        wanted = form.wanted()
        if carried_out(form, lambda: admissions.propose(incident, wanted, actor=actor)):
            return redirect("parties", slug=slug)
    status = 400 if form.errors else 200
    return room_page(request, "room/invite.html", incident, actor, status=status, form=form)


@page
@require_POST
def approve(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """The second word. Link and code are shown on the answer and nowhere again."""
    incident, actor = enter(request, slug)
    row = access.get_invitation(actor, incident, public_id)
    invited = admissions.approve(row, actor=actor)
    if not invited.link:
        return redirect("parties", slug=slug)
    mail.send_invitation(invited.invitation, invited.link)
    return room_page(request, "room/invited.html", incident, actor, invited=invited)


@page
@require_POST
def refuse(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Not this one."""
    incident, actor = enter(request, slug)
    row = access.get_invitation(actor, incident, public_id)
    acted(request, lambda: admissions.refuse(row, actor=actor), "It stays out.")
    return redirect("parties", slug=slug)


@page
@require_POST
def revoke(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """End a link that nobody used."""
    incident, actor = enter(request, slug)
    row = access.get_invitation(actor, incident, public_id)
    acted(request, lambda: admissions.revoke(row, actor=actor), "The link opens nothing now.")
    return redirect("parties", slug=slug)


@page
@require_POST
def vouch(request: HttpRequest, slug: str, public_id: UUID) -> HttpResponseBase:
    """Stand by a party that came by the word of one other alone."""
    incident, actor = enter(request, slug)
    seat = access.get_party(actor, incident, public_id)
    acted(request, lambda: seats.vouch(seat, actor=actor), "Recorded.")
    return redirect("parties", slug=slug)
