"""What one address did before anybody here followed it."""

import uuid

from django.db import models

from incidents.models.fenced import FencedPart
from incidents.models.fields import AmountField
from incidents.models.incident import Incident
from incidents.models.marked import Marked
from tracing.models.chain import Chain


class Lookback(Marked):
    """A person's question: what passed through an address from a past block on. A history may
    answer at once; every block is read here as well, and that answer counts."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="lookbacks")
    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="lookbacks")
    address = models.CharField(max_length=130)
    first_number = models.BigIntegerField()
    target_number = models.BigIntegerField()  # the chain's cursor when it was asked
    cursor_number = models.BigIntegerField()  # the last block that was read
    cursor_hash = models.CharField(max_length=66, blank=True)
    history_number = models.BigIntegerField(null=True)  # up to here a history told
    history_operator = models.CharField(max_length=80, blank=True)
    refusal = models.CharField(max_length=200, blank=True)  # why no history told
    missed = models.PositiveIntegerField(default=0)  # the history did not tell, the blocks do
    denied = models.PositiveIntegerField(default=0)  # the history told, the blocks do not
    rate = models.FloatField(null=True)  # blocks a second, lately
    progress_at = models.DateTimeField(null=True)
    told_number = models.BigIntegerField(null=True)  # the target when the room was told it is done
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["incident", "chain", "address"], name="lookback_address")]

    def __str__(self) -> str:
        return f"{self.address} from {self.first_number}"

    @property
    def is_done(self) -> bool:
        return self.cursor_number >= self.target_number


class PastTransfer(FencedPart):
    """One movement that a lookback found. ``occurrence``: how many equal ones came before it."""

    class Standing(models.TextChoices):
        CLAIMED = "claimed", "From a history, not verified"
        READ = "read", "Read in its block"
        DENIED = "denied", "Told by a history, not in its block"

    lookback = models.ForeignKey(
        Lookback, on_delete=models.CASCADE, related_name="transfers", db_index=False
    )
    block_number = models.BigIntegerField()
    tx = models.CharField(max_length=66, blank=True)
    kind = models.CharField(max_length=12)
    asset = models.CharField(max_length=200)
    from_address = models.CharField(max_length=130, blank=True)
    to_address = models.CharField(max_length=130, blank=True)
    amount = AmountField()
    occurrence = models.PositiveIntegerField(default=0)
    standing = models.CharField(max_length=8, choices=Standing)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "lookback",
                    "block_number",
                    "tx",
                    "kind",
                    "asset",
                    "from_address",
                    "to_address",
                    "amount",
                    "occurrence",
                ],
                name="one_past_transfer",
            )
        ]

    def __str__(self) -> str:
        return f"{self.tx} {self.amount}"
