"""Leads: what the machine noticed, and what people decide on it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.access import Actor
from incidents.api.base import READ, described, enter, valid
from incidents.display.addresses import show
from incidents.models import Incident
from tracing.models import Lead
from tracing.services import lead_decisions, lead_lines

MOST = 500
FILTERS = [
    OpenApiParameter("kind", str, enum=Lead.Kind.values, description="Only of this kind."),
    OpenApiParameter("state", str, enum=Lead.State.values, description="Only in this state."),
]


class LeadSerializer(serializers.Serializer[Any]):
    """Something that deserves a look and moves no stolen value."""

    id = serializers.UUIDField()
    trace = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Lead.Kind.choices)
    state = serializers.ChoiceField(choices=Lead.State.choices)
    confidence = serializers.IntegerField(help_text="Percent.")
    chain = serializers.CharField(help_text="CAIP-2")
    address = serializers.CharField(allow_blank=True, help_text="Blank: no single one is meant.")
    service = serializers.SlugField(allow_null=True)
    service_name = serializers.CharField(allow_null=True)
    evidence = serializers.JSONField(help_text="Facts with their transactions: hostile text.")
    block = serializers.IntegerField(allow_null=True)
    noted_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(
        allow_blank=True, help_text="Of the last decision, where you may read it: hostile text."
    )


class FilterSerializer(serializers.Serializer[dict[str, Any]]):
    kind = serializers.ChoiceField(choices=Lead.Kind.choices, default="", allow_blank=True)
    state = serializers.ChoiceField(choices=Lead.State.choices, default="", allow_blank=True)


class DecideSerializer(serializers.Serializer[dict[str, Any]]):
    decision = serializers.ChoiceField(
        choices=lead_decisions.DECISIONS, help_text='"open" takes a decision back.'
    )
    reason = serializers.CharField(max_length=lead_decisions.LONGEST_REASON)


def as_json(actor: Actor, incident: Incident, leads: list[Lead]) -> list[dict[str, Any]]:
    """Leads as they are told."""
    lines = lead_lines.told(actor, incident, leads)
    told = [
        {
            "id": line.row.public_id,
            "trace": line.row.trace.public_id,
            "kind": line.row.kind,
            "state": line.row.state,
            "confidence": line.row.confidence,
            "chain": line.row.chain,
            "address": _shown(line.row),
            "service": line.row.service.slug if line.row.service else None,
            "service_name": line.row.service.name if line.row.service else None,
            "evidence": line.row.evidence,
            "block": line.row.block_number,
            "noted_at": line.row.created_at,
            "decided_at": line.row.decided_at,
            "reason": line.reason,
        }
        for line in lines
    ]
    return list(LeadSerializer(told, many=True).data)


def _shown(row: Lead) -> str:
    return show(f"{row.chain}:{row.address}").full if row.address else ""


class LeadList(APIView):
    @described(
        "leads_list",
        "leads",
        f"What deserves a look, open ones first, at most {MOST}.",
        gives=LeadSerializer(many=True),
        parameters=FILTERS,
        refuses=(400, *READ),
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        asked = FilterSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = lead_lines.wanted(actor, incident, **asked.validated_data)
        return Response(as_json(actor, incident, list(found[:MOST])))


class LeadDecision(APIView):
    @described(
        "leads_decide",
        "leads",
        "Confirm a lead, dismiss it, or take that back; with a reason, recorded.",
        takes=DecideSerializer,
        gives=LeadSerializer,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = lead_lines.get(actor, incident, public_id)
        data = valid(request, DecideSerializer)
        row = lead_decisions.decide(row, data["decision"], data["reason"], actor=actor)
        return Response(as_json(actor, incident, [row])[0])
