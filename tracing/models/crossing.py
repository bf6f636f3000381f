"""Crossings: value that left a chain through a bridge, and where it came out."""

from django.db import models

from incidents.models.fields import AmountField
from incidents.models.person import Person
from tracing.models.chain import Block
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
    match_key = models.CharField(max_length=200, blank=True)  # "" where the bridge has none
    to_chain = models.CharField(max_length=60, blank=True)  # CAIP-2; "" not told on chain
    to_address = models.CharField(max_length=130, blank=True)
    to_asset = models.CharField(max_length=200, blank=True)
    to_amount = AmountField(null=True)
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
