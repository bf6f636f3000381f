"""New passkeys for somebody who lost all: by two people of an organization, and 24 hours."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.access import Proof
from incidents.api.base import READ, described, person, valid
from incidents.api.organizations import InvitedMemberSerializer
from incidents.api.parties import PersonSerializer
from incidents.models import Organization, Recovery
from incidents.services import mail, recoveries
from incidents.services.step_up import proof_of


class RecoverySerializer(serializers.Serializer[Any]):
    """One that is going on. Of another organization's you learn that it is, and may stop it."""

    id = serializers.UUIDField(source="public_id")
    person = PersonSerializer()
    is_own = serializers.SerializerMethodField(help_text="Whether people of this one asked.")
    asked_at = serializers.DateTimeField()
    approved_at = serializers.DateTimeField(allow_null=True)
    ready_at = serializers.DateTimeField(allow_null=True, help_text="Link and code from then on.")
    issued_at = serializers.DateTimeField(allow_null=True)

    def get_is_own(self, row: Recovery) -> bool:
        return bool(row.organization_id == self.context["organization"].pk)


class AskRecoverySerializer(serializers.Serializer[Any]):
    person = serializers.UUIDField(help_text="Public id of a member.")
    reason = serializers.CharField(default="", allow_blank=True, max_length=300)


def _told(row: Recovery, organization: Organization) -> dict[str, Any]:
    return dict(RecoverySerializer(row, context={"organization": organization}).data)


def _sure(request: Request, public_id: UUID) -> tuple[Organization, Proof]:
    """The organization, for one of its people with the passkey of the last five minutes. Asked
    before anything is looked for, so that no token learns what there is.

    :raises NotFound, StepUpRequired, TokenNotEnough: otherwise.
    """
    row = access.get_organization(person(request), public_id)
    proof = proof_of(request, request.auth)
    access.require_fresh(proof)
    return row, proof


class RecoveryList(APIView):
    @described(
        "recoveries_list",
        "organizations",
        "Members who are getting new passkeys.",
        gives=RecoverySerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, organization_id: UUID) -> Response:
        row = access.get_organization(person(request), organization_id)
        return Response([_told(one, row) for one in access.recoveries_told(row)])

    @described(
        "recoveries_ask",
        "organizations",
        "Somebody lost every passkey: the first of two says so. Everybody is told at once.",
        takes=AskRecoverySerializer,
        gives=RecoverySerializer,
        status=201,
    )
    def post(self, request: Request, organization_id: UUID) -> Response:
        row, proof = _sure(request, organization_id)
        data = valid(request, AskRecoverySerializer)
        concerned = access.get_member(row, data["person"]).person
        made = recoveries.ask(
            row, concerned, by=person(request), proof=proof, reason=data["reason"]
        )
        mail.tell_of_recovery(recoveries.addresses_told(made))
        return Response(_told(made, row), status=201)


class RecoveryApproval(APIView):
    @described(
        "recoveries_approve",
        "organizations",
        "The second person agrees; 24 hours begin.",
        gives=RecoverySerializer,
    )
    def post(self, request: Request, organization_id: UUID, public_id: UUID) -> Response:
        row, proof = _sure(request, organization_id)
        found = access.get_recovery(row, public_id)
        done = recoveries.approve(found, by=person(request), proof=proof)
        mail.tell_of_recovery(recoveries.addresses_told(done))
        return Response(_told(done, row))


class RecoveryIssue(APIView):
    @described(
        "recoveries_issue",
        "organizations",
        "Link and code, once, for one of the two to hand over.",
        gives=InvitedMemberSerializer,
    )
    def post(self, request: Request, organization_id: UUID, public_id: UUID) -> Response:
        row, proof = _sure(request, organization_id)
        found = access.get_recovery(row, public_id)
        made = recoveries.issue(found, by=person(request), proof=proof)
        return Response(InvitedMemberSerializer(made).data)


class RecoveryStop(APIView):
    @described("recoveries_stop", "organizations", "Anybody who was told ends it.", status=204)
    def post(self, request: Request, organization_id: UUID, public_id: UUID) -> Response:
        row, proof = _sure(request, organization_id)
        found = access.get_recovery(row, public_id)
        told = recoveries.addresses_told(found)
        recoveries.stop(found, by=person(request), proof=proof)
        mail.tell_of_recovery(told)
        return Response(status=204)
