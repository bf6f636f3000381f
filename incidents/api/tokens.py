"""API tokens of the person who asks. Only a signed-in session makes or ends them."""

from typing import Any
from uuid import UUID

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.api.base import described, person, valid
from incidents.choices import TokenScope
from incidents.models import ApiToken
from incidents.services import tokens


class TokenSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=TokenScope.choices))
    room = serializers.SlugField(
        source="incident.slug", default=None, allow_null=True, help_text="Null: all of yours."
    )
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class NewTokenSerializer(TokenSerializer):
    secret = serializers.SerializerMethodField(help_text="Shown this once.")

    def get_secret(self, token: ApiToken) -> str:
        return str(self.context["secret"])


class CreateTokenSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80, help_text="After its use.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=TokenScope.choices),
        default=[TokenScope.READ],
        min_length=1,
        help_text="No scope carries an act that needs your passkey again.",
    )
    room = serializers.SlugField(default="", help_text="The only one that it reaches.")
    days = serializers.IntegerField(default=90, min_value=1, max_value=tokens.LONGEST_DAYS)


class TokenList(APIView):
    # A token that was stolen must not make its own successor.
    authentication_classes = [SessionAuthentication]

    @described(
        "tokens_list",
        "tokens",
        "Your tokens that still work.",
        gives=TokenSerializer(many=True),
        refuses=(401, 403),
    )
    def get(self, request: Request) -> Response:
        return Response(TokenSerializer(tokens.of(person(request)), many=True).data)

    @described(
        "tokens_create",
        "tokens",
        "Make a token; needs a recent use of your passkey.",
        takes=CreateTokenSerializer,
        gives=NewTokenSerializer,
        status=201,
        refuses=(400, 401, 403),
    )
    def post(self, request: Request) -> Response:
        raise_if_reauthentication_required(request._request, app="allauth.mfa")
        data = valid(request, CreateTokenSerializer)
        token, secret = tokens.create(
            person(request),
            data["name"],
            days=data["days"],
            scopes=[TokenScope(scope) for scope in data["scopes"]],
            room=data["room"],
        )
        shown = NewTokenSerializer(token, context={"secret": secret})
        return Response(shown.data, status=201)


class TokenOne(APIView):
    authentication_classes = [SessionAuthentication]

    @described(
        "tokens_revoke",
        "tokens",
        "End one of your tokens; a repeat is harmless.",
        status=204,
        refuses=(401, 403),
    )
    def delete(self, request: Request, public_id: UUID) -> Response:
        tokens.revoke(person(request), public_id)
        return Response(status=204)
