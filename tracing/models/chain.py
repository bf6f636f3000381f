"""Chains, their endpoints, and the lease that keeps one chain with one watcher."""

from django.db import models


class Chain(models.Model):
    """A watched chain. The cursor is the last block that was applied."""

    caip2 = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    family = models.CharField(max_length=20, default="evm")  # slug of a module in tracing/chains
    native_symbol = models.CharField(max_length=20, default="ETH")
    native_decimals = models.PositiveSmallIntegerField(default=18)
    native_asset = models.CharField(max_length=120)  # CAIP-19
    is_watched = models.BooleanField(default=True)
    final_depth = models.PositiveIntegerField(default=64)  # blocks below head that are final
    cursor_number = models.BigIntegerField(null=True)
    cursor_hash = models.CharField(max_length=66, blank=True)
    verified_at = models.DateTimeField(null=True)  # when the cursor last moved or was confirmed
    head_number = models.BigIntegerField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    errors_in_row = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    # The lease: whoever writes for this chain checks holder and epoch in the writing transaction.
    lease_holder = models.CharField(max_length=80, blank=True)
    lease_epoch = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Endpoint(models.Model):
    """One RPC URL. The URL may hold a key: it never leaves this table."""

    chain = models.ForeignKey(Chain, on_delete=models.CASCADE, related_name="endpoints")
    operator = models.CharField(max_length=80)
    url = models.TextField()
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "operator"], name="one_endpoint_per_operator")
        ]

    def __str__(self) -> str:
        return f"{self.operator} for {self.chain}"


class Block(models.Model):
    """A block that was applied, or was and is orphaned now."""

    class State(models.TextChoices):
        SEEN = "seen", "Seen"
        SAFE = "safe", "Safe"
        FINAL = "final", "Final"
        ORPHANED = "orphaned", "Orphaned"

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="blocks")
    number = models.BigIntegerField()
    hash = models.CharField(max_length=66)
    parent_hash = models.CharField(max_length=66)
    timestamp = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.SEEN)
    # How often it became canonical: a chain can go back to a branch that it had left.
    times_adopted = models.PositiveSmallIntegerField(default=1)
    transfer_count = models.PositiveIntegerField(default=0)
    # Native balances of custody addresses after this block: what no transaction explains is a
    # move by change of state (a council's). Strings in base units.
    custody = models.JSONField(default=dict)
    ingested_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "hash"], name="one_row_per_block"),
            models.UniqueConstraint(
                fields=["chain", "number"],
                condition=~models.Q(state="orphaned"),
                name="one_canonical_block_per_height",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def ident(self) -> str:
        """What findings are keyed by: the hash, and which stay on the canonical chain it is."""
        return self.hash if self.times_adopted == 1 else f"{self.hash}#{self.times_adopted}"
