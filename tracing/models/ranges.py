"""What the other conserving policies say: kept beside a trace's own exposures, never told alone.

The range over policies (docs/taint.md) is read from here. Every policy runs on the whole trace:
an account may be exposed under one and not under another.
"""

from django.db import models

from incidents.models.fields import AmountField
from tracing.models.trace import Trace


class RangeAccount(models.Model):
    """One account under another policy than the trace's own."""

    trace = models.ForeignKey(
        Trace, on_delete=models.CASCADE, related_name="range_accounts", db_index=False
    )
    policy = models.CharField(max_length=20)
    chain = models.CharField(max_length=60)
    address = models.CharField(max_length=130)
    asset = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)
    state = models.JSONField()  # the account as the core writes it
    tainted = AmountField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["trace", "policy", "chain", "address", "asset"],
                name="one_range_account_per_policy",
            )
        ]
        indexes = [models.Index(fields=["trace", "address"], name="range_by_address")]

    def __str__(self) -> str:
        return f"{self.policy} {self.address} {self.asset}"


class RangeUndo(models.Model):
    """The range accounts that a block touched, each as it was before: [policy, chain, address,
    asset, account], null where there was none."""

    trace = models.ForeignKey(
        Trace, on_delete=models.CASCADE, related_name="range_undo", db_index=False
    )
    block_number = models.BigIntegerField()
    accounts = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["trace", "block_number"], name="one_range_undo_per_block"
            )
        ]

    def __str__(self) -> str:
        return f"before {self.block_number}"
