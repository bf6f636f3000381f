"""Addresses."""

from django.urls import URLPattern, URLResolver, include, path

from incidents.api import (
    addresses,
    attackers,
    desks,
    dispatches,
    freezes,
    incidents,
    items,
    notes,
    organizations,
    packets,
    parties,
    recoveries,
    roles,
    seats,
    sessions,
    state,
    statements,
    status,
    terms,
    timeline,
    tokens,
    waiting,
)
from incidents.api import schema as schema  # registers what the OpenAPI schema needs

_freeze: list[URLPattern | URLResolver] = [
    path("", freezes.FreezeOne.as_view()),
    path("approve/", freezes.FreezeApproval.as_view()),
    path("send/", freezes.FreezeSending.as_view()),
    path("findings/", dispatches.FreezeFindings.as_view()),
    path("dispatches/", dispatches.DispatchList.as_view()),
    path("targets/<uuid:target_id>/answers/", freezes.FreezeAnswers.as_view()),
    path("export/<slug:export>/", freezes.FreezeFile.as_view()),
    path("fields/", packets.PacketFields.as_view()),
    path("packets/", packets.PacketList.as_view()),
    path("packets/<uuid:packet_id>/files/<slug:export>/", packets.PacketFiles.as_view()),
    path("packets/<uuid:packet_id>/signatures/", packets.PacketSignatures.as_view()),
]
_statement: list[URLPattern | URLResolver] = [
    path("", statements.StatementOne.as_view()),
    path("sign-offs/", statements.StatementSignOffs.as_view()),
    path("publish/", statements.StatementPublication.as_view()),
]
_release: list[URLPattern | URLResolver] = [
    path("release/", items.ReleaseGrant.as_view()),
    path("refuse/", items.ReleaseRefusal.as_view()),
    path("withdraw/", items.ReleaseWithdrawal.as_view()),
]
_item = "items/<slug:noun>/<uuid:public_id>/"
_invitation: list[URLPattern | URLResolver] = [
    path("approve/", seats.InvitationApproval.as_view()),
    path("refuse/", seats.InvitationRefusal.as_view()),
    path("revoke/", seats.InvitationRevocation.as_view()),
]
_party: list[URLPattern | URLResolver] = [
    path("vouch/", seats.PartyVouching.as_view()),
    path("leave/", seats.PartyLeaving.as_view()),
    path("removal/", seats.PartyRemoval.as_view()),
]
_role: list[URLPattern | URLResolver] = [
    path("hand-over/", roles.RoleHandOver.as_view()),
    path("take-over/", roles.RoleTakeOver.as_view()),
    path("end/", roles.RoleEnd.as_view()),
]
_revision: list[URLPattern | URLResolver] = [
    path("accept/", terms.RevisionAcceptance.as_view()),
    path("reject/", terms.RevisionRejection.as_view()),
    path("withdraw/", terms.RevisionWithdrawal.as_view()),
]
_recovery: list[URLPattern | URLResolver] = [
    path("approve/", recoveries.RecoveryApproval.as_view()),
    path("issue/", recoveries.RecoveryIssue.as_view()),
    path("stop/", recoveries.RecoveryStop.as_view()),
]
_desk: list[URLPattern | URLResolver] = [
    path("", desks.DeskOne.as_view()),
    path("contacts/", desks.ContactList.as_view()),
    path("contacts/<uuid:contact_id>/", desks.ContactOne.as_view()),
    path("contacts/<uuid:contact_id>/verify/", desks.ContactVerification.as_view()),
]
_room: list[URLPattern | URLResolver] = [
    path("", incidents.IncidentOne.as_view()),
    path("terms/", terms.Terms.as_view()),
    path("terms/read/", terms.TermsReading.as_view()),
    path("terms/sign/", terms.TermsSigning.as_view()),
    path("terms/decline/", terms.TermsDeclining.as_view()),
    path("terms/versions/", terms.TermsVersions.as_view()),
    path("terms/revisions/", terms.RevisionList.as_view()),
    path("terms/revisions/<uuid:public_id>/", include(_revision)),
    path("parties/", parties.PartyList.as_view()),
    path("parties/<uuid:public_id>/", include(_party)),
    path("invitations/", seats.InvitationList.as_view()),
    path("invitations/<uuid:public_id>/", include(_invitation)),
    path("removals/", seats.RemovalList.as_view()),
    path("removals/<uuid:public_id>/approve/", seats.RemovalApproval.as_view()),
    path("removals/<uuid:public_id>/refuse/", seats.RemovalRefusal.as_view()),
    path("roles/", roles.RoleList.as_view()),
    path("roles/<uuid:public_id>/", include(_role)),
    path("control/", roles.ProofList.as_view()),
    path("control/<uuid:public_id>/", roles.ProofOne.as_view()),
    path("timeline/", timeline.Timeline.as_view()),
    path("notes/", notes.NoteList.as_view()),
    path("addresses/", addresses.AddressList.as_view()),
    path("addresses/propose-return/", addresses.ReturnProposal.as_view()),
    path("addresses/<str:account>/", addresses.AddressOne.as_view()),
    path("addresses/<str:account>/accept-return/", addresses.ReturnAcceptance.as_view()),
    path("addresses/<str:account>/attacker/", attackers.AttackerWords.as_view()),
    path("addresses/<str:account>/attacker/take-back/", attackers.AttackerWordBack.as_view()),
    path("freezes/", freezes.FreezeList.as_view()),
    path("freezes/<uuid:public_id>/", include(_freeze)),
    path("dispatches/<uuid:public_id>/", dispatches.DispatchDecision.as_view()),
    path("statements/", statements.StatementList.as_view()),
    path("statements/<uuid:public_id>/", include(_statement)),
    path(f"{_item}marking/", items.ItemMarking.as_view()),
    path(f"{_item}releases/", items.ItemReleases.as_view()),
    path("preview/", items.MarkPreview.as_view()),
    path("releases/", items.ReleaseList.as_view()),
    path("releases/<uuid:public_id>/", include(_release)),
    path("status/", status.Status.as_view()),
    path("state/", state.State.as_view()),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("incidents/", incidents.IncidentList.as_view()),
    path("incidents/<slug:slug>/", include(_room)),
    path("organizations/", organizations.OrganizationList.as_view()),
    path("organizations/<uuid:organization_id>/members/", organizations.MemberList.as_view()),
    path(
        "organizations/<uuid:organization_id>/members/<uuid:member_id>/",
        organizations.MemberOne.as_view(),
    ),
    path("organizations/<uuid:organization_id>/keys/", packets.KeyList.as_view()),
    path(
        "organizations/<uuid:organization_id>/keys/<uuid:public_id>/confirm/",
        packets.KeyConfirmation.as_view(),
    ),
    path(
        "organizations/<uuid:organization_id>/keys/<uuid:public_id>/end/",
        packets.KeyEnd.as_view(),
    ),
    path("organizations/<uuid:organization_id>/desks/", desks.DeskList.as_view()),
    path("organizations/<uuid:organization_id>/desks/<slug:desk>/", include(_desk)),
    path("organizations/<uuid:organization_id>/recoveries/", recoveries.RecoveryList.as_view()),
    path("organizations/<uuid:organization_id>/recoveries/<uuid:public_id>/", include(_recovery)),
    path("seats/", waiting.WaitingList.as_view()),
    path("seats/<uuid:public_id>/take/", waiting.WaitingTaking.as_view()),
    path("seats/<uuid:public_id>/turn-down/", waiting.WaitingRefusal.as_view()),
    path("sessions/", sessions.SessionList.as_view()),
    path("sessions/<slug:handle>/", sessions.SessionOne.as_view()),
    path("tokens/", tokens.TokenList.as_view()),
    path("tokens/<uuid:public_id>/", tokens.TokenOne.as_view()),
]
