"""Who comes and goes: proposals, invitations, vouching, removals, leaving."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.access import Actor
from incidents.api.base import READ, described, enter, person, valid
from incidents.api.fields import OrganizationSerializer
from incidents.choices import AdmissionRule, Capacity
from incidents.exceptions import BadInput
from incidents.models import Incident, Organization
from incidents.services import admissions, mail, seats
from incidents.services.admissions import LONGEST_DEADLINE, Proposed
from incidents.services.seats import LONGEST_REASON


class InvitationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    organization_name = serializers.CharField()
    capacity = serializers.ChoiceField(choices=Capacity.choices)
    is_confidential = serializers.BooleanField()
    respond_minutes = serializers.IntegerField()
    inviting = OrganizationSerializer()
    approving = OrganizationSerializer(allow_null=True)
    rule = serializers.ChoiceField(choices=AdmissionRule.choices, allow_blank=True)
    proposed_at = serializers.DateTimeField(source="created_at")
    approved_at = serializers.DateTimeField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    refused_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField()


class ApprovedSerializer(serializers.Serializer[Any]):
    """Link and code are told here and nowhere again; both are empty where one is known here."""

    invitation = InvitationSerializer()
    link = serializers.CharField(allow_blank=True)
    code = serializers.CharField(allow_blank=True)


class AdmissionProposalSerializer(serializers.Serializer[Any]):
    """Either ``organization``, by its slug, of those you meet in other rooms; or name and email."""

    organization = serializers.SlugField(required=False)
    organization_name = serializers.CharField(max_length=120, required=False)
    email = serializers.EmailField(required=False)
    capacity = serializers.ChoiceField(choices=Capacity.choices)
    is_confidential = serializers.BooleanField(
        required=False, help_text="Left out: law enforcement is, others are not."
    )
    respond_minutes = serializers.IntegerField(min_value=1, max_value=LONGEST_DEADLINE, default=60)
    asked = serializers.SlugField(
        required=False, help_text="Of a confidential one: the party that is asked to approve it."
    )


class RemovalReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=LONGEST_REASON)


class RemovalSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    organization = OrganizationSerializer(source="participation.organization")
    reason = serializers.CharField()
    asked_for = OrganizationSerializer()
    asked_at = serializers.DateTimeField()


def _wanted(data: dict[str, Any], incident: Incident, actor: Actor) -> Proposed:
    known = _named(data, "organization", access.acquaintances(actor, incident))
    here = [seat.organization for seat in access.parties(actor, incident)]
    capacity = Capacity(data["capacity"])
    return Proposed(
        capacity,
        known,
        data.get("organization_name", ""),
        data.get("email", ""),
        data.get("is_confidential", capacity is Capacity.LAW_ENFORCEMENT),
        data["respond_minutes"],
        _named(data, "asked", here),
    )


def _named(data: dict[str, Any], field: str, among: Any) -> Organization | None:
    """:raises BadInput: not one that the actor may name, there or not."""
    if field not in data:
        return None
    found: Organization | None = next((one for one in among if one.slug == data[field]), None)
    if found is None:
        raise BadInput("Not an organization that you can name.", field=field)
    return found


class InvitationList(APIView):
    @described(
        "invitations_list",
        "parties",
        "Proposals and invitations, as you may know them, newest first.",
        gives=InvitationSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        rows = access.invitations(actor, incident)
        return Response(InvitationSerializer(rows, many=True).data)

    @described(
        "invitations_propose",
        "parties",
        "Propose an organization. Nothing leaves before a second person approves.",
        takes=AdmissionProposalSerializer,
        gives=InvitationSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        access.require(actor, incident, access.Act.INVITE)
        wanted = _wanted(valid(request, AdmissionProposalSerializer), incident, actor)
        row = admissions.propose(incident, wanted, actor=actor)
        return Response(InvitationSerializer(row).data, status=201)


class InvitationApproval(APIView):
    @described(
        "invitations_approve",
        "parties",
        "The second word. The mail leaves; tell the code by telephone or Signal.",
        gives=ApprovedSerializer,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_invitation(actor, incident, public_id)
        made = admissions.approve(row, actor=actor)
        if made.link:
            mail.send_invitation(made.invitation, made.link)
        return Response(ApprovedSerializer(made).data)


class InvitationRefusal(APIView):
    @described(
        "invitations_refuse",
        "parties",
        "Refuse a proposal, or take back your party's own.",
        gives=InvitationSerializer,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_invitation(actor, incident, public_id)
        return Response(InvitationSerializer(admissions.refuse(row, actor=actor)).data)


class InvitationRevocation(APIView):
    @described(
        "invitations_revoke",
        "parties",
        "End an approved invitation that nobody took up.",
        gives=InvitationSerializer,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_invitation(actor, incident, public_id)
        return Response(InvitationSerializer(admissions.revoke(row, actor=actor)).data)


class PartyVouching(APIView):
    @described(
        "parties_vouch",
        "parties",
        "Stand by a party that came by the word of one other alone.",
        status=204,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        seats.vouch(access.get_party(actor, incident, public_id), actor=actor)
        return Response(status=204)


class PartyLeaving(APIView):
    @described("parties_leave", "parties", "Leave the room, for your own party.", status=204)
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        seat = access.get_party(actor, incident, public_id)
        seats.leave(seat, person=person(request), actor=actor)
        return Response(status=204)


class PartyRemoval(APIView):
    @described(
        "parties_ask_removal",
        "parties",
        "Ask that a party be taken out. A second person has to agree.",
        takes=RemovalReasonSerializer,
        gives=RemovalSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        seat = access.get_party(actor, incident, public_id)
        access.require(actor, incident, access.Act.REMOVE_PARTY)
        reason = valid(request, RemovalReasonSerializer)["reason"]
        row = seats.ask_removal(seat, reason, actor=actor)
        return Response(RemovalSerializer(row).data, status=201)


class RemovalList(APIView):
    @described(
        "removals_list",
        "parties",
        "Open questions whether a party is to be taken out, for those who decide.",
        gives=RemovalSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        return Response(RemovalSerializer(access.removals(actor, incident), many=True).data)


class RemovalApproval(APIView):
    @described("removals_approve", "parties", "The second word: it is out at once.", status=204)
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        seats.approve_removal(access.get_removal(actor, incident, public_id), actor=actor)
        return Response(status=204)


class RemovalRefusal(APIView):
    @described("removals_refuse", "parties", "It stays; or take back your own.", status=204)
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        seats.refuse_removal(access.get_removal(actor, incident, public_id), actor=actor)
        return Response(status=204)
