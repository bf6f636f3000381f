"""Parties: who sits in the room, and their people whom an item can be narrowed to."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.api.base import READ, described, enter
from incidents.api.fields import OrganizationSerializer
from incidents.choices import Capacity, Consent
from incidents.models import Person
from incidents.services.parties import people_of


class PartySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    organization = OrganizationSerializer()
    capacity = serializers.ChoiceField(choices=Capacity.choices)
    consent = serializers.ChoiceField(choices=Consent.choices)
    is_confidential = serializers.BooleanField()
    signed_at = serializers.DateTimeField(allow_null=True)


class PersonSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    name = serializers.SerializerMethodField()

    def get_name(self, person: Person) -> str:
        return str(person)


class PartiesSerializer(serializers.Serializer[Any]):
    parties = PartySerializer(many=True)
    people = PersonSerializer(many=True)


class PartyList(APIView):
    @described(
        "parties_list",
        "parties",
        "Parties of the room and their people, as you may know them.",
        gives=PartiesSerializer,
        refuses=READ,
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        found = {
            "parties": access.parties(actor, incident),
            "people": people_of(actor, incident),
        }
        return Response(PartiesSerializer(found).data)
