"""Incidents: the list, one, opening."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.access import Actor
from incidents.api.base import READ, described, enter, person, valid
from incidents.api.fields import OrganizationSerializer
from incidents.choices import Capacity, Consent, Marking, Stage
from incidents.exceptions import BadInput
from incidents.models import ApiToken, Incident, Participation
from incidents.services import incidents


class SeatSerializer(serializers.Serializer[Any]):
    """One of your seats. Without consent to the terms in force this is all you see."""

    slug = serializers.SlugField(source="incident.slug")
    title = serializers.CharField(source="incident.title")
    is_drill = serializers.BooleanField(source="incident.is_drill")
    stage = serializers.ChoiceField(source="incident.stage", choices=Stage.choices)
    opened_at = serializers.DateTimeField(source="incident.opened_at")
    organization = OrganizationSerializer()
    capacity = serializers.ChoiceField(choices=Capacity.choices)
    consent = serializers.ChoiceField(choices=Consent.choices)
    has_consented = serializers.SerializerMethodField(help_text="To the terms in force.")

    def get_has_consented(self, seat: Participation) -> bool:
        return seat.has_consented(seat.incident.terms_version)


class IncidentSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    title = serializers.CharField()
    is_drill = serializers.BooleanField()
    stage = serializers.ChoiceField(choices=Stage.choices)
    default_marking = serializers.ChoiceField(choices=Marking.choices)
    opened_at = serializers.DateTimeField()
    organization = OrganizationSerializer(help_text="Whom you speak for here.")
    capacity = serializers.ChoiceField(choices=Capacity.choices)


class OpenIncidentSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=incidents.LONGEST_TITLE)
    organization = serializers.SlugField(help_text="One of yours.")
    capacity = serializers.ChoiceField(choices=Capacity.choices, default=Capacity.AFFECTED)


def as_json(incident: Incident, actor: Actor) -> dict[str, Any]:
    """An incident for one of its parties."""
    names = ("slug", "title", "is_drill", "stage", "default_marking", "opened_at")
    told = {name: getattr(incident, name) for name in names}
    seat = {"organization": actor.organization, "capacity": actor.capacity}
    return dict(IncidentSerializer({**told, **seat}).data)


class IncidentList(APIView):
    @described(
        "incidents_list",
        "incidents",
        "Your incidents, newest first.",
        gives=SeatSerializer(many=True),
        refuses=(401,),
    )
    def get(self, request: Request) -> Response:
        rows = access.incidents_of(person(request))
        if isinstance(request.auth, ApiToken) and request.auth.incident_id:
            rows = rows.filter(incident=request.auth.incident_id)
        return Response(SeatSerializer(rows, many=True).data)

    @described(
        "incidents_open",
        "incidents",
        "Open an incident.",
        takes=OpenIncidentSerializer,
        gives=IncidentSerializer,
        status=201,
        refuses=(400, 401),
    )
    def post(self, request: Request) -> Response:
        data, opener = valid(request, OpenIncidentSerializer), person(request)
        yours = {o.slug: o for o in access.organizations_of(opener)}
        if data["organization"] not in yours:
            raise BadInput("You do not belong to this organization.", field="organization")
        incident = incidents.open_incident(
            data["title"],
            person=opener,
            organization=yours[data["organization"]],
            capacity=Capacity(data["capacity"]),
        )
        return Response(as_json(*enter(request, incident.slug)), status=201)


class IncidentOne(APIView):
    @described(
        "incidents_retrieve", "incidents", "One incident.", gives=IncidentSerializer, refuses=READ
    )
    def get(self, request: Request, slug: str) -> Response:
        return Response(as_json(*enter(request, slug)))
