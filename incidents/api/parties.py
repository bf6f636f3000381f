"""Parties: who sits in the room, and their people whom an item can be narrowed to."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.api.base import READ, described, enter
from incidents.api.fields import OrganizationSerializer
from incidents.choices import AdmissionRule, Capacity, Consent
from incidents.models import Organization, Participation, Person
from incidents.services.parties import people_of


class PartySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    organization = OrganizationSerializer()
    capacity = serializers.ChoiceField(choices=Capacity.choices)
    consent = serializers.ChoiceField(choices=Consent.choices)
    is_confidential = serializers.BooleanField()
    joined_at = serializers.DateTimeField(allow_null=True)
    read_at = serializers.DateTimeField(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)
    respond_by = serializers.DateTimeField(allow_null=True)
    silent_since = serializers.DateTimeField(allow_null=True)
    admitted_by = serializers.ChoiceField(choices=AdmissionRule.choices)
    sponsor = serializers.SerializerMethodField()
    vouched_by = serializers.SerializerMethodField()

    def get_sponsor(self, seat: Participation) -> str | None:
        """Slug of the party by whose word alone it came, as far as you may know that one."""
        return self._known(seat.sponsor)

    def get_vouched_by(self, seat: Participation) -> str | None:
        """Slug of who vouches for it since."""
        return self._known(seat.vouched_by)

    def _known(self, organization: Organization | None) -> str | None:
        known = organization is not None and organization.pk in self.context["known"]
        return organization.slug if organization and known else None


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
        parties = list(access.parties_shown(actor, incident))
        known = {seat.organization_id for seat in parties}
        found = {"parties": parties, "people": people_of(actor, incident)}
        return Response(PartiesSerializer(found, context={"known": known}).data)
