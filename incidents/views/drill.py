"""The doors of a drill: enter as any party with one click. They do not exist outside drill mode."""

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from incidents.exceptions import NotFound
from incidents.services import drills


def _only_in_drill() -> None:
    if not settings.DRILL:
        raise Http404


def doors(request: HttpRequest) -> HttpResponseBase:
    """Every seat of every drill, with the person to enter as."""
    _only_in_drill()
    return render(request, "drill_doors.html", {"doors": drills.doors()})


@require_POST
def enter_as(request: HttpRequest) -> HttpResponseBase:
    """Become that person of that party, and go into the room."""
    _only_in_drill()
    try:
        door = drills.door(request.POST.get("person", ""), request.POST.get("incident", ""))
    except NotFound as error:
        raise Http404 from error
    login(request, door.person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("room", slug=door.seat.incident.slug)
