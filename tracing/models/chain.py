"""Chains, their endpoints, and the lease that keeps one chain with one watcher."""

from django.db import models

from tracing.chains.quorum import Standing


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
    # "depth": the depth alone. "tag": below the block that endpoints call finalized, too.
    finality = models.CharField(max_length=8, default="depth")
    block_seconds = models.FloatField(default=12.0)  # usual time between two blocks
    # How many distinct operators must say the same before a block is verified; 1: single source.
    quorum = models.PositiveSmallIntegerField(default=1)
    # What of a block can be recomputed on this chain: names of tracing/chains/evm_commitments.
    commitments = models.JSONField(default=list)
    cursor_number = models.BigIntegerField(null=True)
    cursor_hash = models.CharField(max_length=66, blank=True)
    # The first block that was followed live: from here to the cursor nothing may lack. Kept by the
    # database (migration 0014); what lies below it is backfill of single traces.
    first_number = models.BigIntegerField(null=True)
    flaw = models.CharField(max_length=300, blank=True)  # what the last check of the rows found
    checked_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)  # when the cursor last moved or was confirmed
    head_number = models.BigIntegerField(null=True)
    # Up to here a quorum agrees on every applied block (of internal movements its standing tells);
    # null: none, or the chain has a single source.
    verified_number = models.BigIntegerField(null=True)
    unverified_since = models.DateTimeField(null=True)  # null: so it is up to the cursor
    told_since = models.DateTimeField(null=True)  # since when, as the rooms were told; null: over
    final_number = models.BigIntegerField(null=True)  # nothing up to here is ever rolled back
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
    """One RPC URL. The URLs may hold a key: they never leave this table."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        QUARANTINED = "quarantined", "Quarantined"

    class Kind(models.TextChoices):
        RPC = "rpc", "JSON-RPC node"
        HISTORY = "history", "Etherscan-compatible history"

    chain = models.ForeignKey(Chain, on_delete=models.CASCADE, related_name="endpoints")
    operator = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.RPC)
    url = models.TextField()
    ws_url = models.TextField(blank=True)  # for new heads; "" where there is none
    is_enabled = models.BooleanField(default=True)
    state = models.CharField(max_length=12, choices=State, default=State.ACTIVE)
    # What was learnt of it: limits, methods, client. Never a URL, never a word of its own.
    learnt = models.JSONField(default=dict)
    head_number = models.BigIntegerField(null=True)
    latency_ms = models.FloatField(null=True)  # moving average
    answered_at = models.DateTimeField(null=True)  # last good answer
    last_error = models.CharField(max_length=300, blank=True)
    errors_in_row = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["chain", "operator", "kind"], name="one_endpoint_per_operator"
            )
        ]

    def __str__(self) -> str:
        return f"{self.operator} for {self.chain}"


class Quarantine(models.Model):
    """Why an endpoint is not asked any more, with the evidence. A person lifts it; it stays."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="quarantines")
    kind = models.CharField(max_length=40)  # of tracing.chains.quorum.Contradiction
    number = models.BigIntegerField(null=True)
    claimed = models.TextField(blank=True)
    computed = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    began_at = models.DateTimeField(auto_now_add=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=300, blank=True)  # why it was lifted

    def __str__(self) -> str:
        return f"{self.kind} by {self.endpoint}"


class ChainSample(models.Model):
    """How a chain was followed in one minute: what the watch page draws. Old ones are pruned."""

    chain = models.ForeignKey(Chain, on_delete=models.CASCADE, related_name="samples")
    minute = models.DateTimeField()
    blocks = models.PositiveIntegerField(default=0)
    transfers = models.PositiveIntegerField(default=0)
    lag_blocks = models.IntegerField(default=0)  # the worst of the minute

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "minute"], name="one_sample_per_minute")
        ]

    def __str__(self) -> str:
        return f"{self.chain} at {self.minute:%H:%M}"


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
    standing = models.CharField(
        max_length=12,
        default=Standing.SINGLE,
        choices=[(standing.value, standing.name.title()) for standing in Standing],
    )
    operators = models.JSONField(default=list)  # who said the same
    contents_digest = models.CharField(max_length=64, blank=True)
    traces_digest = models.CharField(max_length=64, blank=True)
    verified_at = models.DateTimeField(null=True)
    # How often it became canonical: a chain can go back to a branch that it had left.
    times_adopted = models.PositiveSmallIntegerField(default=1)
    transfer_count = models.PositiveIntegerField(default=0)
    # Native balances of custody addresses after this block: what no transaction explains is a
    # move by change of state (a council's). Strings in base units.
    custody = models.JSONField(default=dict)
    # Other state that was read beside it from fewer operators than a quorum: tracing.watch.beside.
    beside = models.JSONField(default=dict)
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
        indexes = [
            # What may still be rolled back: the newest blocks, and those that wait for a quorum.
            models.Index(
                fields=["chain", "number"],
                condition=models.Q(state__in=("seen", "safe")),
                name="blocks_not_final",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def ident(self) -> str:
        """What findings are keyed by: the hash, and which stay on the canonical chain it is."""
        return self.hash if self.times_adopted == 1 else f"{self.hash}#{self.times_adopted}"
