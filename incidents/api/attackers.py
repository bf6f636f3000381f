"""Calling an address the attacker's, and taking one's word back."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.api.addresses import AddressSerializer, as_json, find
from incidents.api.base import described, enter, valid
from incidents.services import attackers


class WordSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=attackers.LONGEST_REASON)


class AttackerWords(APIView):
    @described(
        "addresses_call_attacker",
        "addresses",
        "Call it the attacker's: the first word, or an independent party's second.",
        takes=WordSerializer,
        gives=AddressSerializer,
    )
    def post(self, request: Request, slug: str, account: str) -> Response:
        incident, actor = enter(request, slug)
        row = find(account, incident, actor)
        said = attackers.call(row, valid(request, WordSerializer)["reason"], actor=actor)
        return Response(as_json([said], incident, actor)[0])


class AttackerWordBack(APIView):
    @described(
        "addresses_take_attacker_back",
        "addresses",
        "Take your party's word back: it is a candidate again.",
        takes=WordSerializer,
        gives=AddressSerializer,
    )
    def post(self, request: Request, slug: str, account: str) -> Response:
        incident, actor = enter(request, slug)
        row = find(account, incident, actor)
        left = attackers.take_back(row, valid(request, WordSerializer)["reason"], actor=actor)
        return Response(as_json([left], incident, actor)[0])
