"""The terms of the room: reading, signing, declining them, and new texts of them."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import access
from incidents.access import Actor
from incidents.api.base import READ, described, enter, knock, person, valid
from incidents.choices import Consent, RevisionState
from incidents.exceptions import NotFound
from incidents.models import Participation
from incidents.services import revisions
from incidents.services import terms as consent
from incidents.services.incidents import terms_in_force

SEAT = (400, 401, 403, 404, 409)


class TermsSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    text = serializers.CharField()
    digest = serializers.CharField(help_text="SHA-256 of the text: what is read and signed.")
    covers = serializers.ListField(
        child=serializers.CharField(), help_text="What signing releases for publication."
    )
    consent = serializers.ChoiceField(choices=Consent.choices, help_text="Of your organization.")
    is_read = serializers.BooleanField(help_text="By somebody of your organization.")
    is_signed = serializers.BooleanField(help_text="By your organization, this version.")
    signed_version = serializers.IntegerField(allow_null=True)
    respond_by = serializers.DateTimeField(allow_null=True, help_text="Who is late may sign.")
    silent_since = serializers.DateTimeField(allow_null=True)
    minutes_late = serializers.IntegerField()


class DigestSerializer(serializers.Serializer[Any]):
    digest = serializers.CharField(max_length=64, help_text="Of the text that you read.")


class VersionSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    text = serializers.CharField()
    digest = serializers.CharField()
    covers = serializers.ListField(child=serializers.CharField())
    respond_minutes = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class RevisionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    text = serializers.CharField()
    digest = serializers.CharField()
    covers = serializers.ListField(child=serializers.CharField())
    respond_minutes = serializers.IntegerField()
    reason = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=RevisionState.choices)
    proposed_for = serializers.SlugField(source="proposed_for.slug")
    decided_for = serializers.SlugField(source="decided_for.slug", allow_null=True, default=None)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class ProposeRevisionSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=revisions.LONGEST_TEXT, trim_whitespace=False)
    covers = serializers.ListField(
        child=serializers.ChoiceField(choices=list(revisions.COVERS)), max_length=10
    )
    respond_minutes = serializers.IntegerField(min_value=1, max_value=revisions.LONGEST_MINUTES)
    reason = serializers.CharField(
        default="", allow_blank=True, max_length=revisions.LONGEST_REASON
    )


def as_json(request: Request, slug: str) -> dict[str, Any]:
    """The terms in force, for a party that signed them or not."""
    incident, actor = knock(request, slug)
    text, seat = terms_in_force(incident), actor.participation
    if seat is None:
        raise NotFound
    shown = {name: getattr(text, name) for name in ("version", "text", "digest", "covers")}
    return {
        **shown,
        "consent": seat.consent,
        "is_read": seat.read_digest == text.digest,
        "is_signed": actor.has_consented,
        "signed_version": seat.terms_version,
        "respond_by": seat.respond_by,
        "silent_since": seat.silent_since,
        "minutes_late": consent.minutes_late(seat),
    }


def seat_of(request: Request, slug: str) -> tuple[Participation, Actor]:
    """The seat that the request speaks for. :raises NotFound: none."""
    _, actor = knock(request, slug)
    if actor.participation is None:
        raise NotFound
    return actor.participation, actor


class Terms(APIView):
    @described(
        "terms_retrieve", "terms", "The terms in force.", gives=TermsSerializer, refuses=(401, 404)
    )
    def get(self, request: Request, slug: str) -> Response:
        return Response(TermsSerializer(as_json(request, slug)).data)


class TermsReading(APIView):
    @described(
        "terms_read",
        "terms",
        "Say that you have read the terms. It binds nobody; signing comes after.",
        takes=DigestSerializer,
        gives=TermsSerializer,
        refuses=SEAT,
    )
    def post(self, request: Request, slug: str) -> Response:
        seat, actor = seat_of(request, slug)
        digest = valid(request, DigestSerializer)["digest"]
        consent.read_terms(seat, person=person(request), digest=digest, proof=actor.proof)
        return Response(TermsSerializer(as_json(request, slug)).data)


class TermsSigning(APIView):
    @described(
        "terms_sign",
        "terms",
        "Sign the terms as read, for your organization. Never with a token.",
        takes=DigestSerializer,
        gives=TermsSerializer,
        refuses=SEAT,
    )
    def post(self, request: Request, slug: str) -> Response:
        seat, actor = seat_of(request, slug)
        digest = valid(request, DigestSerializer)["digest"]
        consent.sign(seat, person=person(request), digest=digest, proof=actor.proof)
        return Response(TermsSerializer(as_json(request, slug)).data)


class TermsDeclining(APIView):
    @described(
        "terms_decline",
        "terms",
        "Decline the terms, or leave, for your organization. Never with a token.",
        status=204,
        refuses=(401, 403, 404, 409),
    )
    def post(self, request: Request, slug: str) -> Response:
        seat, actor = seat_of(request, slug)
        consent.decline(seat, person=person(request), proof=actor.proof)
        return Response(status=204)


class TermsVersions(APIView):
    @described(
        "terms_versions",
        "terms",
        "Every version that was in force, newest first.",
        gives=VersionSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        rows = access.terms_versions(actor, incident)
        return Response(VersionSerializer(rows, many=True).data)


class RevisionList(APIView):
    @described(
        "revisions_list",
        "terms",
        "Every text that was proposed, newest first.",
        gives=RevisionSerializer(many=True),
        refuses=READ,
    )
    def get(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        return Response(RevisionSerializer(access.revisions(actor, incident), many=True).data)

    @described(
        "revisions_propose",
        "terms",
        "Propose a new text. Nothing changes until another party accepts it.",
        takes=ProposeRevisionSerializer,
        gives=RevisionSerializer,
        status=201,
    )
    def post(self, request: Request, slug: str) -> Response:
        incident, actor = enter(request, slug)
        data = valid(request, ProposeRevisionSerializer)
        row = revisions.propose_revision(incident, actor=actor, **data)
        return Response(RevisionSerializer(row).data, status=201)


class RevisionAcceptance(APIView):
    @described(
        "revisions_accept",
        "terms",
        "Put a proposed text in force, as read: your signature. Others lapse until they sign.",
        takes=DigestSerializer,
        gives=RevisionSerializer,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_revision(actor, incident, public_id)
        digest = valid(request, DigestSerializer)["digest"]
        revisions.accept_revision(row, actor=actor, digest=digest)
        row.refresh_from_db()
        return Response(RevisionSerializer(row).data)


class RevisionRejection(APIView):
    @described(
        "revisions_reject",
        "terms",
        "Reject a proposed text: the old one stays in force.",
        gives=RevisionSerializer,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_revision(actor, incident, public_id)
        return Response(RevisionSerializer(revisions.reject_revision(row, actor=actor)).data)


class RevisionWithdrawal(APIView):
    @described(
        "revisions_withdraw",
        "terms",
        "Take back what your party proposed.",
        gives=RevisionSerializer,
    )
    def post(self, request: Request, slug: str, public_id: UUID) -> Response:
        incident, actor = enter(request, slug)
        row = access.get_revision(actor, incident, public_id)
        return Response(RevisionSerializer(revisions.withdraw_revision(row, actor=actor)).data)
