"""The packet: what a desk gets, fixed byte by byte, and who signed it."""

import uuid

from django.db import models

from incidents.choices import PacketState, SignatureKind
from incidents.models.fenced import FencedPart
from incidents.models.freeze import FreezeRequest
from incidents.models.organization import Organization
from incidents.models.person import Person


class Packet(FencedPart):
    """One version of what a request says. ``manifest`` is RFC 8785 JSON; ``digest`` its SHA-256."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(FreezeRequest, on_delete=models.PROTECT, related_name="packets")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=PacketState, default=PacketState.DRAFT)
    manifest = models.BinaryField()
    digest = models.CharField(max_length=64)
    # A correction says what changed; it goes to everybody who got the version before.
    is_correction = models.BooleanField(default=False)
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    issued_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # superseded or revoked

    class Meta(FencedPart.Meta):
        constraints = [
            models.UniqueConstraint(fields=["request", "version"], name="one_packet_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.request_id} version {self.version}"


class PacketFile(FencedPart):
    """One file of a packet as one recipient got it. ``digest``: SHA-256 of ``body``, what the
    public check page is asked for."""

    packet = models.ForeignKey(Packet, on_delete=models.PROTECT, related_name="files")
    dispatch = models.ForeignKey(
        "incidents.Dispatch", null=True, on_delete=models.PROTECT, related_name="files"
    )
    link = models.ForeignKey(
        "incidents.DeskLink", null=True, on_delete=models.PROTECT, related_name="files"
    )
    format = models.CharField(max_length=20)  # slug of the export
    digest = models.CharField(max_length=64, db_index=True)
    body = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.format} {self.digest[:8]}"


class PacketSignature(FencedPart):
    """A signature over a packet's manifest. ``key``: the fingerprint or address it checks with."""

    packet = models.ForeignKey(Packet, on_delete=models.PROTECT, related_name="signatures")
    kind = models.CharField(max_length=10, choices=SignatureKind)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    key = models.CharField(max_length=200)
    body = models.TextField()  # as its kind writes it: armoured text, or JSON
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class SigningKey(models.Model):
    """A public key of the directory at /.well-known/: a person's, for an organization, while it
    holds. Public by its nature."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="signing_keys"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="signing_keys")
    kind = models.CharField(max_length=10, choices=SignatureKind)
    public = models.TextField()
    fingerprint = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)  # in the directory from then on
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "fingerprint"],
                condition=models.Q(ended_at__isnull=True),
                name="one_key_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return self.fingerprint
