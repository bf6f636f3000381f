"""Flow tables of a trace: a party's word, beside the trace."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.access import Act
from incidents.api.base import READ, described, enter, valid
from incidents.api.fields import MarkedInput, OrganizationSerializer, audience_of
from incidents.choices import Marking
from incidents.exceptions import BadInput
from tracing.core.amounts import MAX_DECIMALS
from tracing.core.flows.table import FIELDS
from tracing.core.policies.names import CONSERVING
from tracing.models import FlowTable
from tracing.services import flow_tables, traces
from tracing.services.flow_tables import LONGEST_NAME, MOST_BYTES, USD, Asked, Understood


class FlowTableSerializer(serializers.Serializer[Any]):
    """Figures are those that ``manage.py trace_flows`` prints: decimal strings in ``unit``."""

    id = serializers.UUIDField()
    name = serializers.CharField(help_text="Hostile text.")
    layout = serializers.CharField()
    sha256 = serializers.CharField(help_text="Of the file as it came.")
    unit = serializers.CharField(help_text="usd, or a CAIP-19 asset.")
    decimals = serializers.IntegerField()
    rows = serializers.IntegerField()
    policy = serializers.CharField(help_text="With its version.")
    result = serializers.DictField()
    marking = serializers.ChoiceField(choices=Marking.choices, allow_null=True)
    owner = OrganizationSerializer(allow_null=True)
    imported_at = serializers.DateTimeField()


class ImportSerializer(MarkedInput):
    """A table to import."""

    csv = serializers.CharField(max_length=MOST_BYTES, trim_whitespace=False)
    name = serializers.CharField(max_length=LONGEST_NAME, required=False, default="")
    layout = serializers.CharField(max_length=20, required=False, default="")
    columns = serializers.DictField(
        child=serializers.CharField(max_length=200),
        required=False,
        default=dict,
        help_text=f"For the layout own: {', '.join(FIELDS)} -> the column's name.",
    )
    sources = serializers.ListField(
        child=serializers.CharField(max_length=130),
        required=False,
        default=list,
        help_text="Left out: the receivers of the trace's seeds.",
    )
    terminals = serializers.ListField(
        child=serializers.CharField(max_length=130), required=False, default=list
    )
    unit = serializers.CharField(max_length=200, required=False, default=USD)
    decimals = serializers.IntegerField(
        min_value=0, max_value=MAX_DECIMALS, required=False, allow_null=True, default=None
    )
    policy = serializers.ChoiceField(
        choices=[p.value for p in CONSERVING], required=False, default=""
    )


def table_json(table: FlowTable) -> dict[str, Any]:
    told = {
        "id": table.public_id,
        "name": table.name,
        "layout": table.layout,
        "sha256": table.sha256,
        "unit": table.unit,
        "decimals": table.decimals,
        "rows": table.row_count,
        "policy": table.policy_version,
        "result": table.result,
        "marking": table.marking,
        "owner": table.owner,
        "imported_at": table.created_at,
    }
    return dict(FlowTableSerializer(told).data)


def _asked(data: dict[str, Any]) -> Asked:
    return Asked(
        name=data["name"],
        content=data["csv"].encode(),
        layout=data["layout"],
        columns=data["columns"],
        sources="\n".join(data["sources"]),
        terminals="\n".join(data["terminals"]),
        unit=data["unit"],
        decimals=data["decimals"],
        policy=data["policy"],
    )


def _refuse_bad_rows(understood: Understood) -> None:
    """Name every one, by line."""
    bad = [f"line {row.line}: {row.reason}" for row in understood.bad]
    bad += [f"{what}, line {row.line}: {row.reason}" for what, row in understood.bad_lists]
    if bad:
        raise BadInput(f"Nothing was imported. {' '.join(bad)}", field="csv")


class FlowTables(APIView):
    @described(
        "flow_tables_list",
        "traces",
        "Tables of transfers that parties handed over. Their figures are not in the trace.",
        gives=FlowTableSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str, trace_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        trace = traces.get(actor, incident, trace_id)
        return Response([table_json(row) for row in flow_tables.of_trace(actor, trace)])

    @described(
        "flow_tables_import",
        "traces",
        "Import a table as a whole; with a bad row nothing is kept, and every one is named.",
        takes=ImportSerializer,
        gives=FlowTableSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str, trace_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        trace = traces.get(actor, incident, trace_id)
        access.require(actor, incident, Act.TRACE)
        data = valid(request, ImportSerializer)
        audience = audience_of(data.get("audience"), incident, actor)
        understood = flow_tables.understand(trace, _asked(data))
        _refuse_bad_rows(understood)
        marking = data["marking"]
        table = flow_tables.add(trace, understood, actor=actor, marking=marking, audience=audience)
        return Response(table_json(table), status=201)


class FlowTableDetail(APIView):
    @described(
        "flow_tables_read",
        "traces",
        "One table with its figures.",
        gives=FlowTableSerializer,
        refuses=READ,
    )
    def get(self, request: Request, slug: str, trace_id: UUID, table_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        trace = traces.get(actor, incident, trace_id)
        return Response(table_json(flow_tables.get(actor, trace, table_id)))

    @described(
        "flow_tables_withdraw",
        "traces",
        "Its owner takes a table away; that it was here stays in the record.",
        status=204,
        refuses=(*READ, 409),
    )
    def delete(self, request: Request, slug: str, trace_id: UUID, table_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        trace = traces.get(actor, incident, trace_id)
        flow_tables.withdraw(flow_tables.get(actor, trace, table_id), actor=actor)
        return Response(status=204)
