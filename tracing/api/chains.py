"""The chains that are watched here."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.api.base import described
from incidents.api.state import ChainSerializer
from incidents.ports import WatchState
from incidents.serialized import watch_json
from tracing.services import chains


class ChainList(APIView):
    @described(
        "chains_list",
        "chains",
        "Chains that are watched here, and how far each was followed.",
        gives=ChainSerializer(many=True),
        refuses=(401,),
    )
    def get(self, request: Request) -> Response:
        return Response(watch_json(WatchState(tuple(chains.watched())))["chains"])
