"""Roles in a room, and proofs of what a party controls."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.access import Act, Actor
from incidents.api.base import READ, described, enter, valid
from incidents.api.fields import OrganizationSerializer
from incidents.api.parties import PersonSerializer
from incidents.choices import RoomRole
from incidents.exceptions import BadInput, NotFound
from incidents.models import ControlProof, Incident, Participation, Person
from incidents.services import control, roles
from incidents.services.roles import Given


class RoleSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    role = serializers.ChoiceField(choices=RoomRole.choices)
    organization = OrganizationSerializer()
    person = PersonSerializer()
    backup = PersonSerializer(allow_null=True)
    since = serializers.DateTimeField()


class HandOverSerializer(serializers.Serializer[Any]):
    person = serializers.UUIDField(help_text="Public id of a person of the same party.")
    backup = serializers.UUIDField(required=False, help_text="Who stands in, of that party.")


class GivenSerializer(HandOverSerializer):
    role = serializers.ChoiceField(choices=RoomRole.choices)
    party = serializers.UUIDField(help_text="Public id of the party's seat.")


class ProofSerializer(serializers.Serializer[Any]):
    """``message`` is what is signed, to the letter; a proof holds as of its block."""

    id = serializers.UUIDField(source="public_id")
    organization = OrganizationSerializer(source="participation.organization")
    chain = serializers.CharField()
    address = serializers.CharField()
    message = serializers.CharField()
    expires_at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=ControlProof.Kind.choices, allow_blank=True)
    block_number = serializers.IntegerField(allow_null=True)
    block_hash = serializers.CharField(allow_blank=True)
    proved_at = serializers.DateTimeField(allow_null=True)


class ControlledAccountSerializer(serializers.Serializer[Any]):
    chain = serializers.CharField(max_length=60, help_text="CAIP-2")
    address = serializers.CharField(max_length=130)


class SignatureSerializer(serializers.Serializer[Any]):
    signature = serializers.RegexField(
        r"^0x[0-9a-fA-F]*$", max_length=control.LONGEST_SIGNATURE, help_text="Hexadecimal."
    )


def _people(data: dict[str, Any], seat: Participation) -> tuple[Person, Person | None]:
    """:raises BadInput: nobody of that party."""
    known = {one.public_id: one for one in access.people_for(seat)}
    for field in ("person", "backup"):
        if field in data and data[field] not in known:
            raise BadInput("Not a person of that party.", field=field)
    return known[data["person"]], known[data["backup"]] if "backup" in data else None


def _seat_of(actor: Actor, incident: Incident, organization: int) -> Participation:
    seat = access.parties(actor, incident).filter(organization=organization).first()
    if seat is None:
        raise NotFound
    return seat


class RoleList(APIView):
    @described(
        "roles_list",
        "parties",
        "Who does what at this moment, of parties that you may know of.",
        gives=RoleSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        return Response(RoleSerializer(access.roles(actor, incident), many=True).data)

    @described(
        "roles_give",
        "parties",
        "Name somebody for a role.",
        takes=GivenSerializer,
        gives=RoleSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        access.require(actor, incident, Act.GIVE_ROLE)
        data = valid(request, GivenSerializer)
        seat = access.get_party(actor, incident, data["party"])
        given = Given(RoomRole(data["role"]), seat, *_people(data, seat))
        return Response(RoleSerializer(roles.give(incident, given, actor=actor)).data, status=201)


class RoleHandOver(APIView):
    @described(
        "roles_hand_over",
        "parties",
        "Somebody else of the same party from now on.",
        takes=HandOverSerializer,
        gives=RoleSerializer,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_role(actor, incident, public_id)
        data = valid(request, HandOverSerializer)
        person, backup = _people(data, _seat_of(actor, incident, row.organization_id))
        made = roles.hand_over(row, person, actor=actor, backup=backup)
        return Response(RoleSerializer(made).data)


class RoleTakeOver(APIView):
    @described("roles_take_over", "parties", "Step in for whom you stand in.", gives=RoleSerializer)
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_role(actor, incident, public_id)
        return Response(RoleSerializer(roles.take_over(row, actor=actor)).data)


class RoleEnd(APIView):
    @described("roles_end", "parties", "Nobody does it any longer.", status=204)
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        roles.end(access.get_role(actor, incident, public_id), actor=actor)
        return Response(status=204)


class ProofList(APIView):
    @described(
        "control_list",
        "parties",
        "What parties showed to control; of your own also what waits to be signed.",
        gives=ProofSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        return Response(ProofSerializer(access.proofs(actor, incident), many=True).data)

    @described(
        "control_ask",
        "parties",
        "A text to be signed by an account that your party controls.",
        takes=ControlledAccountSerializer,
        gives=ProofSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        data = valid(request, ControlledAccountSerializer)
        row = control.ask(incident, data["chain"], data["address"], actor=actor)
        return Response(ProofSerializer(row).data, status=201)


class ProofOne(APIView):
    @described(
        "control_prove",
        "parties",
        "The signature over the text. Never a way to sign in.",
        takes=SignatureSerializer,
        gives=ProofSerializer,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_proof(actor, incident, public_id)
        if row.participation != actor.participation:
            raise NotFound
        signature = valid(request, SignatureSerializer)["signature"]
        return Response(ProofSerializer(control.prove(row, signature, actor=actor)).data)
