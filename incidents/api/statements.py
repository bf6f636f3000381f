"""Statements: the list, drafting, editing, sign-offs, publishing."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.access import Actor
from incidents.api.base import READ, described, enter, valid
from incidents.api.fields import MarkedInput, OrganizationSerializer, audience_of
from incidents.choices import Marking, Position, StatementState
from incidents.models import Incident, SignOff, Statement
from incidents.services import statements

LONGEST_TEXT = 50_000


class SignOffSerializer(serializers.Serializer[Any]):
    organization = OrganizationSerializer()
    position = serializers.ChoiceField(choices=Position.choices)
    digest = serializers.CharField(help_text="Of the text that it is a word on.")
    is_current = serializers.SerializerMethodField(help_text="Whether that is the text above.")
    at = serializers.DateTimeField(source="created_at")

    def get_is_current(self, word: SignOff) -> bool:
        return bool(word.digest == self.context["digest"])


class StatementSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    title = serializers.CharField()
    text = serializers.CharField()
    digest = serializers.CharField(help_text="SHA-256 of title, newline, text: what is signed.")
    revision = serializers.IntegerField()
    state = serializers.ChoiceField(choices=StatementState.choices)
    marking = serializers.ChoiceField(choices=Marking.choices, allow_null=True)
    owner = OrganizationSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)
    sign_offs = serializers.SerializerMethodField()

    @extend_schema_field(SignOffSerializer(many=True))
    def get_sign_offs(self, row: Statement) -> list[dict[str, Any]]:
        words = row.sign_offs.all()
        return list(SignOffSerializer(words, many=True, context={"digest": row.digest}).data)


class DraftStatementSerializer(MarkedInput):
    title = serializers.CharField(max_length=statements.LONGEST_TITLE)
    text = serializers.CharField(max_length=LONGEST_TEXT)


class EditStatementSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=statements.LONGEST_TITLE)
    text = serializers.CharField(max_length=LONGEST_TEXT)
    digest = serializers.CharField(max_length=64, help_text="Of the text that you read.")


class SignSerializer(serializers.Serializer[Any]):
    position = serializers.ChoiceField(choices=Position.choices)
    digest = serializers.CharField(max_length=64, help_text="Of the text that you read.")


class PublishSerializer(serializers.Serializer[Any]):
    digest = serializers.CharField(max_length=64, help_text="Of the text that you read.")


def one(incident: Incident, actor: Actor, public_id: UUID) -> dict[str, Any]:
    """One statement, read again after an act."""
    return dict(StatementSerializer(access.get_statement(actor, incident, public_id)).data)


class StatementList(APIView):
    @described(
        "statements_list",
        "statements",
        "Statements, newest first.",
        gives=StatementSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        return Response(StatementSerializer(access.statements(actor, incident), many=True).data)

    @described(
        "statements_draft",
        "statements",
        "Draft a statement.",
        takes=DraftStatementSerializer,
        gives=StatementSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        data = valid(request, DraftStatementSerializer)
        row = statements.draft(
            incident,
            data["title"],
            data["text"],
            actor=actor,
            marking=data["marking"],
            audience=audience_of(data.get("audience"), incident, actor),
        )
        return Response(one(incident, actor, row.public_id), status=201)


class StatementOne(APIView):
    @described(
        "statements_retrieve",
        "statements",
        "One statement.",
        gives=StatementSerializer,
        refuses=READ,
    )
    def get(self, request: Request, slug: str, public_id: UUID) -> Response:
        return Response(one(*enter(request, slug), public_id))

    @described(
        "statements_edit",
        "statements",
        "Change the text. Every sign-off is void then.",
        takes=EditStatementSerializer,
        gives=StatementSerializer,
    )
    def put(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_statement(actor, incident, public_id)
        data = valid(request, EditStatementSerializer)
        statements.edit(row, data["title"], data["text"], actor=actor, digest_read=data["digest"])
        return Response(one(incident, actor, public_id))


class StatementSignOffs(APIView):
    @described(
        "statements_sign",
        "statements",
        "Your party's word on the text that you read.",
        takes=SignSerializer,
        gives=StatementSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_statement(actor, incident, public_id)
        data = valid(request, SignSerializer)
        statements.sign_off(row, data["position"], actor=actor, digest_read=data["digest"])
        return Response(one(incident, actor, public_id), status=201)


class StatementPublication(APIView):
    @described(
        "statements_publish",
        "statements",
        "Publish; every affected party has to have signed.",
        takes=PublishSerializer,
        gives=StatementSerializer,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_statement(actor, incident, public_id)
        data = valid(request, PublishSerializer)
        statements.publish(row, actor=actor, digest_read=data["digest"])
        return Response(one(incident, actor, public_id))
