"""One trace, and how its numbers came about."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.access import Actor
from incidents.api.base import READ, described, enter
from incidents.api.fields import AmountField
from incidents.api.state import StripSerializer
from incidents.exceptions import BadInput, NotFound
from incidents.serialized import strip_json
from incidents.services import addresses
from tracing.api.traces import TraceSerializer, as_json
from tracing.core import caip
from tracing.core.errors import InvalidIdentifier
from tracing.exports.base import provenance_exports
from tracing.models import Trace
from tracing.services import overview, provenance, range_tables, traces
from tracing.services.range_tables import RangeTable

ASSET = OpenApiParameter(
    "asset", OpenApiTypes.STR, description="CAIP-19; needed where the account has several."
)
FORMAT = OpenApiParameter(
    "export", OpenApiTypes.STR, description="A file instead: json or csv. Without it, JSON."
)


class AccountSerializer(serializers.Serializer[Any]):
    chain = serializers.CharField(help_text="CAIP-2")
    address = serializers.CharField(help_text='"fee", "burn" or "crossing" for one without.')
    asset = serializers.CharField(help_text="CAIP-19")


class HoldingSerializer(AccountSerializer):
    """What the trace has at one account; its provenance says why."""

    tainted = AmountField()
    kind = serializers.CharField()
    depth = serializers.IntegerField(help_text="Hops from the theft.")
    is_history_incomplete = serializers.BooleanField()


class RangeRowSerializer(serializers.Serializer[Any]):
    bucket = serializers.CharField()
    low = AmountField()
    high = AmountField()
    by_policy = serializers.DictField(child=AmountField())


class RangeSerializer(serializers.Serializer[Any]):
    """Runs of five policies, each on the whole trace: a range, not bounds."""

    asset = serializers.CharField(help_text="CAIP-19 of what was stolen.")
    rows = RangeRowSerializer(many=True)


class TraceDetailSerializer(TraceSerializer):
    strips = StripSerializer(many=True, help_text="Of this trace alone.")
    range = RangeSerializer(many=True, help_text="Over policies, in what was stolen.")
    largest = HoldingSerializer(many=True)
    accounts = serializers.IntegerField(help_text="How many accounts have stolen value.")
    history_incomplete = AccountSerializer(many=True)
    open_leads = serializers.IntegerField()


def detail_json(viewer: Actor, row: Trace) -> dict[str, Any]:
    """A trace with where its money is."""
    holdings, count = overview.largest(viewer, row)
    told: dict[str, Any] = {
        "strips": [strip_json(strip) for strip in overview.strips(viewer, row)],
        "range": [_range_json(table) for table in range_tables.of_trace(viewer, row)],
        "largest": [
            {
                "chain": h.key.chain,
                "address": h.key.address,
                "asset": h.key.asset,
                "tainted": str(h.tainted),
                "kind": h.kind,
                "depth": h.depth,
                "is_history_incomplete": h.is_incomplete,
            }
            for h in holdings
        ],
        "accounts": count,
        "history_incomplete": overview.accounts_json(overview.incomplete(row)),
        "open_leads": overview.open_leads(row),
    }
    return as_json([row])[0] | told


def _range_json(table: RangeTable) -> dict[str, Any]:
    rows = [
        {
            "bucket": row.bucket,
            "low": row.low,
            "high": row.high,
            "by_policy": dict(zip(table.policies, row.amounts, strict=True)),
        }
        for row in table.rows
    ]
    return dict(RangeSerializer({"asset": table.asset, "rows": rows}).data)


class TraceDetail(APIView):
    @described(
        "traces_read",
        "traces",
        "One trace: policy, seeds, where the money is, and its largest accounts.",
        gives=TraceDetailSerializer,
        refuses=READ,
    )
    def get(self, request: Request, slug: str, trace_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        return Response(detail_json(actor, traces.get(actor, incident, trace_id)))


class Provenance(APIView):
    @described(
        "provenance_read",
        "traces",
        "The transfers behind one number, in order; replaying them gives the number again.",
        gives=OpenApiTypes.OBJECT,
        parameters=[ASSET, FORMAT],
        refuses=(400, *READ, 409),
    )
    def get(
        self, request: Request, slug: str, trace_id: UUID, account: str
    ) -> Response | HttpResponse:
        incident, actor = enter(request, slug)
        trace = traces.get(actor, incident, trace_id)
        chain, address = _account(account)
        asset = request.query_params.get("asset", "")
        export = request.query_params.get("export", "")
        document = provenance.document(actor, trace, chain, address, asset)
        if not export:
            return Response(document)
        if export not in provenance_exports():
            raise BadInput("There is no such export.", field="export")
        chosen = provenance_exports()[export]()
        return HttpResponse(chosen.render(document), content_type=chosen.media_type)


def _account(account: str) -> tuple[str, str]:
    chain, _, address = account.rpartition(":")
    try:
        if address in provenance.WITHOUT_ADDRESS:
            return str(caip.parse_chain(chain)), address
        return addresses.parse(chain, address)
    except (BadInput, InvalidIdentifier) as error:
        raise NotFound from error
