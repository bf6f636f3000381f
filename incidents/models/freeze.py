"""Freeze requests: a request holds targets, each with its own state and amounts."""

import uuid

from django.db import models

from incidents.choices import Evidence, RequestState, TargetState
from incidents.models.fenced import FencedPart
from incidents.models.fields import AmountField
from incidents.models.incident import Incident
from incidents.models.marked import Marked
from incidents.models.organization import Organization
from incidents.models.person import Person


class FreezeRequest(Marked):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="freezes")
    reference = models.CharField(max_length=40, unique=True)
    desk_name = models.CharField(max_length=120)
    desk_slug = models.CharField(max_length=80)
    desk = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=RequestState, default=RequestState.DRAFT)
    drafted_by_trace = models.BooleanField(default=False)
    # Two people check a request; `first_for` is the party that the first one spoke for.
    first_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    first_for = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    first_at = models.DateTimeField(null=True)  # when the other party was asked
    second_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    second_for = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    # The only party behind it, since no other had answered within three minutes, or none was there.
    alone = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    alone_because = models.TextField(blank=True, default="")  # as it was then, for ever
    approved_at = models.DateTimeField(null=True)
    # What the packet says besides its targets: fields of the Freeze Asset Request draft (CertiK and
    # OKLink, 2023) by name. Text of people.
    fields = models.JSONField(default=dict)
    approved_digest = models.CharField(max_length=64, blank=True, default="")  # of the manifest
    sent_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True)
    # Clocks, from what the desk published or did before; null: none runs.
    acknowledge_by = models.DateTimeField(null=True)
    answer_by = models.DateTimeField(null=True)
    watched_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.reference


class FreezeTarget(FencedPart):
    """Desk x asset x chain x address. Amounts in base units, never added together."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(FreezeRequest, on_delete=models.PROTECT, related_name="targets")
    chain = models.CharField(max_length=60)
    address = models.CharField(max_length=130)
    asset = models.CharField(max_length=200)
    symbol = models.CharField(max_length=40)
    decimals = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=24, choices=TargetState, default=TargetState.DRAFT)
    evidence_state = models.CharField(max_length=10, choices=Evidence, default=Evidence.STANDING)
    requested = AmountField(default=0)
    located = AmountField(default=0)
    held = AmountField(default=0)
    frozen = AmountField(default=0)
    seized = AmountField(default=0)
    returned = AmountField(default=0)
    held_until = models.DateTimeField(null=True)
    last_seq = models.PositiveIntegerField(default=0)  # of its log: answers and steps
    account_id = models.CharField(max_length=120, blank=True, default="")  # the desk's own
    # US dollars of one whole unit at the time of the theft, as text: an exact decimal.
    usd_price = models.CharField(max_length=40, blank=True, default="")
    usd_price_at = models.DateTimeField(null=True)
    usd_price_source = models.CharField(max_length=200, blank=True, default="")
    moved_from = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="moved_to"
    )
    # The way of the money as evidence: one list of hops per arrival, keyed by the arrival.
    evidence = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        # As they were named: a packet that lists them in another order would be another one.
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "chain", "address", "asset"], name="one_target_per_account"
            )
        ]

    def __str__(self) -> str:
        return f"{self.symbol} at {self.address}"
