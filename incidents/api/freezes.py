"""Freeze requests: the list, one, drafting, two signatures, sending, answers, the file."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.text import slugify
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.access import Act, Actor
from incidents.api.base import READ, described, enter, valid
from incidents.api.fields import AmountField, MarkedInput, audience_of
from incidents.choices import Confirmation, Evidence, Marking, Outcome, RequestState, TargetState
from incidents.exceptions import BadInput, NotFound
from incidents.exports.base import freeze_exports
from incidents.exports.freeze_json import as_json
from incidents.models import FreezeRequest, Incident, Organization
from incidents.services import answers, freezes
from incidents.services.freezes import TargetDraft
from tracing.core import caip
from tracing.core.amounts import MAX_DECIMALS
from tracing.core.errors import InvalidIdentifier


class PartAmountsSerializer(serializers.Serializer[Any]):
    """Base units; never added together."""

    located = AmountField()
    held = AmountField()
    frozen = AmountField()
    seized = AmountField()
    returned = AmountField()


class TargetAmountsSerializer(PartAmountsSerializer):
    requested = AmountField()


class ConfirmationSerializer(serializers.Serializer[Any]):
    """By whose word each amount is what it is called."""

    located = serializers.ChoiceField(choices=Confirmation.choices)
    held = serializers.ChoiceField(choices=Confirmation.choices)
    frozen = serializers.ChoiceField(choices=Confirmation.choices)
    seized = serializers.ChoiceField(choices=Confirmation.choices)
    returned = serializers.ChoiceField(choices=Confirmation.choices)


class PartSerializer(serializers.Serializer[Any]):
    """A piece with a state of its own. Sizes add up to what is requested."""

    number = serializers.IntegerField(help_text="Name it in an answer.")
    size = AmountField()
    state = serializers.ChoiceField(choices=TargetState.choices)
    amounts = PartAmountsSerializer()
    confirmation = ConfirmationSerializer()
    held_until = serializers.DateTimeField(allow_null=True)


class AnswerSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    amount = AmountField(allow_null=True)
    held_until = serializers.DateTimeField(allow_null=True)
    text = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()
    marking = serializers.ChoiceField(choices=Marking.choices, allow_null=True)


class TargetSerializer(serializers.Serializer[Any]):
    """Desk x asset x account, told from the answers that you may see."""

    id = serializers.UUIDField()
    account = serializers.CharField(help_text="CAIP-10")
    asset = serializers.CharField(help_text="CAIP-19")
    symbol = serializers.CharField(help_text="From the chain: hostile text.")
    decimals = serializers.IntegerField()
    state = serializers.ChoiceField(choices=TargetState.choices)
    evidence_state = serializers.ChoiceField(choices=Evidence.choices)
    amounts = TargetAmountsSerializer()
    confirmation = ConfirmationSerializer()
    held_until = serializers.DateTimeField(allow_null=True)
    parts = PartSerializer(many=True)
    evidence = serializers.DictField(help_text="The way of the money, by arrival: hop by hop.")
    answers = AnswerSerializer(many=True)


class FreezeSerializer(serializers.Serializer[Any]):
    format = serializers.CharField()
    id = serializers.UUIDField()
    reference = serializers.CharField()
    desk = serializers.CharField()
    state = serializers.ChoiceField(choices=RequestState.choices)
    marking = serializers.ChoiceField(choices=Marking.choices, allow_null=True)
    drafted_by_trace = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    first_at = serializers.DateTimeField(allow_null=True, help_text="The first signature.")
    alone = serializers.CharField(
        allow_null=True,
        help_text='"Requested by X only: Y had not answered within 3 minutes.", where that is so.',
    )
    approved_at = serializers.DateTimeField(allow_null=True)
    sent_at = serializers.DateTimeField(allow_null=True)
    targets = TargetSerializer(many=True)


class DraftFreezeSerializer(MarkedInput):
    desk = serializers.SlugField(required=False, help_text="A party of this room.")
    desk_name = serializers.CharField(
        required=False, max_length=120, help_text="A desk without a seat. One of the two."
    )
    chain = serializers.CharField(max_length=60, help_text="CAIP-2")
    address = serializers.CharField(max_length=130)
    asset = serializers.CharField(max_length=200, help_text="CAIP-19, of the same chain.")
    symbol = serializers.CharField(max_length=40)
    decimals = serializers.IntegerField(min_value=0, max_value=MAX_DECIMALS)
    amount = AmountField()

    def validate_asset(self, value: str) -> str:
        try:
            return str(caip.parse_asset(value))
        except InvalidIdentifier as error:
            raise serializers.ValidationError(error.message) from error

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("desk" in attrs) == ("desk_name" in attrs):
            raise serializers.ValidationError({"desk": "Name a desk: either desk or desk_name."})
        if not attrs["asset"].startswith(f"{attrs['chain']}/"):
            raise serializers.ValidationError({"asset": "This asset is of another chain."})
        return attrs


class SendSerializer(serializers.Serializer[Any]):
    channel = serializers.CharField(
        default="room", max_length=40, help_text="room, or how a person handed it over."
    )
    proof = serializers.CharField(
        default="", allow_blank=True, max_length=200, help_text="The desk's own reference."
    )
    anyway = serializers.ListField(
        child=serializers.CharField(max_length=40),
        default=list,
        help_text="Codes of the findings that you go over; one that you do not name is refused.",
    )


class GiveAnswerSerializer(MarkedInput):
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    amount = AmountField(required=False, help_text="Left out: all of the part.")
    part = serializers.IntegerField(
        required=False, min_value=1, help_text="Its number. Left out: what no answer split off."
    )
    held_until = serializers.DateTimeField(required=False)
    text = serializers.CharField(default="", allow_blank=True, max_length=10_000)


def told(rows: Iterable[FreezeRequest], actor: Actor) -> list[dict[str, Any]]:
    """Requests with their targets as the actor may know them."""
    rows = list(rows)
    seen = answers.seen(actor, [target for row in rows for target in row.targets.all()])
    return [as_json(row, seen) for row in rows]


def one(incident: Incident, actor: Actor, public_id: UUID) -> dict[str, Any]:
    """One request, read again after an act."""
    return told([access.get_freeze(actor, incident, public_id)], actor)[0]


def desk_of(data: dict[str, Any], incident: Incident, actor: Actor) -> Organization | None:
    """The desk that has a seat, or None for one that is only named.

    :raises BadInput: no such party that the actor can see.
    """
    if "desk" not in data:
        return None
    seats = {seat.organization.slug: seat.organization for seat in access.parties(actor, incident)}
    if data["desk"] not in seats:
        raise BadInput("No such party in this room.", field="desk")
    return seats[data["desk"]]


class FreezeList(APIView):
    @described(
        "freezes_list",
        "freezes",
        "Freeze requests, newest first.",
        gives=FreezeSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        return Response(told(access.freezes(actor, incident), actor))

    @described(
        "freezes_draft",
        "freezes",
        "Draft a target; it joins the desk's open draft.",
        takes=DraftFreezeSerializer,
        gives=FreezeSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        data = valid(request, DraftFreezeSerializer)
        desk = desk_of(data, incident, actor)
        names = ("chain", "address", "asset", "symbol", "decimals", "amount")
        target = freezes.draft(
            incident,
            TargetDraft(**{name: data[name] for name in names}),
            desk_name=desk.name if desk else data["desk_name"],
            desk_slug=desk.slug if desk else slugify(data["desk_name"])[:80],
            desk=desk,
            actor=actor,
            marking=data["marking"],
            audience=audience_of(data.get("audience"), incident, actor),
        )
        return Response(one(incident, actor, target.request.public_id), status=201)


class FreezeOne(APIView):
    @described("freezes_retrieve", "freezes", "One request.", gives=FreezeSerializer, refuses=READ)
    def get(self, request: Request, slug: str, public_id: UUID) -> Response:
        return Response(one(*enter(request, slug), public_id))


class FreezeApproval(APIView):
    @described(
        "freezes_approve", "freezes", "Sign a request; two people have to.", gives=FreezeSerializer
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        freezes.approve(access.get_freeze(actor, incident, public_id), actor=actor)
        return Response(one(incident, actor, public_id))


class FreezeSending(APIView):
    @described(
        "freezes_send",
        "freezes",
        "Hand an approved request to its desk.",
        takes=SendSerializer,
        gives=FreezeSerializer,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_freeze(actor, incident, public_id)
        freezes.send(row, actor=actor, **valid(request, SendSerializer))
        return Response(one(incident, actor, public_id))


class FreezeAnswers(APIView):
    @described(
        "freezes_answer",
        "freezes",
        "A desk's answer on one target.",
        takes=GiveAnswerSerializer,
        gives=FreezeSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str, public_id: UUID, target_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        target = access.get_target(actor, incident, target_id)
        if target.request.public_id != public_id:
            raise NotFound
        data = valid(request, GiveAnswerSerializer)
        seen = answers.seen(actor, [target])[target.pk]
        answers.answer(
            target,
            data["outcome"],
            actor=actor,
            marking=data["marking"],
            amount=data.get("amount"),
            held_until=data.get("held_until"),
            text=data["text"],
            part=seen.key(data["part"]) if "part" in data else 0,
            audience=audience_of(data.get("audience"), incident, actor),
        )
        return Response(one(incident, actor, public_id), status=201)


class FreezeFile(APIView):
    @described(
        "freezes_export",
        "freezes",
        "The request as a file, with its evidence path.",
        gives=FreezeSerializer,
        refuses=READ,
    )
    def get(
        self, request: Request, slug: str, public_id: UUID, export: str
    ) -> Response | HttpResponse:
        incident, actor = enter(request, slug)
        row = access.get_freeze(actor, incident, public_id)
        if export not in freeze_exports():
            raise NotFound
        access.require(actor, incident, Act.EXPORT)
        chosen = freeze_exports()[export]()
        body = chosen.render(row, answers.seen(actor, row.targets.all()))
        # Once more, since the right to it may have ended while it was made.
        incident, actor = enter(request, slug)
        access.require(actor, incident, Act.EXPORT)
        access.get_freeze(actor, incident, public_id)
        file = HttpResponse(body, content_type=chosen.media_type)
        file["Content-Disposition"] = f'attachment; filename="{row.reference}.{export}"'
        return file
