"""Addresses of an organization's own people."""

from django.urls import path

from incidents.views import desks, organizations, recoveries

_MEMBER = "organizations/<uuid:public_id>/members/<uuid:member>"
_RECOVERY = "organizations/<uuid:public_id>/recoveries/<uuid:recovery>"

_DESK = "organizations/<uuid:public_id>/desks/<slug:desk>/"

urlpatterns = [
    path("organizations/<uuid:public_id>/desks/", desks.desk_list, name="desks_own"),
    path(_DESK, desks.desk, name="desk_own"),
    path(f"{_DESK}profile/", desks.profile_edit, name="desk_profile"),
    path(f"{_DESK}profile/undo/", desks.profile_drop, name="desk_profile_drop"),
    path(f"{_DESK}contacts/", desks.contact_add, name="desk_contact_add"),
    path(
        f"{_DESK}contacts/<uuid:contact>/verify/",
        desks.contact_verify,
        name="desk_contact_verify",
    ),
    path(f"{_DESK}contacts/<uuid:contact>/end/", desks.contact_end, name="desk_contact_end"),
    path("organizations/", organizations.organization_list, name="organizations"),
    path("organizations/<uuid:public_id>/", organizations.organization, name="organization"),
    path(
        "organizations/<uuid:public_id>/members/", organizations.member_invite, name="member_invite"
    ),
    path(
        f"{_MEMBER}/withdraw/",
        organizations.invitation_withdraw,
        name="member_invitation_withdraw",
    ),
    path(f"{_MEMBER}/end/", organizations.member_end, name="member_end"),
    path(
        f"{_MEMBER}/administrator/",
        organizations.member_administrator,
        name="member_administrator",
    ),
    path(f"{_MEMBER}/recovery/", recoveries.recovery_ask, name="recovery_ask"),
    path(f"{_RECOVERY}/approve/", recoveries.recovery_approve, name="recovery_approve"),
    path(f"{_RECOVERY}/issue/", recoveries.recovery_issue, name="recovery_issue"),
    path(f"{_RECOVERY}/stop/", recoveries.recovery_stop, name="recovery_stop"),
]
