"""Seats that wait for an organization which is known here: its people take them, or stay out."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.api.base import described, person
from incidents.api.fields import OrganizationSerializer
from incidents.api.incidents import SeatSerializer
from incidents.choices import Capacity
from incidents.services import joining


class WaitingSeatSerializer(serializers.Serializer[Any]):
    """What the invited learn before they sit down: who asks whom, as what."""

    id = serializers.UUIDField(source="public_id")
    organization = OrganizationSerializer()
    inviting = OrganizationSerializer()
    capacity = serializers.ChoiceField(choices=Capacity.choices)
    respond_minutes = serializers.IntegerField(help_text="To sign, from when the seat is taken.")
    expires_at = serializers.DateTimeField()


class WaitingList(APIView):
    # It is a person's word for an organization.
    authentication_classes = [SessionAuthentication]

    @described(
        "seats_list",
        "seats",
        "Seats that wait for an organization of yours.",
        gives=WaitingSeatSerializer(many=True),
        refuses=(401,),
    )
    def get(self, request: Request) -> Response:
        rows = access.invitations_for(person(request))
        return Response(WaitingSeatSerializer(rows, many=True).data)


class WaitingTaking(APIView):
    authentication_classes = [SessionAuthentication]

    @described(
        "seats_take",
        "seats",
        "Sit down for your organization. Reading and signing the terms come after.",
        gives=SeatSerializer,
        status=201,
        refuses=(401, 404, 409),
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        seat = joining.take(public_id, person=person(request))
        return Response(SeatSerializer(seat).data, status=201)


class WaitingRefusal(APIView):
    authentication_classes = [SessionAuthentication]

    @described(
        "seats_turn_down", "seats", "Your organization stays out.", status=204, refuses=(401, 404)
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        joining.turn_down(public_id, person=person(request))
        return Response(status=204)
