"""Addresses of the ways in for people who have no passkey yet."""

from django.urls import path

from incidents.views import enrolment

urlpatterns = [
    path("enrol/passkey/", enrolment.enrol_passkey, name="enrol_passkey"),
    path("enrol/<str:token>/", enrolment.enrol, name="enrol"),
]
