"""Addresses of the ways in: first passkeys, invitations, API tokens."""

from django.urls import path

from incidents.views import enrolment, joining, tokens

urlpatterns = [
    path("enrol/passkey/", enrolment.enrol_passkey, name="enrol_passkey"),
    path("enrol/<str:token>/", enrolment.enrol, name="enrol"),
    path("join/<str:token>/", joining.join, name="join"),
    path("incidents/<slug:slug>/invite/", joining.invite, name="invite"),
    path("account/tokens/", tokens.token_list, name="tokens"),
    path("account/tokens/<int:pk>/revoke/", tokens.token_revoke, name="token_revoke"),
]
