"""The status page: what it says, and publishing it."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.api.base import READ, described, enter, valid
from incidents.choices import Severity
from incidents.services import statements


class StatusSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    is_public = serializers.BooleanField()
    line = serializers.ChoiceField(choices=Severity.choices)
    figures = serializers.DictField(
        help_text="By stolen asset: the money strip as it was released; amounts are strings."
    )
    next_update_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)


class PublishStatusSerializer(serializers.Serializer[Any]):
    line = serializers.ChoiceField(choices=Severity.choices)
    next_update_at = serializers.DateTimeField(required=False, allow_null=True)


class Status(APIView):
    @described(
        "status_retrieve", "status", "The status page.", gives=StatusSerializer, refuses=READ
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, _ = enter(request, slug)
        return Response(StatusSerializer(access.status_page(incident)).data)

    @described(
        "status_publish",
        "status",
        "Publish line and figures as TLP:CLEAR.",
        takes=PublishStatusSerializer,
        gives=StatusSerializer,
    )
    def post(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        data = valid(request, PublishStatusSerializer)
        page = statements.publish_status(
            incident, data["line"], actor=actor, next_update_at=data.get("next_update_at")
        )
        return Response(StatusSerializer(page).data)
