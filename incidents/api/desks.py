"""What an organization knows of desks, and whom it writes to there: for its members."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.api.base import READ, described, person, valid
from incidents.choices import Channel
from incidents.desks.facts import Profile
from incidents.services import desk_contacts, desk_profiles
from incidents.services.desk_contacts import NewContact
from incidents.services.step_up import proof_of


class FactSerializer(serializers.Serializer[Any]):
    value = serializers.JSONField(help_text="As its kind is: text, number, list ...")
    source = serializers.CharField(max_length=500)  # type: ignore[assignment]
    dated = serializers.DateField(help_text="When it was so.")


class ProfileSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    origin = serializers.CharField(help_text="own, installation, starter, or none.")
    facts = serializers.DictField(child=FactSerializer())


class KeepProfileSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    facts = serializers.DictField(child=FactSerializer(), default=dict)


class ContactSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    desk = serializers.CharField(source="desk_slug")
    name = serializers.CharField()
    channel = serializers.ChoiceField(choices=Channel.choices)
    address = serializers.CharField()
    phone = serializers.CharField()
    has_openpgp_key = serializers.SerializerMethodField()
    added_by = serializers.CharField()
    verified_by = serializers.CharField(default=None, allow_null=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    verified_how = serializers.CharField()

    def get_has_openpgp_key(self, row: Any) -> bool:
        return bool(row.openpgp_key)


class AddedContactSerializer(ContactSerializer):
    webhook_secret = serializers.CharField(help_text="Of a webhook. Shown this once.")


class AddContactSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    channel = serializers.ChoiceField(choices=Channel.choices)
    address = serializers.CharField(max_length=500)
    phone = serializers.CharField(default="", allow_blank=True, max_length=40)
    openpgp_key = serializers.CharField(default="", allow_blank=True, max_length=20_000)


class VerifySerializer(serializers.Serializer[Any]):
    how = serializers.CharField(max_length=300, help_text="How a second person reached them.")


def told(profile: Profile) -> dict[str, Any]:
    facts = {name: known.as_json() for name, known in profile.facts.items()}
    return {
        "slug": profile.slug,
        "name": profile.name,
        "origin": profile.origin,
        "facts": facts,
    }


class DeskList(APIView):
    @described(
        "desks_list",
        "desks",
        "Every desk that something is known of.",
        gives=ProfileSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, organization_id: UUID) -> Response:
        row = access.get_organization(person(request), organization_id)
        return Response([told(one) for one in desk_profiles.listed(row)])


class DeskOne(APIView):
    @described(
        "desks_retrieve", "desks", "What is known of one.", gives=ProfileSerializer, refuses=READ
    )
    def get(self, request: Request, organization_id: UUID, desk: str) -> Response:
        row = access.get_organization(person(request), organization_id)
        return Response(told(desk_profiles.of(desk, row)))

    @described(
        "desks_keep",
        "desks",
        "Your organization's own version; for administrators, with a fresh passkey.",
        takes=KeepProfileSerializer,
        gives=ProfileSerializer,
    )
    def put(self, request: Request, organization_id: UUID, desk: str) -> Response:
        row = access.get_organization(person(request), organization_id)
        proof = proof_of(request._request, request.auth)
        access.require_administrator_of(person(request), row, proof)
        data = valid(request, KeepProfileSerializer)
        kept = desk_profiles.keep(
            row, desk, data["name"], data["facts"], by=person(request), proof=proof
        )
        return Response(told(kept))

    @described("desks_drop", "desks", "Take the own version away.", status=204)
    def delete(self, request: Request, organization_id: UUID, desk: str) -> Response:
        row = access.get_organization(person(request), organization_id)
        proof = proof_of(request._request, request.auth)
        desk_profiles.drop(row, desk, by=person(request), proof=proof)
        return Response(status=204)


class ContactList(APIView):
    @described(
        "contacts_list",
        "desks",
        "Contacts at a desk that have not ended.",
        gives=ContactSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, organization_id: UUID, desk: str) -> Response:
        row = access.get_organization(person(request), organization_id)
        return Response(ContactSerializer(desk_contacts.of(row, desk), many=True).data)

    @described(
        "contacts_add",
        "desks",
        "Add a contact; a second person verifies it. With a fresh passkey.",
        takes=AddContactSerializer,
        gives=AddedContactSerializer,
        status=201,
    )
    def post(self, request: Request, organization_id: UUID, desk: str) -> Response:
        row = access.get_organization(person(request), organization_id)
        proof = proof_of(request._request, request.auth)
        access.require_fresh(proof)
        new = NewContact(desk, **valid(request, AddContactSerializer))
        made = desk_contacts.add(row, new, by=person(request), proof=proof)
        return Response(AddedContactSerializer(made).data, status=201)


class ContactVerification(APIView):
    @described(
        "contacts_verify",
        "desks",
        "A second person reached them by a second way; with a fresh passkey.",
        takes=VerifySerializer,
        gives=ContactSerializer,
    )
    def post(
        self, request: Request, organization_id: UUID, desk: str, contact_id: UUID
    ) -> Response:
        row = access.get_organization(person(request), organization_id)
        proof = proof_of(request._request, request.auth)
        one = desk_contacts.get(row, contact_id)
        how = valid(request, VerifySerializer)["how"]
        return Response(
            ContactSerializer(desk_contacts.verify(one, how, by=person(request), proof=proof)).data
        )


class ContactOne(APIView):
    @described("contacts_end", "desks", "Nobody writes to it any more.", status=204)
    def delete(
        self, request: Request, organization_id: UUID, desk: str, contact_id: UUID
    ) -> Response:
        row = access.get_organization(person(request), organization_id)
        proof = proof_of(request._request, request.auth)
        desk_contacts.end(desk_contacts.get(row, contact_id), by=person(request), proof=proof)
        return Response(status=204)
