"""Any marked item: another marking, and asking its owner for one."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.api.base import READ, described, enter, valid
from incidents.api.fields import (
    AudienceSerializer,
    MarkedInput,
    OrganizationSerializer,
    audience_of,
    marking_field,
)
from incidents.choices import Marking, ReleaseState
from incidents.services import markables, markings, previews, releases
from incidents.services.releases import SeenRequest

_NOUN = "What it is: note, address, freeze, answer, statement, trace, flow_table, lookback, label."


class RemarkSerializer(MarkedInput):
    reason = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=markings.LONGEST_REASON,
        help_text="Needed where somebody sees it then who does not now.",
    )


class MarkSerializer(serializers.Serializer[Any]):
    noun = serializers.CharField(help_text=_NOUN)
    id = serializers.UUIDField()
    marking = serializers.ChoiceField(choices=Marking.choices, allow_null=True)


class AskSerializer(serializers.Serializer[Any]):
    marking = marking_field()
    audience = AudienceSerializer(required=False)
    reason = serializers.CharField(max_length=markings.LONGEST_REASON)


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=markings.LONGEST_REASON)


class RefusalSerializer(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=markings.LONGEST_REASON)


class ReleaseSerializer(serializers.Serializer[Any]):
    """A request for a release, as one of its two parties sees it. The owner is not named."""

    id = serializers.UUIDField()
    subject = serializers.CharField(help_text='"freeze:<id>", "note:<id>" ...')
    name = serializers.CharField()
    is_owner = serializers.BooleanField(help_text="Whether it is yours to answer.")
    asked_for = OrganizationSerializer()
    marking = serializers.ChoiceField(choices=Marking.choices)
    organizations = OrganizationSerializer(many=True)
    reason = serializers.CharField()
    state = serializers.ChoiceField(choices=ReleaseState.choices)
    refusal = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


def as_json(found: SeenRequest) -> dict[str, Any]:
    row = found.row
    return dict(
        ReleaseSerializer(
            {
                "id": row.public_id,
                "subject": row.subject if found.item is not None else "",
                "name": found.name,
                "is_owner": found.is_owner,
                "asked_for": row.asked_for,
                "marking": row.marking,
                "organizations": found.organizations,
                "reason": row.reason,
                "state": row.state,
                "refusal": row.refusal,
                "created_at": row.created_at,
                "decided_at": row.decided_at,
            }
        ).data
    )


class ItemMarking(APIView):
    @described(
        "items_remark",
        "items",
        "Mark an item of yours anew. Narrower: at once; wider: with your passkey.",
        takes=RemarkSerializer,
        gives=MarkSerializer,
    )
    def post(self, request: Request, slug: str, noun: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        item = markables.kind(noun).find(actor, incident, public_id)
        data = valid(request, RemarkSerializer)
        audience = audience_of(data.get("audience"), incident, actor)
        done = markings.remark(
            item, data["marking"], actor=actor, audience=audience, reason=data["reason"]
        )
        told = {"noun": noun, "id": public_id, "marking": done.marking}
        return Response(MarkSerializer(told).data)


class PartySightSerializer(serializers.Serializer[Any]):
    party = serializers.CharField()
    who = serializers.CharField(help_text="everybody, nobody, or names.")
    note = serializers.CharField(allow_blank=True)


class SurfaceSightSerializer(serializers.Serializer[Any]):
    surface = serializers.CharField()
    may = serializers.BooleanField()


class PreviewSerializer(serializers.Serializer[Any]):
    parties = PartySightSerializer(many=True)
    surfaces = SurfaceSightSerializer(many=True)


class MarkPreview(APIView):
    @described(
        "items_preview",
        "items",
        "Who would see something of yours with this marking and audience. Saves nothing.",
        takes=MarkedInput,
        gives=PreviewSerializer,
    )
    def post(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        data = valid(request, MarkedInput)
        audience = audience_of(data.get("audience"), incident, actor)
        found = previews.of(incident, data["marking"], actor=actor, audience=audience)
        surfaces = [{"surface": words, "may": may} for words, may in found.surfaces]
        told = {"parties": found.parties, "surfaces": surfaces}
        return Response(PreviewSerializer(told).data)


class ItemReleases(APIView):
    @described(
        "items_ask_release",
        "items",
        "Ask its owner to share it more widely.",
        takes=AskSerializer,
        gives=ReleaseSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str, noun: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        item = markables.kind(noun).find(actor, incident, public_id)
        data = valid(request, AskSerializer)
        audience = audience_of(data.get("audience"), incident, actor)
        row = releases.ask(item, data["marking"], data["reason"], actor=actor, audience=audience)
        return Response(as_json(releases.shown(actor, row)), status=201)


class ReleaseList(APIView):
    @described(
        "releases_list",
        "items",
        "Requests for a release that your party made or has to answer.",
        gives=ReleaseSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        return Response([as_json(found) for found in releases.seen(actor, incident)])


class ReleaseGrant(APIView):
    @described(
        "releases_release",
        "items",
        "Release it as asked: yours alone to do.",
        takes=ReasonSerializer,
        gives=ReleaseSerializer,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_release(actor, incident, public_id)
        reason = valid(request, ReasonSerializer)["reason"]
        done = releases.release(row, actor=actor, reason=reason)
        return Response(as_json(releases.shown(actor, done)))


class ReleaseRefusal(APIView):
    @described(
        "releases_refuse",
        "items",
        "Refuse it, with words.",
        takes=RefusalSerializer,
        gives=ReleaseSerializer,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_release(actor, incident, public_id)
        done = releases.refuse(row, valid(request, RefusalSerializer)["words"], actor=actor)
        return Response(as_json(releases.shown(actor, done)))


class ReleaseWithdrawal(APIView):
    @described("releases_withdraw", "items", "Take your request back.", gives=ReleaseSerializer)
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_release(actor, incident, public_id)
        return Response(as_json(releases.shown(actor, releases.withdraw(row, actor=actor))))
