"""The log of a target: what desks said, and what happened besides. It only grows; a target's state
and amounts are worked out from it.

Both kinds of rows share one sequence (`FreezeTarget.last_seq`). A partial answer splits a target
into parts; ``part`` names the part by the sequence of the row that split it off, 0 is the rest.
"""

import uuid

from django.db import models

from incidents.choices import Channel, Confirmation, Outcome
from incidents.models.fenced import FencedPart
from incidents.models.fields import AmountField
from incidents.models.freeze import FreezeTarget
from incidents.models.marked import Marked
from incidents.models.person import Person


class FreezeAnswer(Marked):
    """What a desk said, once; a later answer is a new row."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    target = models.ForeignKey(FreezeTarget, on_delete=models.PROTECT, related_name="answers")
    seq = models.PositiveIntegerField(default=0)
    part = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=24, choices=Outcome)
    amount = AmountField(null=True)
    held_until = models.DateTimeField(null=True)
    text = models.TextField(blank=True)
    # By whose word: of this answer as a whole.
    confirmation = models.CharField(max_length=8, choices=Confirmation, default=Confirmation.DESK)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.ROOM)
    reference = models.CharField(max_length=120, blank=True)  # the desk's own
    contact = models.CharField(max_length=200, blank=True)
    legal = models.JSONField(default=dict)  # kind, jurisdiction, order ... as the outcome needs
    onward = models.CharField(max_length=200, blank=True)  # transaction of what moved on
    proof_name = models.CharField(max_length=200, blank=True)
    proof_digest = models.CharField(max_length=64, blank=True)  # SHA-256
    proof = models.BinaryField(null=True)
    link = models.ForeignKey(
        "incidents.DeskLink", null=True, on_delete=models.PROTECT, related_name="answers"
    )
    # A member wrote down what a desk said elsewhere: a claim, until somebody called back.
    is_claimed = models.BooleanField(default=False)
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_how = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.outcome


class TargetStep(FencedPart):
    """What happened to a target that no desk said: sent, overdue, lapsed, seen on chain, withdrawn.

    ``kind`` is a state (`TargetState`), or what happened to what it rests on.
    """

    target = models.ForeignKey(FreezeTarget, on_delete=models.PROTECT, related_name="steps")
    seq = models.PositiveIntegerField()
    part = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=30)
    amount = AmountField(null=True)
    confirmation = models.CharField(max_length=8, choices=Confirmation, default=Confirmation.NONE)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    # Where the chain says so. The hash pins it: a reorganisation takes the step back by a new one.
    chain = models.CharField(max_length=60, blank=True)
    tx = models.CharField(max_length=100, blank=True)
    block = models.BigIntegerField(null=True)
    block_hash = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(FencedPart.Meta):
        constraints = [models.UniqueConstraint(fields=["target", "seq"], name="one_step_per_place")]

    def __str__(self) -> str:
        return self.kind
