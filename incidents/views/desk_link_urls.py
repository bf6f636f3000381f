"""Addresses of members' pages about the pages of desks, and of calendars of deadlines."""

from django.urls import path

from incidents.views import calendars, desk_links

FREEZE = "incidents/<slug:slug>/freezes/<uuid:public_id>/"
LINK = f"{FREEZE}links/<uuid:link_id>/"
ANSWER = "incidents/<slug:slug>/answers/<uuid:public_id>/"

urlpatterns = [
    path(f"{FREEZE}links/new/", desk_links.link_new, name="desk_link_new"),
    path(LINK, desk_links.link_views, name="desk_link"),
    path(f"{LINK}revoke/", desk_links.link_revoke, name="desk_link_revoke"),
    path(f"{LINK}renew/", desk_links.link_renew, name="desk_link_renew"),
    path(f"{LINK}browsers/<uuid:device_id>/code/", desk_links.code_new, name="desk_code"),
    path(
        "incidents/<slug:slug>/targets/<uuid:public_id>/claim/",
        desk_links.claim,
        name="desk_claim",
    ),
    path("incidents/<slug:slug>/calendar/", calendars.calendar, name="calendar"),
    path(
        "incidents/<slug:slug>/calendar/revoke/", calendars.calendar_revoke, name="calendar_revoke"
    ),
    path("calendar/<str:token>.ics", calendars.calendar_feed, name="calendar_feed"),
    path(f"{ANSWER}confirm/", desk_links.confirm, name="answer_confirm"),
    path(f"{ANSWER}proof/", desk_links.proof, name="answer_proof"),
]
