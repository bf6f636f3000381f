"""Packets of freeze requests: fields, versions, files, signatures. And people's signing keys."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.access import Act
from incidents.api.base import READ, described, enter, person, valid
from incidents.choices import PacketState, SignatureKind
from incidents.exceptions import NotFound
from incidents.exports.packet.base import packet_exports
from incidents.models import Packet, SigningKey
from incidents.packets.fields import FIELDS
from incidents.services import packet_fields, packets, signatures, signing_keys
from incidents.services.step_up import proof_of

KINDS = f"One of: {', '.join(SignatureKind.values)}."


class FieldsSerializer(serializers.Serializer[Any]):
    """What a packet says besides its targets."""

    values = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        help_text=f"By name, of: {', '.join(n for n, f in FIELDS.items() if not f.is_derived)}.",
    )


class PacketSignatureSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text=KINDS)
    key = serializers.CharField(help_text="Fingerprint, credential or account.")
    organization = serializers.CharField(allow_null=True, help_text="Null: this server.")
    version = serializers.IntegerField()
    at = serializers.DateTimeField()
    body = serializers.CharField(help_text="As its kind writes it.")


class PacketSerializer(serializers.Serializer[Any]):
    """One version. ``digest``: SHA-256 of its manifest, which is what people sign."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(choices=PacketState.choices)
    digest = serializers.CharField()
    is_correction = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    drawn_up_at = serializers.DateTimeField()
    issued_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    signatures = PacketSignatureSerializer(many=True)


class AddSignatureSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(max_length=10, help_text="sshsig, openpgp or eip712.")
    signature = serializers.CharField(max_length=20_000)
    account = serializers.CharField(
        default="", allow_blank=True, max_length=130, help_text="CAIP-10, of an EIP-712 one."
    )


def shown(row: Packet) -> dict[str, Any]:
    """A version with its signatures."""
    return {
        "id": row.public_id,
        "version": row.version,
        "state": row.state,
        "digest": row.digest,
        "is_correction": row.is_correction,
        "reason": row.reason,
        "drawn_up_at": row.created_at,
        "issued_at": row.issued_at,
        "ended_at": row.ended_at,
        "signatures": [
            {
                "kind": s.kind,
                "key": s.key,
                "organization": s.organization.name if s.organization else None,
                "version": s.packet.version,
                "at": s.created_at,
                "body": s.body,
            }
            for s in signatures.of(row)
        ],
    }


class PacketFields(APIView):
    @described(
        "freezes_fields", "freezes", "What the packet says.", gives=FieldsSerializer, refuses=READ
    )
    def get(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        return Response({"values": access.get_freeze(actor, incident, public_id).fields})

    @described(
        "freezes_fields_change",
        "freezes",
        "Change some fields; an empty one goes. Signatures that there are no longer count.",
        takes=FieldsSerializer,
        gives=FieldsSerializer,
    )
    def patch(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_freeze(actor, incident, public_id)
        values = valid(request, FieldsSerializer)["values"]
        return Response({"values": packet_fields.change(row, values, actor=actor).fields})


class PacketList(APIView):
    @described(
        "freezes_packets",
        "freezes",
        "Versions of the packet, the newest first.",
        gives=PacketSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_freeze(actor, incident, public_id)
        return Response([shown(one) for one in access.packets(actor, row)])


class PacketFiles(APIView):
    @described(
        "freezes_packet_file",
        "freezes",
        "One version as a file: pdf, csv, xlsx or json.",
        gives=OpenApiResponse(bytes, description="The file."),
        refuses=READ,
    )
    def get(
        self, request: Request, slug: str, public_id: UUID, packet_id: UUID, export: str
    ) -> HttpResponse:
        incident, actor = enter(request, slug)
        row = access.get_freeze(actor, incident, public_id)
        if export not in packet_exports():
            raise NotFound
        access.require(actor, incident, Act.EXPORT)
        body = packets.file_of(access.get_packet(actor, row, packet_id), export)
        # Once more, since the right to it may have ended while it was made.
        incident, actor = enter(request, slug)
        access.require(actor, incident, Act.EXPORT)
        access.get_packet(actor, access.get_freeze(actor, incident, public_id), packet_id)
        file = HttpResponse(body, content_type=packet_exports()[export].media_type)
        file["Content-Disposition"] = f'attachment; filename="{row.reference}.{export}"'
        return file


class PacketSignatures(APIView):
    @described(
        "freezes_packet_sign",
        "freezes",
        "Hand in a signature over a version that was made elsewhere.",
        takes=AddSignatureSerializer,
        gives=PacketSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str, public_id: UUID, packet_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_freeze(actor, incident, public_id)
        data = valid(request, AddSignatureSerializer)
        chosen = access.get_packet(actor, row, packet_id)
        signatures.add(
            chosen, data["kind"], data["signature"], actor=actor, account=data["account"]
        )
        return Response(shown(access.get_packet(actor, row, packet_id)), status=201)


class KeySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    owner = serializers.CharField()
    kind = serializers.CharField(help_text=KINDS)
    fingerprint = serializers.CharField()
    public = serializers.CharField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class AddKeySerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(max_length=10, help_text="sshsig or openpgp.")
    public = serializers.CharField(max_length=60_000)


def _key(row: SigningKey) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "owner": str(row.person),
        "kind": row.kind,
        "fingerprint": row.fingerprint,
        "public": row.public,
        "confirmed_at": row.confirmed_at,
        "ended_at": row.ended_at,
    }


class KeyList(APIView):
    @described(
        "keys_list",
        "organizations",
        "Keys that its people sign packets with.",
        gives=KeySerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, organization_id: UUID) -> Response:
        row = access.get_organization(person(request), organization_id)
        return Response([_key(key) for key in signing_keys.of(row)])

    @described(
        "keys_register",
        "organizations",
        "Hand in one's own public key; a second person confirms it.",
        takes=AddKeySerializer,
        gives=KeySerializer,
        status=201,
    )
    def post(self, request: Request, organization_id: UUID) -> Response:
        row = access.get_organization(person(request), organization_id)
        proof = proof_of(request._request, request.auth)
        data = valid(request, AddKeySerializer)
        made = signing_keys.register(
            row, data["kind"], data["public"], by=person(request), proof=proof
        )
        return Response(_key(made), status=201)


class KeyConfirmation(APIView):
    @described("keys_confirm", "organizations", "Vouch for another's key.", gives=KeySerializer)
    def post(self, request: Request, organization_id: UUID, public_id: UUID) -> Response:
        row = access.get_organization(person(request), organization_id)
        key, proof = signing_keys.get(row, public_id), proof_of(request._request, request.auth)
        return Response(_key(signing_keys.confirm(key, by=person(request), proof=proof)))


class KeyEnd(APIView):
    @described("keys_end", "organizations", "End a key.", gives=KeySerializer)
    def post(self, request: Request, organization_id: UUID, public_id: UUID) -> Response:
        row = access.get_organization(person(request), organization_id)
        key, proof = signing_keys.get(row, public_id), proof_of(request._request, request.auth)
        return Response(_key(signing_keys.end(key, by=person(request), proof=proof)))
