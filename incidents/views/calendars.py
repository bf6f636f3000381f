"""A person's calendar of deadlines of a room, and the page that makes its address."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from incidents.exceptions import NotFound
from incidents.services import calendars
from incidents.views.pages import acted, enter, page, room_page


@page
def calendar(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Make an address, shown this once, or see that there is one."""
    incident, actor = enter(request, slug)
    address = calendars.make(incident, actor=actor) if request.method == "POST" else ""
    feed = calendars.current(incident, actor=actor)
    return room_page(request, "room/calendar.html", incident, actor, feed=feed, address=address)


@page
@require_POST
def calendar_revoke(request: HttpRequest, slug: str) -> HttpResponseBase:
    """It tells nothing any more."""
    incident, actor = enter(request, slug)
    acted(request, lambda: calendars.revoke(incident, actor=actor), "Revoked.")
    return redirect("calendar", slug=slug)


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar, for a program that holds the address."""
    try:
        body = calendars.feed(token)
    except NotFound as error:
        raise Http404 from error
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["X-Robots-Tag"] = "noindex"
    return answer
