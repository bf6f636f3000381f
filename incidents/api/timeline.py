"""The timeline, by opaque cursor: an entry's id."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.api.base import READ, described, enter
from incidents.choices import Marking
from incidents.serialized import entries_json


class EntrySerializer(serializers.Serializer[Any]):
    """One entry, as sockets carry it too. Texts from chains and parties are hostile: escape."""

    id = serializers.UUIDField(help_text="Also the cursor.")
    kind = serializers.CharField()
    headline = serializers.CharField()
    subject = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField(help_text="Recorded.")
    happened_at = serializers.DateTimeField()
    marking = serializers.ChoiceField(choices=Marking.choices, allow_null=True)
    organization = serializers.CharField(allow_null=True)
    by = serializers.ChoiceField(
        choices=["party", "trace", "desk", "installation"],
        help_text="desk: through its page, without an account. installation: nobody said it.",
    )
    is_alert = serializers.BooleanField()
    is_provisional = serializers.BooleanField()
    is_withdrawn = serializers.BooleanField()
    block_state = serializers.CharField(
        allow_blank=True,
        help_text="Of the block that it tells of, by now: seen, safe, final or orphaned.",
    )
    block_standing = serializers.CharField(
        allow_blank=True,
        help_text="Who vouches for that block: single, unverified, logs or verified.",
    )
    content = serializers.DictField()


class TimelineSerializer(serializers.Serializer[Any]):
    entries = EntrySerializer(many=True)
    cursor = serializers.UUIDField(
        allow_null=True, help_text="Of the last entry given: pass it on to go further."
    )
    has_more = serializers.BooleanField()


class TimelineQuery(serializers.Serializer[Any]):
    after = serializers.UUIDField(required=False)
    before = serializers.UUIDField(required=False)
    newest = serializers.BooleanField(default=False)
    limit = serializers.IntegerField(default=100, min_value=1, max_value=200)
    subject = serializers.CharField(required=False, max_length=255)


_PARAMETERS = [
    OpenApiParameter(
        "after",
        {"type": "string", "format": "uuid"},
        description=(
            "Entries recorded after this one, oldest first; also older ones that somebody widened "
            "since, before the entry that says so. An unknown one: from the start."
        ),
    ),
    OpenApiParameter("newest", bool, description="Newest first instead, for a first page."),
    OpenApiParameter(
        "before",
        {"type": "string", "format": "uuid"},
        description=("With newest: entries recorded before this one."),
    ),
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 200}),
    OpenApiParameter("subject", str, description='Such as "address:eip155:1:0x...".'),
]


class Timeline(APIView):
    @described(
        "timeline_list",
        "timeline",
        "The timeline, as you may see it.",
        gives=TimelineSerializer,
        parameters=_PARAMETERS,
        refuses=(400, *READ),
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        query = TimelineQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        rows = access.entries(actor, incident).prefetch_related("entry__personal")
        if asked.get("subject"):
            rows = rows.filter(subject=asked["subject"])
        if asked["newest"]:
            rows = rows.order_by("-seq")
            if before := asked.get("before"):
                rows = rows.filter(seq__lt=access.cursor_to_seq(actor, incident, str(before)))
        after = str(asked["after"]) if asked.get("after") else ""
        seq = access.cursor_to_seq(actor, incident, after) if after else 0
        if not asked["newest"]:
            rows = rows.filter(seq__gt=seq)
        limit = asked["limit"]
        found = list(rows[: limit + 1])
        lines = found[:limit]
        given, taken = access.with_told(actor, incident, lines, seq, limit)
        entries = entries_json(given)
        cursor = entries[-1]["id"] if entries else None
        more = len(found) > taken
        return Response({"entries": entries, "cursor": cursor, "has_more": more})
