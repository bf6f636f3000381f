"""Notes on the timeline, on an address, a request or a statement."""

from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.access import Actor
from incidents.api.base import described, enter, valid
from incidents.api.fields import MarkedInput, audience_of
from incidents.api.timeline import EntrySerializer
from incidents.exceptions import BadInput, NotFound
from incidents.models import Incident
from incidents.serialized import entry_json
from incidents.services import addresses, notes


class NoteSerializer(MarkedInput):
    text = serializers.CharField(max_length=notes.LONGEST_NOTE)
    about = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=notes.LONGEST_SUBJECT,
        help_text="address:<CAIP-10>, freeze:<id>, statement:<id>, or nothing.",
    )


def subject(about: str, incident: Incident, actor: Actor) -> str:
    """What a note is about, in the form in which entries name it.

    :raises BadInput: no such thing, or hidden.
    """
    noun, _, rest = about.partition(":")
    try:
        if noun == "address":
            chain, _, account = rest.rpartition(":")
            return "address:" + ":".join(addresses.parse(chain, account))
        if noun == "freeze":
            return f"freeze:{access.get_freeze(actor, incident, UUID(rest)).public_id}"
        if noun == "statement":
            return f"statement:{access.get_statement(actor, incident, UUID(rest)).public_id}"
    except (NotFound, BadInput, ValueError) as error:
        raise BadInput("There is no such thing to note.", field="about") from error
    if about:
        raise BadInput("There is no such thing to note.", field="about")
    return ""


class NoteList(APIView):
    @described(
        "notes_post",
        "notes",
        "Post a note.",
        takes=NoteSerializer,
        gives=EntrySerializer,
        status=201,
    )
    def post(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        data = valid(request, NoteSerializer)
        line = notes.post(
            incident,
            data["text"],
            actor=actor,
            marking=data["marking"],
            audience=audience_of(data.get("audience"), incident, actor),
            about=subject(data["about"], incident, actor),
        )
        return Response(entry_json(line), status=201)
