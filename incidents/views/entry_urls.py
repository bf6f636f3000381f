"""Addresses of the ways in: first passkeys, invitations, API tokens."""

from django.urls import path

from incidents.views import enrolment, joining, sessions, tokens

urlpatterns = [
    path("enrol/passkey/", enrolment.enrol_passkey, name="enrol_passkey"),
    path("enrol/<str:token>/", enrolment.enrol, name="enrol"),
    path("join/<str:token>/", joining.join, name="join"),
    path("account/sessions/", sessions.session_list, name="sessions"),
    path("account/sessions/end/", sessions.session_end_others, name="session_end_others"),
    path("account/sessions/<slug:handle>/end/", sessions.session_end, name="session_end"),
    path("account/tokens/", tokens.token_list, name="tokens"),
    path("account/tokens/<uuid:public_id>/revoke/", tokens.token_revoke, name="token_revoke"),
]
