"""Crossings: where value went over bridges, and an analyst's word on a probable one."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.access import Act
from incidents.api.base import READ, described, enter
from incidents.api.fields import AmountField
from incidents.display.addresses import show
from tracing.models import Crossing
from tracing.services import crossings, names


class FarSideSerializer(serializers.Serializer[Any]):
    """What was seen where it came out. ``asset`` and ``amount`` are all that arrived."""

    chain = serializers.CharField(help_text="CAIP-2")
    address = serializers.CharField()
    asset = serializers.CharField(help_text="CAIP-19", allow_blank=True)
    amount = AmountField(allow_null=True)
    tx = serializers.CharField()
    block = serializers.IntegerField()


class CrossingSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    bridge = serializers.CharField(help_text="Slug of what read the log.")
    state = serializers.ChoiceField(choices=Crossing.State.choices)
    confidence = serializers.IntegerField(help_text="Percent; 100: both sides show one key.")
    chain = serializers.CharField(help_text="CAIP-2, where it left.")
    tx = serializers.CharField()
    block = serializers.IntegerField()
    from_address = serializers.CharField(allow_blank=True)
    asset = serializers.CharField(help_text="CAIP-19")
    symbol = serializers.CharField(help_text="From the chain: hostile text.")
    decimals = serializers.IntegerField()
    amount = AmountField(help_text="Stolen units that went in.")
    to_chain = serializers.CharField(allow_blank=True, help_text="As told; blank: not told.")
    to_address = serializers.CharField(allow_blank=True, help_text="As told; blank: not told.")
    far_side = FarSideSerializer(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)


def as_json(rows: Iterable[Crossing]) -> list[dict[str, Any]]:
    """Crossings with addresses as people read them."""
    rows = list(rows)
    known = names.asset_names(row.asset for row in rows)
    told = [
        {
            "id": row.public_id,
            "bridge": row.bridge,
            "state": row.state,
            "confidence": row.confidence,
            "chain": row.trace.chain.caip2,
            "tx": row.tx,
            "block": row.block.number,
            "from_address": _shown(row.trace.chain.caip2, row.from_address),
            "asset": row.asset,
            "symbol": known[row.asset].symbol,
            "decimals": known[row.asset].decimals,
            "amount": row.amount,
            "to_chain": row.to_chain,
            "to_address": _shown(row.to_chain, row.to_address),
            "far_side": _far_side(row),
            "decided_at": row.decided_at,
        }
        for row in rows
    ]
    return list(CrossingSerializer(told, many=True).data)


def _far_side(row: Crossing) -> dict[str, Any] | None:
    if not row.far_chain:
        return None
    return {
        "chain": row.far_chain,
        "address": _shown(row.far_chain, row.far_address),
        "asset": row.far_asset,
        "amount": row.far_amount,
        "tx": row.far_tx,
        "block": row.far_block_number,
    }


def _shown(chain: str, address: str) -> str:
    return show(f"{chain}:{address}").full if chain and address else address


class CrossingList(APIView):
    @described(
        "crossings_list",
        "traces",
        "What left through bridges, and what is known of where it came out.",
        gives=CrossingSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        return Response(as_json(crossings.seen_by(actor, incident)))


class CrossingConfirm(APIView):
    @described(
        "crossings_confirm",
        "traces",
        "Say that what was found is the far side of a probable crossing: it is followed there.",
        gives=CrossingSerializer,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        access.require(actor, incident, Act.TRACE)
        row = crossings.get(actor, incident, public_id)
        return Response(as_json([crossings.confirm(row, actor=actor)])[0])


class CrossingReject(APIView):
    @described(
        "crossings_reject",
        "traces",
        "Say that what was found is not the far side of a probable crossing.",
        gives=CrossingSerializer,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        access.require(actor, incident, Act.TRACE)
        row = crossings.get(actor, incident, public_id)
        return Response(as_json([crossings.reject(row, actor=actor)])[0])
