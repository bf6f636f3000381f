"""Freeze requests: a request holds targets, each with its own state, amounts and answers."""

import uuid

from django.db import models

from incidents.choices import Evidence, Outcome, RequestState, TargetState
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
    # The only party behind it, since no other had answered within three minutes, or none was there.
    alone = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    alone_because = models.TextField(blank=True, default="")  # as it was then, for ever
    approved_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True)
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
    returned = AmountField(default=0)
    held_until = models.DateTimeField(null=True)
    # The way of the money as evidence: one list of hops per arrival, keyed by the arrival.
    evidence = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "chain", "address", "asset"], name="one_target_per_account"
            )
        ]

    def __str__(self) -> str:
        return f"{self.symbol} at {self.address}"


class FreezeAnswer(Marked):
    """What a desk said, once; a later answer is a new row."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    target = models.ForeignKey(FreezeTarget, on_delete=models.PROTECT, related_name="answers")
    outcome = models.CharField(max_length=24, choices=Outcome)
    amount = AmountField(null=True)
    held_until = models.DateTimeField(null=True)
    text = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.outcome
