"""Leads: what deserves a look but moves no taint."""

import uuid

from django.db import models

from incidents.models.person import Person
from tracing.models.directory import Service
from tracing.models.trace import Trace


class Lead(models.Model):
    """Something the machine noticed and a person decides on. ``evidence`` is JSON of facts with
    their transactions; all text in it comes from chains and is hostile."""

    class Kind(models.TextChoices):
        DEPOSIT_ADDRESS = "deposit_address", "Looks like a deposit address"
        HUB = "hub", "Hub: needs a look"
        LOOK_ALIKE = "look_alike", "Look-alike address"
        MIXER_WITHDRAWAL = "mixer_withdrawal", "Withdrawal from the same mixer pool"
        DATA_REQUEST = "data_request", "Ask the operator where it went"
        UNKNOWN_TOKEN = "unknown_token", "Swapped into a token that nobody vouched for"
        INTERNAL_SUSPECTED = "internal_suspected", "Internal movement suspected"
        WORK_BOUND = "work_bound", "Over the work bound: needs a look"

    class State(models.TextChoices):
        OPEN = "open", "Needs a look"
        CONFIRMED = "confirmed", "Confirmed"
        DISMISSED = "dismissed", "Dismissed"
        WITHDRAWN = "withdrawn", "Its block was dropped"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="leads")
    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    confidence = models.PositiveSmallIntegerField(default=0)  # percent
    chain = models.CharField(max_length=60)
    address = models.CharField(max_length=130)
    service = models.ForeignKey(Service, null=True, on_delete=models.PROTECT, related_name="+")
    evidence = models.JSONField(default=dict)
    block_number = models.BigIntegerField(null=True)
    block_hash = models.CharField(max_length=66, blank=True)
    # What a person said last; it outlives the lead's withdrawal and counts again when it is back.
    decision = models.CharField(max_length=10, choices=State, blank=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trace", "key"], name="one_lead_per_key")]
        indexes = [models.Index(fields=["trace", "chain", "address"], name="lead_by_address")]

    def __str__(self) -> str:
        return f"{self.kind} {self.address}"
