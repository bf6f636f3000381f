"""Addresses of any chain: the room's list, one, recording, return addresses."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.access import Actor
from incidents.api.base import READ, described, enter, valid
from incidents.api.fields import (
    AmountField,
    MarkedInput,
    OrganizationSerializer,
    audience_of,
    marking_field,
)
from incidents.choices import AddressRole, Marking
from incidents.display.addresses import show
from incidents.exceptions import BadInput, NotFound
from incidents.models import Incident, TrackedAddress
from incidents.ports import money
from incidents.services import addresses

# What takes two people is not recorded by one.
_BY_TWO = (AddressRole.RETURN, AddressRole.ATTACKER)


class ExposureSerializer(serializers.Serializer[Any]):
    """What an address holds of the stolen value in one asset."""

    asset = serializers.CharField(help_text="CAIP-19")
    symbol = serializers.CharField(help_text="From the chain: hostile text.")
    decimals = serializers.IntegerField()
    tainted = AmountField()
    balance = AmountField()
    depth = serializers.IntegerField(help_text="Hops from the theft.")
    kind = serializers.CharField()
    is_frozen = serializers.BooleanField(help_text="The chain says so.")
    is_freeze_confirmed = serializers.BooleanField(
        help_text="The token's own view says so; false: an event does."
    )
    is_history_incomplete = serializers.BooleanField()


class AddressSerializer(serializers.Serializer[Any]):
    account = serializers.CharField(help_text="CAIP-10, in the form that addresses are named by.")
    chain = serializers.CharField(help_text="CAIP-2")
    address = serializers.CharField(help_text="As people read it: EIP-55 on EVM chains.")
    role = serializers.ChoiceField(choices=AddressRole.choices)
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    marking = serializers.ChoiceField(choices=Marking.choices, allow_null=True)
    owner = OrganizationSerializer(allow_null=True)
    found_by_trace = serializers.BooleanField()
    is_watched = serializers.BooleanField(help_text="Whether its chain is watched here.")
    is_accepted_return = serializers.BooleanField(help_text="Two people stand behind it.")
    called_attacker_by = OrganizationSerializer(
        allow_null=True, help_text="One party's word; it stays a candidate."
    )
    called_attacker_why = serializers.CharField(allow_blank=True)
    confirmed_attacker_by = OrganizationSerializer(
        allow_null=True, help_text="An independent party's word: now the role is attacker."
    )
    recorded_at = serializers.DateTimeField()
    exposures = ExposureSerializer(many=True)


class RecordAddressSerializer(MarkedInput):
    chain = serializers.CharField(max_length=60, help_text="CAIP-2, such as eip155:1.")
    address = serializers.CharField(max_length=130)
    role = serializers.ChoiceField(
        choices=[c for c in AddressRole.choices if c[0] not in _BY_TWO],
        default=AddressRole.CANDIDATE,
    )
    label = serializers.CharField(default="", allow_blank=True, max_length=addresses.LONGEST_LABEL)  # type: ignore[assignment]


class ProposeReturnSerializer(serializers.Serializer[Any]):
    chain = serializers.CharField(max_length=60, help_text="CAIP-2, such as eip155:1.")
    address = serializers.CharField(max_length=130)
    label = serializers.CharField(default="", allow_blank=True, max_length=addresses.LONGEST_LABEL)  # type: ignore[assignment]
    marking = marking_field()


def as_json(
    rows: Iterable[TrackedAddress], incident: Incident, actor: Actor
) -> list[dict[str, Any]]:
    """Rows with what they hold, as the actor may know it."""
    rows = list(rows)
    held = money().exposures(incident, actor, [(row.chain, row.address) for row in rows])
    watched = money().watched_chains()
    told = [
        {
            "account": row.caip10,
            "chain": row.chain,
            "address": show(row.caip10).full,
            "role": row.role,
            "label": row.label,
            "marking": row.marking,
            "owner": row.owner,
            "found_by_trace": row.found_by_trace,
            "is_watched": row.chain in watched,
            "is_accepted_return": row.is_accepted_return,
            "called_attacker_by": row.called_for,
            "called_attacker_why": row.called_why,
            "confirmed_attacker_by": row.confirmed_for,
            "recorded_at": row.created_at,
            "exposures": held.get((row.chain, row.address), []),
        }
        for row in rows
    ]
    return list(AddressSerializer(told, many=True).data)


def find(account: str, incident: Incident, actor: Actor) -> TrackedAddress:
    """A tracked address by CAIP-10, however it is written.

    :raises NotFound: absent, hidden, or no address at all.
    """
    chain, _, address = account.rpartition(":")
    try:
        chain, address = addresses.parse(chain, address)
    except BadInput as error:
        raise NotFound from error
    return access.get_address(actor, incident, chain, address)


class AddressList(APIView):
    @described(
        "addresses_list",
        "addresses",
        "Tracked addresses with what they hold.",
        gives=AddressSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        return Response(as_json(access.addresses(actor, incident), incident, actor))

    @described(
        "addresses_record",
        "addresses",
        "Record an address; of a known one, the row there is.",
        takes=RecordAddressSerializer,
        gives=AddressSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        data = valid(request, RecordAddressSerializer)
        row = addresses.record(
            incident,
            data["chain"],
            data["address"],
            actor=actor,
            marking=data["marking"],
            role=data["role"],
            label=data["label"],
            audience=audience_of(data.get("audience"), incident, actor),
        )
        return Response(as_json([row], incident, actor)[0], status=201)


class ReturnProposal(APIView):
    @described(
        "addresses_propose_return",
        "addresses",
        "Propose a return address; another accepts it.",
        takes=ProposeReturnSerializer,
        gives=AddressSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        data = valid(request, ProposeReturnSerializer)
        row = addresses.propose_return(
            incident,
            data["chain"],
            data["address"],
            actor=actor,
            marking=data["marking"],
            label=data["label"],
        )
        return Response(as_json([row], incident, actor)[0], status=201)


class AddressOne(APIView):
    @described(
        "addresses_retrieve",
        "addresses",
        "One tracked address.",
        gives=AddressSerializer,
        refuses=READ,
    )
    def get(self, request: Request, slug: str, account: str) -> Response:
        incident, actor = enter(request, slug)
        return Response(as_json([find(account, incident, actor)], incident, actor)[0])


class ReturnAcceptance(APIView):
    @described(
        "addresses_accept_return",
        "addresses",
        "Accept a return address that another proposed.",
        gives=AddressSerializer,
    )
    def post(self, request: Request, slug: str, account: str) -> Response:
        incident, actor = enter(request, slug)
        row = addresses.accept_return(find(account, incident, actor), actor=actor)
        return Response(as_json([row], incident, actor)[0])
