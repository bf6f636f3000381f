"""What one address holds of the stolen value, and what moved there."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.access import Actor
from incidents.api.addresses import ExposureSerializer
from incidents.api.base import READ, described, enter
from incidents.api.fields import AmountField
from incidents.display.addresses import show
from incidents.exceptions import BadInput, NotFound
from incidents.models import Incident
from incidents.ports import money
from incidents.services import addresses
from tracing.services import movements
from tracing.services.movements import HopLine, TransferLine

DEFAULT, MOST = 100, 500
LIMIT = OpenApiParameter("limit", int, description=f"At most {MOST}; without it {DEFAULT}.")
READ_LIST = (400, *READ)


class MovementSerializer(serializers.Serializer[Any]):
    """What both kinds of line say. Newest first; blocks that the chain dropped are left out."""

    block = serializers.IntegerField()
    state = serializers.CharField(help_text="Of the block: seen, safe or final.")
    standing = serializers.CharField(
        help_text="Who vouches for the block: single, unverified, logs or verified."
    )
    at = serializers.DateTimeField()
    tx = serializers.CharField()
    kind = serializers.CharField()
    sender = serializers.CharField(allow_blank=True, help_text="Blank: minted.")
    receiver = serializers.CharField(allow_blank=True, help_text="Blank: burnt, or a fee.")
    symbol = serializers.CharField(help_text="From the chain: hostile text.")
    decimals = serializers.IntegerField()
    amount = AmountField()


class TransferSerializer(MovementSerializer):
    position = serializers.IntegerField(help_text="Order inside the block.")


class HopSerializer(MovementSerializer):
    """One piece of stolen value. The origin amount is in what was stolen."""

    origin_symbol = serializers.CharField(help_text="From the chain: hostile text.")
    origin_decimals = serializers.IntegerField()
    origin_amount = AmountField()
    depth = serializers.IntegerField(help_text="Hops from the theft.")
    is_estimated = serializers.BooleanField()


class LimitSerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=DEFAULT)


def place(request: Request, slug: str, account: str) -> tuple[Incident, Actor, str, str]:
    """The room, who asks, and the account's chain and address.

    :raises NotFound: the room is not theirs, or that is no account.
    """
    incident, actor = enter(request, slug)
    chain, _, address = account.rpartition(":")
    try:
        return incident, actor, *addresses.parse(chain, address)
    except BadInput as error:
        raise NotFound from error


def limit(request: Request) -> int:
    """How many lines are wanted. Raises ValidationError."""
    asked = LimitSerializer(data=request.query_params)
    asked.is_valid(raise_exception=True)
    return int(asked.validated_data["limit"])


def line_json(chain: str, line: TransferLine | HopLine) -> dict[str, Any]:
    """A line with its names, and its addresses as people read them."""
    ends = {"sender": line.from_address, "receiver": line.to_address}
    return {
        **vars(line),
        **{name: show(f"{chain}:{end}").full if end else "" for name, end in ends.items()},
        "symbol": line.name.symbol,
        "decimals": line.name.decimals,
    }


class Exposures(APIView):
    @described(
        "exposures_list",
        "addresses",
        "What an address holds of the stolen value; empty for one that holds nothing.",
        gives=ExposureSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str, account: str) -> Response:
        incident, actor, chain, address = place(request, slug, account)
        held = money().exposures(incident, actor, [(chain, address)])
        return Response(ExposureSerializer(held.get((chain, address), []), many=True).data)


class Transfers(APIView):
    @described(
        "transfers_list",
        "addresses",
        "What moved from or to an address, as far as a trace of the room follows its chain.",
        gives=TransferSerializer(many=True),
        parameters=[LIMIT],
        refuses=READ_LIST,
    )
    def get(self, request: Request, slug: str, account: str) -> Response:
        incident, actor, chain, address = place(request, slug, account)
        most = limit(request)
        watched = movements.chain_of(actor, incident, chain)
        lines = movements.transfers(actor, incident, watched, address, limit=most)
        told = [line_json(chain, line) for line in lines]
        return Response(TransferSerializer(told, many=True).data)


class Hops(APIView):
    @described(
        "hops_list",
        "addresses",
        "The pieces of stolen value that came to an address or left it.",
        gives=HopSerializer(many=True),
        parameters=[LIMIT],
        refuses=READ_LIST,
    )
    def get(self, request: Request, slug: str, account: str) -> Response:
        incident, actor, chain, address = place(request, slug, account)
        most = limit(request)
        watched = movements.chain_of(actor, incident, chain)
        lines = movements.hops(actor, incident, watched, address, limit=most) if watched else []
        told = [
            line_json(chain, line)
            | {"origin_symbol": line.origin.symbol, "origin_decimals": line.origin.decimals}
            for line in lines
        ]
        return Response(HopSerializer(told, many=True).data)
