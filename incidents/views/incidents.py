"""The list of incidents, opening one, and its terms."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from incidents import access
from incidents.choices import Capacity
from incidents.forms.base import carried_out
from incidents.forms.room import IncidentForm
from incidents.services import incidents, parties
from incidents.views.pages import acted, page, person


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


@page
def terms(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What the organization accepts. Until it has, this is all that it sees of the incident."""
    incident, actor = access.get_actor(person(request), slug)
    text = incidents.terms_in_force(incident)
    return render(request, "terms.html", {"incident": incident, "actor": actor, "terms": text})


@page
@require_POST
def terms_answer(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Accept the terms as they were shown, or decline them."""
    _, actor = access.get_actor(person(request), slug)
    seat = actor.participation
    if seat is None or request.POST.get("answer") not in {"accept", "decline"}:
        return redirect("terms", slug=slug)
    if request.POST["answer"] == "decline":
        acted(request, lambda: parties.decline(seat, person=person(request)), "Declined.")
        return redirect("incidents")
    digest = request.POST.get("digest", "")
    accepted = acted(
        request,
        lambda: parties.accept_terms(seat, person=person(request), digest=digest),
        "Terms accepted for your organization.",
    )
    return redirect("room" if accepted else "terms", slug=slug)
