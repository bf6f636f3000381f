"""What went into and came out of a mixer's pool since a trace's value reached it."""

from django.db import models

from incidents.models.fields import AmountField
from tracing.models.chain import Block
from tracing.models.trace import Trace


class PoolEvent(models.Model):
    """A deposit or a withdrawal of one pool. They are counted to score leads and move no taint."""

    class Kind(models.TextChoices):
        DEPOSIT = "deposit", "Deposit"
        WITHDRAWAL = "withdrawal", "Withdrawal"

    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="pool_events")
    block = models.ForeignKey(Block, on_delete=models.CASCADE, related_name="pool_events")
    tx = models.CharField(max_length=72)
    index = models.PositiveIntegerField()  # of the log
    pool = models.CharField(max_length=130)
    kind = models.CharField(max_length=10, choices=Kind)
    address = models.CharField(max_length=130, blank=True)  # the recipient; "" not told
    amount = AmountField(null=True)  # base units; null: the pool has one denomination
    is_tainted = models.BooleanField(default=False)  # a deposit of this trace's value

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["trace", "block", "index"], name="one_pool_event_per_log"
            )
        ]
        indexes = [models.Index(fields=["trace", "pool"], name="pool_events_by_pool")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pool}"
