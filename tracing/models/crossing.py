"""Crossings: value that left a chain through a bridge, and where it came out."""

import uuid

from django.db import models

from incidents.models.fields import AmountField
from incidents.models.person import Person
from tracing.models.chain import Block, Chain
from tracing.models.trace import Trace


class Crossing(models.Model):
    """One bridge transfer of a trace. Certain only when the far side's event was seen.

    The lots keep their origin, so that the far side goes on with what was stolen. A crossing that
    is only probable moves no taint and escalates nothing by itself.
    """

    class State(models.TextChoices):
        OPEN = "open", "Not seen on the far side"
        PROBABLE = "probable", "Probable"
        CERTAIN = "certain", "Certain"
        CONFIRMED = "confirmed", "Confirmed by an analyst"
        REJECTED = "rejected", "Rejected by an analyst"
        WITHDRAWN = "withdrawn", "Its block was dropped"

    # What one of the far side may be found for.
    AWAITED = (State.OPEN, State.PROBABLE, State.REJECTED)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="crossings")
    key = models.CharField(max_length=200)  # of the source side: block, transaction, place
    bridge = models.CharField(max_length=40)  # slug of tracing/bridges
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    confidence = models.PositiveSmallIntegerField(default=0)  # percent
    block = models.ForeignKey(Block, on_delete=models.CASCADE, related_name="crossings")
    tx = models.CharField(max_length=72)
    position = models.PositiveIntegerField(default=0)  # of the log that told of it
    from_address = models.CharField(max_length=130)
    escrow_address = models.CharField(max_length=130)  # the account that holds the lots
    asset = models.CharField(max_length=200)
    amount = AmountField()  # tainted base units that went in
    lots = models.JSONField(default=list)  # their origins: tracing.core.state.LotRow
    departed = AmountField(null=True)  # all units that went in, clean ones too; null: not told
    via = models.CharField(max_length=40, blank=True)  # the front that led there: LI.FI, Squid
    # What the near side says of the far one.
    match_key = models.CharField(max_length=200, blank=True)  # "" where the bridge has none
    to_chain = models.CharField(max_length=60, blank=True)  # CAIP-2; "" not told on chain
    to_address = models.CharField(max_length=130, blank=True)
    to_asset = models.CharField(max_length=200, blank=True)
    to_amount = AmountField(null=True)
    # What was seen there. Empty until the state is probable, certain or confirmed.
    far_chain = models.CharField(max_length=60, blank=True)
    far_address = models.CharField(max_length=130, blank=True)
    far_asset = models.CharField(max_length=200, blank=True)
    far_amount = AmountField(null=True)
    far_tx = models.CharField(max_length=72, blank=True)
    far_block_number = models.BigIntegerField(null=True)
    far_block_hash = models.CharField(max_length=66, blank=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trace", "key"], name="one_crossing_per_key")
        ]
        indexes = [models.Index(fields=["bridge", "match_key"], name="crossing_by_match_key")]

    def __str__(self) -> str:
        return self.key


class Landing(models.Model):
    """What came out of a bridge on a watched chain, whoever it belongs to.

    Kept since the far side is often read before the near side: a crossing that is found later
    meets its landing here. ``asset`` and ``amount`` are what the block's movements credited to
    ``to_address``, never what a log alone says. Rows of dropped blocks are deleted.
    """

    chain = models.ForeignKey(Chain, on_delete=models.CASCADE, related_name="landings")
    block = models.ForeignKey(Block, on_delete=models.CASCADE, related_name="landings")
    bridge = models.CharField(max_length=40)
    tx = models.CharField(max_length=72)
    position = models.PositiveIntegerField()  # of the log
    contract = models.CharField(max_length=130)
    from_chain = models.CharField(max_length=60, blank=True)  # CAIP-2; "" not told
    to_address = models.CharField(max_length=130, blank=True)
    asset = models.CharField(max_length=200, blank=True)
    amount = AmountField(null=True)
    match_key = models.CharField(max_length=200, blank=True)
    is_refund = models.BooleanField(default=False)  # it came back to where it had left

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["block", "bridge", "position"], name="one_landing_per_log"
            )
        ]
        indexes = [
            models.Index(fields=["bridge", "match_key"], name="landing_by_match_key"),
            models.Index(fields=["to_address"], name="landing_by_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.bridge} {self.tx}"
