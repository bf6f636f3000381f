"""Addresses of a room's parties: who sits here, who comes and goes, who does what."""

from django.urls import path

from incidents.views import admissions, control, joining, parties, roles

_room = "incidents/<slug:slug>/"
_invitation = _room + "invitations/<uuid:public_id>/"
_party = _room + "parties/<uuid:public_id>/"
_role = _room + "roles/<uuid:public_id>/"
_removal = _room + "removals/<uuid:public_id>/"

urlpatterns = [
    path(_room + "parties/", parties.parties, name="parties"),
    path(_room + "invite/", admissions.invite, name="invite"),
    path(_room + "seat/", parties.choose_seat, name="choose_seat"),
    path(_invitation + "approve/", admissions.approve, name="invitation_approve"),
    path(_invitation + "refuse/", admissions.refuse, name="invitation_refuse"),
    path(_invitation + "revoke/", admissions.revoke, name="invitation_revoke"),
    path(_party + "vouch/", admissions.vouch, name="vouch"),
    path(_party + "removal/", parties.removal, name="removal"),
    path(
        _removal + "approve/", parties.removal_answer, {"word": "approve"}, name="removal_approve"
    ),
    path(_removal + "refuse/", parties.removal_answer, {"word": "refuse"}, name="removal_refuse"),
    path(_room + "roles/new/", roles.role_new, name="role_new"),
    path(_role + "hand-over/", roles.role_hand_over, name="role_hand_over"),
    path(_role + "take-over/", roles.role_take_over, name="role_take_over"),
    path(_role + "end/", roles.role_end, name="role_end"),
    path(_room + "control/new/", control.control_new, name="control_new"),
    path(_room + "control/<uuid:public_id>/", control.control_sign, name="control"),
    path("invitations/<uuid:public_id>/take/", joining.take_seat, name="take_seat"),
]
