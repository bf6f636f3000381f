"""Taking up an invitation: a link by mail and a code by voice, or one's word where one is known."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from incidents.exceptions import HoldfastError, SignInFirst
from incidents.forms.parties import NewcomerForm, ReturningForm
from incidents.models import Person
from incidents.services import enrolment, joining
from incidents.views.enrolment import begin
from incidents.views.pages import acted, page
from incidents.views.pages import person as asking


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
    invitation = joining.open_invitation(token)
    joining.check_code(invitation, form.cleaned_data["code"])
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
    _, seat = joining.join(invitation, name=request.user.name, organization=organization)
    return redirect("terms", slug=seat.incident.slug)


@page
@require_POST
def take_seat(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Sit down for an organization that is known here, or stay out."""
    who = asking(request)
    if request.POST.get("answer") == "no":
        acted(request, lambda: joining.turn_down(public_id, person=who), "Turned down.")
        return redirect("incidents")
    seat = joining.take(public_id, person=who)
    return redirect("terms", slug=seat.incident.slug)
