"""The person's own sessions. A token sees and ends none: it must not shut its owner out."""

from typing import Any

from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.api.base import described, person
from incidents.services import sessions


class SessionSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(source="handle", help_text="Names it; opens nothing.")
    device = serializers.CharField(help_text="As the browser says.")
    address = serializers.CharField()
    began_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField(help_text="True to the minute.")
    is_this_one = serializers.BooleanField()


class SessionList(APIView):
    authentication_classes = [SessionAuthentication]

    @described(
        "sessions_list",
        "sessions",
        "Where you are signed in, the last used first.",
        gives=SessionSerializer(many=True),
        refuses=(401,),
    )
    def get(self, request: Request) -> Response:
        current = request._request.session.session_key or ""
        rows = sessions.of(person(request), current)
        return Response(SessionSerializer(rows, many=True).data)

    @described(
        "sessions_end_others",
        "sessions",
        "End every session of yours but this one.",
        status=204,
        refuses=(401, 403),
    )
    def delete(self, request: Request) -> Response:
        sessions.end_all(person(request), but=request._request.session.session_key or "")
        return Response(status=204)


class SessionOne(APIView):
    authentication_classes = [SessionAuthentication]

    @described(
        "sessions_end", "sessions", "End one of your sessions.", status=204, refuses=(401, 403, 404)
    )
    def delete(self, request: Request, handle: str) -> Response:
        sessions.end(person(request), handle)
        return Response(status=204)
