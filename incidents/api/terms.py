"""The terms of the room: reading them, accepting them."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.api.base import described, person, valid
from incidents.exceptions import NotFound
from incidents.services import parties
from incidents.services.incidents import terms_in_force


class TermsSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    text = serializers.CharField()
    digest = serializers.CharField(help_text="SHA-256 of the text: what is accepted.")
    is_accepted = serializers.BooleanField(help_text="By your organization.")


class AcceptTermsSerializer(serializers.Serializer[Any]):
    digest = serializers.CharField(max_length=64, help_text="Of the text that you read.")


def as_json(request: Request, slug: str) -> dict[str, Any]:
    """The terms in force, for a party that accepted them or not."""
    incident, actor = access.get_actor(person(request), slug)
    terms = terms_in_force(incident)
    shown = {"version": terms.version, "text": terms.text, "digest": terms.digest}
    return {**shown, "is_accepted": actor.has_consented}


class Terms(APIView):
    @described(
        "terms_retrieve",
        "terms",
        "The terms in force.",
        gives=TermsSerializer,
        refuses=(401, 404),
    )
    def get(self, request: Request, slug: str) -> Response:
        return Response(as_json(request, slug))


class TermsAcceptance(APIView):
    @described(
        "terms_accept",
        "terms",
        "Accept the terms as read, for your organization.",
        takes=AcceptTermsSerializer,
        gives=TermsSerializer,
        refuses=(400, 401, 404, 409),
    )
    def post(self, request: Request, slug: str) -> Response:
        _, actor = access.get_actor(person(request), slug)
        if actor.participation is None:
            raise NotFound
        data = valid(request, AcceptTermsSerializer)
        parties.accept_terms(actor.participation, person=person(request), digest=data["digest"])
        return Response(as_json(request, slug))
