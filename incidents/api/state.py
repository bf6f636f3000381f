"""Where the money is, and how far the chains were followed."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.api.base import READ, described, enter
from incidents.api.fields import AmountField
from incidents.ports import money
from incidents.serialized import strip_json, watch_json


class StripSerializer(serializers.Serializer[Any]):
    """One stolen asset, in its base units. stolen = at_large + held + frozen + recovered + lost;
    at_services and in_crossing are part of at_large."""

    asset = serializers.CharField(help_text="CAIP-19")
    symbol = serializers.CharField(help_text="From the chain: hostile text.")
    decimals = serializers.IntegerField()
    stolen = AmountField()
    at_large = AmountField()
    at_services = AmountField()
    in_crossing = AmountField()
    held = AmountField()
    frozen = AmountField()
    recovered = AmountField()
    lost = AmountField()


class ChainSerializer(serializers.Serializer[Any]):
    chain = serializers.CharField(help_text="CAIP-2")
    name = serializers.CharField()
    applied_block = serializers.IntegerField(
        allow_null=True, help_text="The newest block that the watcher applied."
    )
    verified_at = serializers.DateTimeField(allow_null=True)
    head = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_blank=True)
    final_block = serializers.IntegerField(
        allow_null=True, help_text="What stands in it or below is provisional no longer."
    )
    standing = serializers.ChoiceField(
        choices=["starting", "single", "verified", "logs", "unverified", "off"],
        help_text="single: one source, nobody to compare with. verified: a quorum of operators "
        "agrees up to applied_block. logs: it does, but for what moved inside of transactions in "
        "the newest block. off: not watched.",
    )
    verified_block = serializers.IntegerField(
        allow_null=True, help_text="A quorum agrees up to here. Null: no quorum, or not yet."
    )
    unverified_since = serializers.DateTimeField(allow_null=True)
    lag_blocks = serializers.IntegerField(
        allow_null=True, help_text="From applied_block to head, as head was last heard of."
    )


class BackfillSerializer(serializers.Serializer[Any]):
    subject = serializers.CharField(help_text="trace:<id> or address:<CAIP-10>.")
    chain = serializers.CharField(help_text="Its name.")
    first_block = serializers.IntegerField()
    last_block = serializers.IntegerField()
    done = serializers.IntegerField(help_text="Blocks read.")
    total = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True, help_text="Blocks a second, lately.")
    seconds_left = serializers.IntegerField(allow_null=True)
    told_by = serializers.CharField(allow_blank=True, help_text="Besides the blocks.")
    words = serializers.CharField()


class WatchSerializer(serializers.Serializer[Any]):
    chains = ChainSerializer(many=True)
    parked_findings = serializers.IntegerField()
    behind = serializers.IntegerField(help_text="Blocks of traces' backfill still to do.")
    backfills = BackfillSerializer(many=True)


class StateSerializer(serializers.Serializer[Any]):
    strips = StripSerializer(many=True)
    watch = WatchSerializer()


class State(APIView):
    @described(
        "state_retrieve",
        "state",
        "The money strip and the watchers, as you may know them.",
        gives=StateSerializer,
        refuses=READ,
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        return Response(
            {
                "strips": [strip_json(strip) for strip in money().strips(incident, actor)],
                "watch": watch_json(money().watch_state(incident, actor)),
            }
        )
