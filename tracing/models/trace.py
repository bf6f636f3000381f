"""One theft being followed: seeds, exposures, hops, arrivals, and what the room must be told."""

import uuid

from django.db import models

from incidents.models.fields import AmountField
from incidents.models.incident import Incident
from incidents.models.marked import Marked
from tracing.models.chain import Block, Chain
from tracing.models.directory import Service

# A leg counts while the two sides of its crossing are held to be one.
STANDS = models.Q(crossing__isnull=True) | models.Q(crossing__state__in=("certain", "confirmed"))


class Trace(Marked):
    """Policy and version are pinned. Derived facts carry this row's marking."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="traces")
    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="traces")
    policy = models.CharField(max_length=20, default="fifo")
    policy_version = models.CharField(max_length=20, default="fifo-2")
    start_number = models.BigIntegerField()  # the first block that is applied
    cursor_number = models.BigIntegerField()  # the last block that was applied
    is_live = models.BooleanField(default=False)  # has caught up with its chain's cursor
    rate = models.FloatField(null=True)  # blocks of backfill a second, lately
    progress_at = models.DateTimeField(null=True)  # when backfill last moved on
    # A leg: follows on another chain what one crossing of ``crossing.trace`` brought there.
    crossing = models.OneToOneField(
        "Crossing", null=True, on_delete=models.CASCADE, related_name="leg"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"trace of {self.incident}"

    def default_threshold(self) -> int:
        """Where no price is known: 0.01 % of the smallest seed, at least one base unit."""
        amounts = [seed.amount for seed in self.seeds.all()]
        return max(1, min(amounts) // 10_000) if amounts else 1


class Seed(models.Model):
    """What was stolen: the gain of one receiver, in one transaction."""

    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="seeds")
    key = models.CharField(max_length=200)
    tx = models.CharField(max_length=66)
    block_number = models.BigIntegerField()
    victim = models.CharField(max_length=130, blank=True)
    receiver = models.CharField(max_length=130)
    asset = models.CharField(max_length=200)
    amount = AmountField()
    # Of a leg's seed: the lots as they arrived (tracing.core.state.LotRow), with their origins.
    lots = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trace", "key"], name="one_seed_per_key")]

    def __str__(self) -> str:
        return self.key


class Exposure(models.Model):
    """Tainted amount of a trace at an address, with the whole queue of lots."""

    trace = models.ForeignKey(
        Trace, on_delete=models.CASCADE, related_name="exposures", db_index=False
    )
    chain = models.CharField(max_length=60)
    address = models.CharField(max_length=130)
    asset = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)
    state = models.JSONField()  # the account as the core writes it
    tainted = AmountField(default=0)
    balance = AmountField(default=0)
    depth = models.PositiveIntegerField(default=0)  # hops from the seed at first exposure
    first_block = models.BigIntegerField()
    is_history_incomplete = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["trace", "chain", "address", "asset"], name="one_exposure_per_account"
            )
        ]
        indexes = [models.Index(fields=["chain", "address"], name="exposure_by_address")]

    def __str__(self) -> str:
        return f"{self.address} {self.asset}"


class Undo(models.Model):
    """The exposures that a block touched, each as it was before: [chain, address, asset, account],
    null where there was none."""

    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="undo", db_index=False)
    block_number = models.BigIntegerField()
    accounts = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trace", "block_number"], name="one_undo_per_block")
        ]

    def __str__(self) -> str:
        return f"before {self.block_number}"


class Transfer(models.Model):
    """One movement of a transaction that touched an exposed address."""

    block = models.ForeignKey(
        Block, on_delete=models.CASCADE, related_name="transfers", db_index=False
    )
    tx = models.CharField(max_length=72)
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    asset = models.CharField(max_length=200)
    from_address = models.CharField(max_length=130, blank=True)
    to_address = models.CharField(max_length=130, blank=True)
    amount = AmountField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["block", "position"], name="one_transfer_per_position")
        ]
        indexes = [
            models.Index(fields=["from_address"], name="transfer_by_sender"),
            models.Index(fields=["to_address"], name="transfer_by_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.tx} {self.position}"


class Hop(models.Model):
    """One piece of taint that moved; ``prev_key`` leads back to the seed."""

    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="hops", db_index=False)
    block = models.ForeignKey(Block, on_delete=models.CASCADE, related_name="hops")
    key = models.CharField(max_length=120)
    prev_key = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=12)
    tx = models.CharField(max_length=72)
    position = models.PositiveIntegerField()
    from_address = models.CharField(max_length=130, blank=True)
    from_asset = models.CharField(max_length=200, blank=True)
    to_address = models.CharField(max_length=130, blank=True)
    to_asset = models.CharField(max_length=200)
    amount_from = AmountField()
    amount_to = AmountField()
    seed_key = models.CharField(max_length=200)
    origin_asset = models.CharField(max_length=200)
    origin_amount = AmountField()
    depth = models.PositiveIntegerField()
    is_estimated = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trace", "key"], name="one_hop_per_key")]

    def __str__(self) -> str:
        return self.key


class Arrival(models.Model):
    """Tainted value that reached a service or came to rest in a freezable token."""

    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="arrivals")
    service = models.ForeignKey(Service, null=True, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)  # block hash, transaction, address, asset
    block_number = models.BigIntegerField()
    block_hash = models.CharField(max_length=66)
    tx = models.CharField(max_length=72)
    chain = models.CharField(max_length=60)
    address = models.CharField(max_length=130)
    asset = models.CharField(max_length=200)
    amount = AmountField()
    is_withdrawn = models.BooleanField(default=False)  # its block was orphaned
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trace", "key"], name="one_arrival_per_key")]

    def __str__(self) -> str:
        return self.key


class ChainFreeze(models.Model):
    """A freeze seen on chain: an issuer's blacklist. Lifted freezes keep their row.

    An event says that the address was frozen; only the token's own view confirms it.
    """

    class Confirmation(models.TextChoices):
        SEEN = "seen", "Seen, not confirmed"
        CONFIRMED = "confirmed", "Confirmed by the token's view"
        DENIED = "denied", "The token's view says otherwise"

    class Origin(models.TextChoices):
        EVENT = "event", "An event of the token"
        VIEW = "view", "The token's view, without an event"

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="freezes")
    asset = models.CharField(max_length=200)
    address = models.CharField(max_length=130)
    tx = models.CharField(max_length=72, blank=True)  # "" where no event told it
    block = models.ForeignKey(Block, on_delete=models.CASCADE, related_name="freezes_set")
    lifted_in = models.ForeignKey(
        Block, null=True, on_delete=models.SET_NULL, related_name="freezes_lifted"
    )
    interface = models.CharField(max_length=120, blank=True)  # slugs of tracing/issuers
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.EVENT)
    confirmation = models.CharField(max_length=10, choices=Confirmation, default=Confirmation.SEEN)
    # The block at which the view gave its answer.
    checked_in = models.ForeignKey(
        Block, null=True, on_delete=models.SET_NULL, related_name="freezes_checked"
    )
    asked_at = models.DateTimeField(null=True)  # last in vain: to be asked again

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "address", "tx", "block"], name="one_freeze_per_event"
            )
        ]

    def __str__(self) -> str:
        return f"{self.address} {self.asset}"


class Finding(models.Model):
    """Something the room must be told, in order. Posted once: keyed, so a repeat is harmless."""

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        POSTED = "posted", "Posted"
        PARKED = "parked", "Refused by the room"
        VOID = "void", "Orphaned before it was posted"

    trace = models.ForeignKey(
        Trace, on_delete=models.CASCADE, related_name="findings", db_index=False
    )
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="findings")
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=60)  # of tracing.events
    payload = models.JSONField()
    block_number = models.BigIntegerField()
    block_hash = models.CharField(max_length=66)
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    refusal = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    posted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trace", "key"], name="one_finding_per_key")]
        indexes = [
            models.Index(
                fields=["incident", "id"],
                condition=models.Q(state="pending"),
                name="findings_to_post",
            )
        ]

    def __str__(self) -> str:
        return self.key
