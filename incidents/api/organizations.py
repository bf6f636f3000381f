"""An organization's own people: for its members; run by its administrators."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.access import Proof
from incidents.api.base import READ, described, person, valid
from incidents.api.fields import OrganizationSerializer
from incidents.services import members
from incidents.services.step_up import proof_of


class OwnOrganizationSerializer(OrganizationSerializer):
    id = serializers.UUIDField(source="public_id")


class MemberSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="person.public_id")
    name = serializers.CharField(source="person.name")
    email = serializers.EmailField(source="person.email")
    is_administrator = serializers.BooleanField()


class InviteMemberSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    email = serializers.EmailField()


class InvitedMemberSerializer(serializers.Serializer[Any]):
    link = serializers.CharField(help_text="To pass on. Shown this once.")
    code = serializers.CharField(help_text="To be told by voice. Shown this once.")


class AdministratorSerializer(serializers.Serializer[Any]):
    is_administrator = serializers.BooleanField()


def _proof(request: Request) -> Proof:
    return proof_of(request._request, request.auth)


class OrganizationList(APIView):
    @described(
        "organizations_list",
        "organizations",
        "The organizations that you speak for.",
        gives=OwnOrganizationSerializer(many=True),
        refuses=(401,),
    )
    def get(self, request: Request) -> Response:
        rows = access.organizations_of(person(request))
        return Response(OwnOrganizationSerializer(rows, many=True).data)


class MemberList(APIView):
    @described(
        "members_list",
        "organizations",
        "The people of an organization of yours.",
        gives=MemberSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, organization_id: UUID) -> Response:
        row = access.get_organization(person(request), organization_id)
        return Response(MemberSerializer(access.members(row), many=True).data)

    @described(
        "members_invite",
        "organizations",
        "Let somebody in by a link and a code; for administrators, with a fresh passkey.",
        takes=InviteMemberSerializer,
        gives=InvitedMemberSerializer,
        status=201,
    )
    def post(self, request: Request, organization_id: UUID) -> Response:
        row = access.get_organization(person(request), organization_id)
        access.require_administrator_of(person(request), row, _proof(request))
        data = valid(request, InviteMemberSerializer)
        made = members.invite(row, **data, by=person(request), proof=_proof(request))
        return Response(InvitedMemberSerializer(made).data, status=201)


class MemberOne(APIView):
    @described(
        "members_change",
        "organizations",
        "Make somebody an administrator, or no longer; with a fresh passkey.",
        takes=AdministratorSerializer,
        gives=MemberSerializer,
    )
    def put(self, request: Request, organization_id: UUID, member_id: UUID) -> Response:
        row = access.get_organization(person(request), organization_id)
        access.require_administrator_of(person(request), row, _proof(request))
        wanted = valid(request, AdministratorSerializer)["is_administrator"]
        changed = members.set_administrator(
            access.get_member(row, member_id), wanted, by=person(request), proof=_proof(request)
        )
        return Response(MemberSerializer(changed).data)

    @described(
        "members_end",
        "organizations",
        "End a membership; with a fresh passkey.",
        status=204,
    )
    def delete(self, request: Request, organization_id: UUID, member_id: UUID) -> Response:
        row = access.get_organization(person(request), organization_id)
        access.require_administrator_of(person(request), row, _proof(request))
        membership = access.get_member(row, member_id)
        members.end(membership, by=person(request), proof=_proof(request))
        return Response(status=204)
