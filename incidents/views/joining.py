"""Inviting an organization, and taking up an invitation: a link by mail, a code by voice."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from incidents import access
from incidents.access import Act
from incidents.choices import Capacity
from incidents.exceptions import HoldfastError, SignInFirst
from incidents.forms.base import carried_out
from incidents.forms.parties import InviteForm, NewcomerForm, ReturningForm
from incidents.models import Person
from incidents.services import enrolment, mail, parties
from incidents.views.enrolment import begin
from incidents.views.pages import enter, page, room_page


@page
def invite(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Ask an organization in. Link and code are shown on the answer and nowhere again."""
    incident, actor = enter(request, slug)
    access.require(actor, incident, Act.INVITE)
    form = InviteForm(request.POST or None, incident=incident, actor=actor)
    if request.method == "POST" and form.is_valid():
        invited = carried_out(
            form,
            lambda: parties.invite(
                incident,
                email=form.cleaned_data["email"],
                organization_name=form.cleaned_data["organization_name"],
                capacity=Capacity(form.cleaned_data["capacity"]),
                is_confidential=form.cleaned_data["is_confidential"],
                actor=actor,
            ),
        )
        if invited is not None:
            mail.send_invitation(invited.invitation, invited.link)
            return room_page(request, "room/invited.html", incident, actor, invited=invited)
    status = 400 if form.errors else 200
    return room_page(request, "room/invite.html", incident, actor, status=status, form=form)


def join(request: HttpRequest, token: str) -> HttpResponseBase:
    """The link's page. It looks the same for every link; only link and code together open it."""
    person = request.user if isinstance(request.user, Person) else None
    form = (
        ReturningForm(request.POST or None, person=person)
        if person
        else NewcomerForm(request.POST or None)
    )
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                return _taken_up(request, token, form)
            except HoldfastError as error:
                # Never at a field: that would tell a wrong code from an unknown link.
                form.add_error(None, error.detail)
                status = error.status
    return render(request, "account/join.html", {"form": form}, status=status)


def _taken_up(request: HttpRequest, token: str, form: NewcomerForm) -> HttpResponseBase:
    """Newcomers register a passkey first and are seated with it; the others sit down at once.

    :raises InvitationInvalid: link or code. :raises SignInFirst: it is meant for somebody else.
    """
    invitation = parties.open_invitation(token)
    parties.check_code(invitation, form.cleaned_data["code"])
    if not isinstance(form, ReturningForm):
        row = enrolment.begin_joining(invitation, name=form.cleaned_data["name"])
        begin(request, row, invitation=invitation.pk)
        return redirect("enrol_passkey")
    if not isinstance(request.user, Person) or request.user.email != invitation.email:
        raise SignInFirst(
            "This invitation is for another person. Sign out first, or ask for an invitation "
            "to your own address."
        )
    organization = form.chosen_organization()
    _, seat = parties.join(invitation, name=request.user.name, organization=organization)
    return redirect("terms", slug=seat.incident.slug)
