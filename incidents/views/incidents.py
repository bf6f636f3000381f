"""The list of incidents, and opening one."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from incidents import access
from incidents.choices import Capacity
from incidents.forms.base import carried_out
from incidents.forms.room import IncidentForm
from incidents.services import incidents
from incidents.views.pages import page, person


@page
def incident_list(request: HttpRequest) -> HttpResponseBase:
    """Every incident in which an organization of this person has a seat."""
    seats = [
        {"seat": seat, "open": seat.has_consented(seat.incident.terms_version)}
        for seat in access.incidents_of(person(request))
    ]
    organizations = list(access.organizations_of(person(request)))
    waiting = list(access.invitations_for(person(request)))
    shown = {"seats": seats, "organizations": organizations, "waiting": waiting}
    return render(request, "incidents.html", shown)


@page
def incident_new(request: HttpRequest) -> HttpResponseBase:
    """Open a room for one's own organization."""
    organizations = list(access.organizations_of(person(request)))
    form = IncidentForm(request.POST or None, organizations=organizations)
    if request.method == "POST" and form.is_valid():
        incident = carried_out(
            form,
            lambda: incidents.open_incident(
                form.cleaned_data["title"],
                person=person(request),
                organization=form.chosen_organization(),
                capacity=Capacity(form.cleaned_data["capacity"]),
            ),
        )
        if incident is not None:
            return redirect("room", slug=incident.slug)
    return render(request, "incident_new.html", {"form": form, "organizations": organizations})
