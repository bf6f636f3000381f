"""To whom a request goes, and what became of it."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.access import Act, Actor
from incidents.api.base import READ, described, enter, valid
from incidents.choices import Channel, RequestState
from incidents.models import Dispatch, FreezeRequest
from incidents.services import desk_contacts, dispatches, freezes, presend
from incidents.services.presend import To


class FindingSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    words = serializers.CharField()
    blocks = serializers.BooleanField()


class DispatchSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    channel = serializers.ChoiceField(choices=Channel.choices)
    recipient = serializers.CharField()
    state = serializers.CharField(
        source="delivery.state", default=None, allow_null=True, help_text="Null: by a person."
    )
    reference = serializers.CharField(help_text="The desk's own.")
    handed_over_at = serializers.DateTimeField(allow_null=True)
    bounced_at = serializers.DateTimeField(allow_null=True)
    proof_digest = serializers.CharField(help_text="SHA-256.")
    edition = serializers.IntegerField(source="packet.version", default=None, allow_null=True)
    on_behalf_of = serializers.CharField(source="on_behalf_of.name", default=None, allow_null=True)


class MakeDispatchSerializer(serializers.Serializer[Any]):
    contact = serializers.UUIDField(
        required=False, help_text="One of your verified contacts: it leaves by itself."
    )
    channel = serializers.ChoiceField(
        choices=Channel.choices, default=Channel.PORTAL, help_text="How you handed it over."
    )
    reference = serializers.CharField(default="", allow_blank=True, max_length=120)
    at = serializers.DateTimeField(default=None, allow_null=True)
    anyway = serializers.ListField(
        child=serializers.CharField(max_length=40),
        default=list,
        help_text="Codes of the findings that you go over; one that you do not name is refused.",
    )


class SettleDispatchSerializer(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(
        choices=["again", "arrived", "bounced"],
        help_text="again: send it once more. arrived, bounced: somebody knows that it did.",
    )


def _findings(row: FreezeRequest, actor: Actor) -> list[dict[str, Any]]:
    if not access.can(actor, Act.DISPATCH):
        return []
    return list(FindingSerializer(presend.findings(row, actor), many=True).data)


class FreezeFindings(APIView):
    @described(
        "freezes_findings",
        "freezes",
        "What is wrong with sending it; nothing for who cannot send it.",
        gives=FindingSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        return Response(_findings(access.get_freeze(actor, incident, public_id), actor))


class DispatchList(APIView):
    @described(
        "dispatches_list",
        "freezes",
        "To whom it went.",
        gives=DispatchSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        rows = access.dispatches(actor, access.get_freeze(actor, incident, public_id))
        return Response(DispatchSerializer(rows, many=True).data)

    @described(
        "dispatches_make",
        "freezes",
        "Send an approved request, or one that was sent to one more recipient.",
        takes=MakeDispatchSerializer,
        gives=DispatchSerializer(many=True),
        status=201,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_freeze(actor, incident, public_id)
        data = valid(request, MakeDispatchSerializer)
        to = To(data["channel"], reference=data["reference"], at=data["at"])
        if "contact" in data and actor.organization is not None:
            contact = desk_contacts.get(actor.organization, data["contact"])
            to = To(contact.channel, contact)
        if row.state == RequestState.SENT:
            dispatches.add(row, to, actor=actor, anyway=data["anyway"])
        else:
            freezes.send(row, actor=actor, to=[to], anyway=data["anyway"])
        made = access.dispatches(actor, row)
        return Response(DispatchSerializer(made, many=True).data, status=201)


class DispatchDecision(APIView):
    @described(
        "dispatches_decide",
        "freezes",
        "Settle what nobody knows, or say that it came back.",
        takes=SettleDispatchSerializer,
        gives=DispatchSerializer,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row: Dispatch = access.get_dispatch(actor, incident, public_id)
        acts = {
            "again": dispatches.resend,
            "arrived": dispatches.settle,
            "bounced": dispatches.came_back,
        }
        access.require(actor, incident, Act.SEND_FREEZE)
        acts[valid(request, SettleDispatchSerializer)["decision"]](row, actor=actor)
        return Response(DispatchSerializer(access.get_dispatch(actor, incident, public_id)).data)
