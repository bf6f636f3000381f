"""Fields and shapes that every noun uses: amounts, markings, audiences, references."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incidents import access
from incidents.access import Actor
from incidents.choices import Marking
from incidents.display.addresses import show
from incidents.exceptions import BadInput
from incidents.models import Incident
from incidents.services.parties import people_of
from incidents.services.timeline import EVERYONE, Audience
from tracing.core.amounts import parse_uint256
from tracing.core.errors import InvalidIdentifier

STATE_A_MARKING = "The API must state a marking (TLP 2.0)."


@extend_schema_field({"type": "string", "pattern": "^[0-9]{1,78}$", "example": "1000000"})
class AmountField(serializers.Field[int, str, str, Any]):
    """A uint256 in base units, as a string: JSON numbers would round it."""

    default_error_messages = {"type": "Write the amount as a string of base units."}

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str):
            self.fail("type")
        try:
            return parse_uint256(data)
        except InvalidIdentifier as error:
            raise serializers.ValidationError(error.message) from error

    def to_representation(self, value: int) -> str:
        return str(value)


@extend_schema_field(OpenApiTypes.STR)
class AddressField(serializers.CharField):
    """An address; EVM addresses are shown with their checksum."""

    def to_representation(self, value: Any) -> str:
        return show(str(value)).full


def marking_field() -> serializers.ChoiceField:
    """A marking that has to be stated."""
    said = dict.fromkeys(("required", "null"), STATE_A_MARKING)
    return serializers.ChoiceField(
        choices=Marking.choices,
        error_messages={**said, "invalid_choice": "Unknown marking. TLP 2.0 is spoken here."},
    )


class AudienceSerializer(serializers.Serializer[dict[str, Any]]):
    """A narrowing. Left out: everybody whom the marking allows."""

    organizations = serializers.ListField(
        child=serializers.SlugField(),
        required=False,
        max_length=200,
        help_text="Slugs of parties of this room.",
    )
    people = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=200,
        help_text="Public ids of people of this room. TLP:RED needs them.",
    )


class MarkedInput(serializers.Serializer[dict[str, Any]]):
    """What every new shared item states."""

    marking = marking_field()
    audience = AudienceSerializer(required=False)


def audience_of(stated: dict[str, Any] | None, incident: Incident, actor: Actor) -> Audience:
    """The stated narrowing, among parties and people whom the actor can see.

    :raises BadInput: one that is not of this room, or hidden: in the same words.
    """
    if not stated:
        return EVERYONE
    organizations = {
        s.organization.slug: s.organization_id for s in access.parties(actor, incident)
    }
    people = {p.public_id: p.pk for p in people_of(actor, incident)}
    named: dict[str, list[int] | None] = {"organizations": None, "people": None}
    known: dict[str, dict[Any, int]] = {"organizations": organizations, "people": people}
    for noun, ids in known.items():
        wanted = stated.get(noun)
        if wanted is None:
            continue
        if unknown := [str(one) for one in wanted if one not in ids]:
            raise BadInput(f"Not of this room: {', '.join(unknown)}.", field=f"audience.{noun}")
        named[noun] = [ids[one] for one in wanted]
    return Audience(named["organizations"], named["people"])


class OrganizationSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    name = serializers.CharField()


class ErrorFieldSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    message = serializers.CharField()


class ErrorBodySerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Stable; for programs.")
    message = serializers.CharField(help_text="For people.")
    field = serializers.CharField(allow_null=True, help_text="The input that is at fault.")
    fields_ = ErrorFieldSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # A serializer has an attribute "fields" of its own.
        found = super().get_fields()
        found["fields"] = found.pop("fields_")
        return found


class ErrorSerializer(serializers.Serializer[Any]):
    error = ErrorBodySerializer()
