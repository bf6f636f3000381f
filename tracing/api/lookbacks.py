"""What passed through an address before anybody here followed it."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.access import Act
from incidents.api.base import described, valid
from incidents.api.fields import AmountField, MarkedInput, OrganizationSerializer, audience_of
from incidents.choices import Marking
from incidents.display.addresses import show
from incidents.ports import AssetName
from tracing.api.addresses import LIMIT, READ_LIST, limit, place
from tracing.models import Lookback, PastTransfer
from tracing.services import lookbacks


class PastTransferSerializer(serializers.Serializer[Any]):
    block = serializers.IntegerField()
    tx = serializers.CharField(allow_blank=True, help_text="Blank: a withdrawal from staking.")
    kind = serializers.CharField()
    asset = serializers.CharField(help_text="CAIP-19")
    sender = serializers.CharField(allow_blank=True, help_text="Blank: minted.")
    receiver = serializers.CharField(allow_blank=True, help_text="Blank: burnt.")
    symbol = serializers.CharField(help_text="From the chain: hostile text.")
    decimals = serializers.IntegerField()
    amount = AmountField()
    standing = serializers.ChoiceField(
        choices=PastTransfer.Standing.choices,
        help_text="claimed: a history tells so, the block was not read yet. denied: it told so, "
        "and the block does not have it.",
    )


class LookbackSerializer(serializers.Serializer[Any]):
    """Blocks from ``first_block`` to ``last_block``, read up to ``cursor_block``."""

    id = serializers.UUIDField()
    first_block = serializers.IntegerField()
    last_block = serializers.IntegerField()
    cursor_block = serializers.IntegerField()
    is_done = serializers.BooleanField()
    history = serializers.CharField(
        allow_blank=True, help_text="Who told of it before the blocks were read."
    )
    refusal = serializers.CharField(allow_blank=True, help_text="Why no history told.")
    missed = serializers.IntegerField(help_text="What the history did not tell.")
    denied = serializers.IntegerField(help_text="What it told and no block has.")
    marking = serializers.ChoiceField(choices=Marking.choices, allow_null=True)
    owner = OrganizationSerializer(allow_null=True)
    transfers = PastTransferSerializer(many=True)


class AskLookbackSerializer(MarkedInput):
    first_block = serializers.IntegerField(min_value=0, max_value=2**63 - 1)


def as_json(row: Lookback, most: int) -> dict[str, Any]:
    """A lookback with the newest of what it found."""
    told = [_line(row, line, name) for line, name in lookbacks.named(lookbacks.lines(row, most))]
    shape = {
        "id": row.public_id,
        "first_block": row.first_number,
        "last_block": row.target_number,
        "cursor_block": row.cursor_number,
        "is_done": row.is_done,
        "history": row.history_operator,
        "refusal": row.refusal,
        "missed": row.missed,
        "denied": row.denied,
        "marking": row.marking,
        "owner": row.owner,
        "transfers": told,
    }
    return dict(LookbackSerializer(shape).data)


def _line(row: Lookback, line: PastTransfer, name: AssetName) -> dict[str, Any]:
    def shown(address: str) -> str:
        return show(f"{row.chain.caip2}:{address}").full if address else ""

    return {
        "block": line.block_number,
        "tx": line.tx,
        "kind": line.kind,
        "asset": line.asset,
        "sender": shown(line.from_address),
        "receiver": shown(line.to_address),
        "symbol": name.symbol,
        "decimals": name.decimals,
        "amount": line.amount,
        "standing": line.standing,
    }


class Lookbacks(APIView):
    @described(
        "lookbacks_list",
        "addresses",
        "What was looked up of an address's past, the newest transfers first.",
        gives=LookbackSerializer(many=True),
        parameters=[LIMIT],
        refuses=READ_LIST,
    )
    def get(self, request: Request, slug: str, account: str) -> Response:
        incident, actor, chain, address = place(request, slug, account)
        most = limit(request)
        rows = lookbacks.seen_by(actor, incident, chain, address)
        return Response([as_json(row, most) for row in rows])

    @described(
        "lookbacks_ask",
        "addresses",
        "Read what passed through an address from a block on, up to where its chain was followed. "
        "Asked again, it is brought up to date.",
        takes=AskLookbackSerializer,
        gives=LookbackSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str, account: str) -> Response:
        incident, actor, chain, address = place(request, slug, account)
        access.require(actor, incident, Act.TRACE)
        data = valid(request, AskLookbackSerializer)
        row = lookbacks.ask(
            incident,
            chain,
            address,
            data["first_block"],
            actor=actor,
            marking=data["marking"],
            audience=audience_of(data.get("audience"), incident, actor),
        )
        return Response(as_json(row, 0), status=201)
