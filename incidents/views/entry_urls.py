"""Addresses of the ways in: first passkeys and invitations."""

from django.urls import path

from incidents.views import enrolment, joining

urlpatterns = [
    path("enrol/passkey/", enrolment.enrol_passkey, name="enrol_passkey"),
    path("enrol/<str:token>/", enrolment.enrol, name="enrol"),
    path("join/<str:token>/", joining.join, name="join"),
    path("incidents/<slug:slug>/invite/", joining.invite, name="invite"),
]
