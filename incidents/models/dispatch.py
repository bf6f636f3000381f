"""What leaves: the outbox, and what of it went to desks."""

import uuid

from django.db import models

from incidents.choices import Channel, DeliveryState
from incidents.models.fenced import FencedPart
from incidents.models.freeze import FreezeRequest
from incidents.models.incident import Incident
from incidents.models.organization import Organization
from incidents.models.packet import Packet
from incidents.models.person import Person


class Delivery(FencedPart):
    """One thing that leaves, written in the transaction that decided it and carried out after.

    ``key`` is what makes it one: the same key is never sent twice by itself. ``subject`` names what
    it is about ("dispatch:<id>", "clock:<id>" ...); the text is made when it leaves. Who claims it
    writes ``claimed_at`` first: what is found claimed by a worker that is gone is *uncertain*.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(
        Incident, null=True, on_delete=models.PROTECT, related_name="deliveries"
    )
    key = models.CharField(max_length=200, unique=True)
    channel = models.CharField(max_length=40)  # slug of a notifier or a recipient type
    to = models.CharField(max_length=500)  # address, URL ... as the channel takes it
    subject = models.CharField(max_length=255)
    payload = models.JSONField(default=dict)  # what the channel needs, never a secret
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=80, blank=True)
    done_at = models.DateTimeField(null=True)
    message_id = models.CharField(max_length=255, blank=True)
    error = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(FencedPart.Meta):
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(state="pending"),
                name="deliveries_that_wait",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"


class Dispatch(FencedPart):
    """One packet handed to one recipient by one channel. By a portal or by telephone a person does
    it, and says when, with which reference and what proves it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(FreezeRequest, on_delete=models.PROTECT, related_name="dispatches")
    packet = models.ForeignKey(
        Packet, null=True, on_delete=models.PROTECT, related_name="dispatches"
    )
    contact = models.ForeignKey(
        "incidents.DeskContact", null=True, on_delete=models.PROTECT, related_name="+"
    )
    delivery = models.OneToOneField(
        Delivery, null=True, on_delete=models.PROTECT, related_name="dispatch"
    )
    channel = models.CharField(max_length=10, choices=Channel)
    recipient = models.CharField(max_length=200)  # as the packet names it
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reference = models.CharField(max_length=120, blank=True)  # the desk's own
    handed_over_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    proof_name = models.CharField(max_length=200, blank=True)
    proof_digest = models.CharField(max_length=64, blank=True)  # SHA-256
    proof = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(FencedPart.Meta):
        verbose_name_plural = "dispatches"

    def __str__(self) -> str:
        return f"{self.channel} to {self.recipient}"
