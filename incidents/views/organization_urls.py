"""Addresses of an organization's own people."""

from django.urls import path

from incidents.views import organizations, recoveries

_MEMBER = "organizations/<uuid:public_id>/members/<uuid:member>"
_RECOVERY = "organizations/<uuid:public_id>/recoveries/<uuid:recovery>"

urlpatterns = [
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
