"""Traces: what is followed, what a transaction suggests, and starting one."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.access import Act
from incidents.api.base import READ, described, enter, valid
from incidents.api.fields import AmountField, MarkedInput, OrganizationSerializer, audience_of
from incidents.choices import Marking
from incidents.display.addresses import show
from tracing.core.policies import CONSERVING, TITLES, PolicyName
from tracing.models import Trace
from tracing.services import names, traces
from tracing.services.traces import Gain, Loss, Proposal

LONGEST_KEY = 400


class LossSerializer(serializers.Serializer[Any]):
    """What one address lost, net."""

    address = serializers.CharField()
    asset = serializers.CharField(help_text="CAIP-19")
    symbol = serializers.CharField(help_text="From the chain: hostile text.")
    decimals = serializers.IntegerField()
    amount = AmountField()


class GainSerializer(LossSerializer):
    """What one address gained, net."""

    key = serializers.CharField(help_text="What a seed is chosen by.")
    victim = serializers.CharField(
        allow_blank=True, help_text="The largest loser of the asset; blank: it was minted."
    )
    is_likely = serializers.BooleanField(help_text="What the page has chosen at first.")


class ProposalSerializer(serializers.Serializer[Any]):
    chain = serializers.CharField(help_text="CAIP-2")
    tx = serializers.CharField()
    block = serializers.IntegerField()
    is_partial = serializers.BooleanField(
        help_text="The endpoint has no traces: value that moved inside of contracts is missing."
    )
    left_out = serializers.IntegerField(help_text="Losses and gains that are not listed.")
    losses = LossSerializer(many=True)
    gains = GainSerializer(many=True)


class SeedSerializer(serializers.Serializer[Any]):
    """What was stolen: the gain of one receiver."""

    tx = serializers.CharField()
    block = serializers.IntegerField()
    receiver = serializers.CharField()
    victim = serializers.CharField(allow_blank=True)
    asset = serializers.CharField(help_text="CAIP-19")
    symbol = serializers.CharField(help_text="From the chain: hostile text.")
    decimals = serializers.IntegerField()
    amount = AmountField()


class TraceSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    chain = serializers.CharField(help_text="CAIP-2")
    policy = serializers.CharField(help_text="With its version, pinned.")
    start_block = serializers.IntegerField()
    cursor_block = serializers.IntegerField(help_text="The last block that was applied.")
    is_live = serializers.BooleanField(help_text="Has caught up with its chain.")
    marking = serializers.ChoiceField(choices=Marking.choices, allow_null=True)
    owner = OrganizationSerializer(allow_null=True)
    started_at = serializers.DateTimeField()
    crossing = serializers.UUIDField(
        allow_null=True, help_text="Of a leg: the crossing that it goes on from."
    )
    seeds = SeedSerializer(many=True)


class ProposeSerializer(serializers.Serializer[dict[str, Any]]):
    chain = serializers.CharField(max_length=60, help_text="CAIP-2, such as eip155:1.")
    tx = serializers.CharField(max_length=100, help_text="The transaction of the theft.")


class StartTraceSerializer(MarkedInput, ProposeSerializer):
    seeds = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_KEY),
        allow_empty=False,
        max_length=1000,
        help_text="Keys of gains of the proposal.",
    )
    policy = serializers.ChoiceField(
        choices=[(name.value, TITLES[name]) for name in CONSERVING],
        default=PolicyName.FIFO.value,
        help_text="Pinned for this trace.",
    )


def proposal_json(proposal: Proposal) -> dict[str, Any]:
    """A proposal with addresses as people read them."""
    likely = set(proposal.likely)

    def told(row: Loss | Gain) -> dict[str, Any]:
        return {**vars(row), "address": show(f"{proposal.chain}:{row.address}").full}

    gains = [
        told(gain)
        | {"key": gain.key, "is_likely": gain.key in likely}
        | {"victim": _shown(proposal.chain, gain.victim)}
        for gain in proposal.gains
    ]
    losses = [told(loss) for loss in proposal.losses]
    shape = vars(proposal) | {
        "block": proposal.block_number,
        "losses": losses,
        "gains": gains,
    }
    return dict(ProposalSerializer(shape).data)


def as_json(rows: Iterable[Trace]) -> list[dict[str, Any]]:
    """Traces with their seeds."""
    rows = list(rows)
    known = names.asset_names(seed.asset for row in rows for seed in row.seeds.all())
    told = [
        {
            "id": row.public_id,
            "chain": row.chain.caip2,
            "policy": row.policy_version,
            "start_block": row.start_number,
            "cursor_block": row.cursor_number,
            "is_live": row.is_live,
            "marking": row.marking,
            "owner": row.owner,
            "started_at": row.created_at,
            "crossing": row.crossing.public_id if row.crossing else None,
            "seeds": [
                {
                    "tx": seed.tx,
                    "block": seed.block_number,
                    "receiver": _shown(row.chain.caip2, seed.receiver),
                    "victim": _shown(row.chain.caip2, seed.victim),
                    "asset": seed.asset,
                    "symbol": known[seed.asset].symbol,
                    "decimals": known[seed.asset].decimals,
                    "amount": seed.amount,
                }
                for seed in row.seeds.all()
            ],
        }
        for row in rows
    ]
    return list(TraceSerializer(told, many=True).data)


def _shown(chain: str, address: str) -> str:
    return show(f"{chain}:{address}").full if address else ""


class TraceProposal(APIView):
    @described(
        "traces_propose",
        "traces",
        "Net loss per victim and net gain per receiver of a transaction. Nothing is followed yet.",
        takes=ProposeSerializer,
        gives=ProposalSerializer,
    )
    def post(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        access.require(actor, incident, Act.TRACE)
        data = valid(request, ProposeSerializer)
        return Response(proposal_json(traces.propose(data["chain"], data["tx"])))


class TraceList(APIView):
    @described(
        "traces_list",
        "traces",
        "Traces with their seeds.",
        gives=TraceSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        return Response(as_json(traces.seen_by(actor, incident)))

    @described(
        "traces_start",
        "traces",
        "Follow gains of a transaction, which is read again.",
        takes=StartTraceSerializer,
        gives=TraceSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        access.require(actor, incident, Act.TRACE)
        data = valid(request, StartTraceSerializer)
        row = traces.start(
            incident,
            traces.propose(data["chain"], data["tx"]),
            data["seeds"],
            actor=actor,
            policy=PolicyName(data["policy"]),
            marking=data["marking"],
            audience=audience_of(data.get("audience"), incident, actor),
        )
        return Response(as_json([row])[0], status=201)
