"""What sources and parties say an address is, and a party's own word on it."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.api.base import READ, described, valid
from incidents.api.fields import MarkedInput, OrganizationSerializer, audience_of
from incidents.choices import Marking
from tracing.api.addresses import place
from tracing.labels.base import LONGEST_NAME
from tracing.models import Label
from tracing.services import label_words, labels
from tracing.services.labels import Account


class LabelSerializer(serializers.Serializer[Any]):
    """One source's label, or one party's word."""

    name = serializers.CharField(help_text="From a list or a party: hostile text.")
    service = serializers.SlugField(allow_null=True, source="service.slug", default=None)
    service_name = serializers.CharField(allow_null=True, source="service.name", default=None)
    category = serializers.CharField()
    source = serializers.CharField(help_text="Hostile text; not a link.")  # type: ignore[assignment]
    dated = serializers.DateField()
    confidence = serializers.ChoiceField(choices=Label.Confidence.choices)
    stated = serializers.CharField(help_text="How sure its source says it is, in its own word.")
    meaning = serializers.CharField(help_text="What can be confirmed or rejected.")
    is_of_this_room = serializers.SerializerMethodField()
    marking = serializers.ChoiceField(choices=Marking.choices, allow_null=True)
    owner = OrganizationSerializer(allow_null=True)

    def get_is_of_this_room(self, row: Label) -> bool:
        return row.incident_id is not None


class LabelsSerializer(serializers.Serializer[Any]):
    """All labels of an address that the viewer may read."""

    labels = LabelSerializer(many=True)
    counts = serializers.IntegerField(allow_null=True, help_text="Which of them counts, from 0.")
    sources_disagree = serializers.BooleanField()
    kind = serializers.CharField(
        allow_null=True, help_text="What this room's traces take it for; null: it is followed."
    )
    notes = serializers.ListField(child=serializers.CharField())


class SayLabelSerializer(MarkedInput):
    verdict = serializers.ChoiceField(choices=label_words.VERDICTS)
    meaning = serializers.CharField(
        max_length=100, help_text='"service:<slug>" or "category:<word>".'
    )
    name = serializers.CharField(default="", allow_blank=True, max_length=LONGEST_NAME)


def as_json(known: Account) -> dict[str, Any]:
    """What is told of the labels of an address."""
    rows = known.told.rows
    chosen = known.told.label
    is_sink = known.kind is not None and "receiver" not in known.seeds
    return {
        "labels": rows,
        "counts": rows.index(chosen) if chosen is not None else None,
        "sources_disagree": known.told.decision.disagree,
        "kind": known.kind.value if known.kind is not None and is_sink else None,
        "notes": known.notes,
    }


class Labels(APIView):
    @described(
        "labels_list",
        "addresses",
        "What every source and party says an address is, and which label counts.",
        gives=LabelsSerializer,
        refuses=READ,
    )
    def get(self, request: Request, slug: str, account: str) -> Response:
        incident, actor, chain, address = place(request, slug, account)
        known = labels.account(actor, incident, chain, address)
        return Response(LabelsSerializer(as_json(known)).data)

    @described(
        "labels_say",
        "addresses",
        "Confirm or reject what an address is said to be; it acts on blocks applied from now on.",
        takes=SayLabelSerializer,
        gives=LabelSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str, account: str) -> Response:
        incident, actor, chain, address = place(request, slug, account)
        data = valid(request, SayLabelSerializer)
        row = label_words.say(
            incident,
            chain,
            address,
            verdict=data["verdict"],
            meaning=data["meaning"],
            name=data["name"],
            actor=actor,
            marking=data["marking"],
            audience=audience_of(data.get("audience"), incident, actor),
        )
        return Response(LabelSerializer(row).data, status=201)
