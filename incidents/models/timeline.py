"""The tamper-evident record and the timeline that people read.

A LedgerEntry never changes (the database refuses it). The TimelineEntry beside it carries what may
change: where it was fanned out, whether it was withdrawn, a marking that its owner widened (which
is a LedgerEntry of its own).
"""

import uuid

from django.db import models

from incidents.models.fenced import FencedPart
from incidents.models.incident import Incident
from incidents.models.marked import Marked
from incidents.models.organization import Organization


class LedgerEntry(Marked):
    """One change of shared state. ``leaf`` is SHA-256(0x00 || salt || RFC 8785 of the entry)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="ledger")
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=40)  # a person's public id, or "system"
    # For whom the actor acted; the owner of the thing may be another. Null: the system.
    organization = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    content = models.JSONField()
    salt = models.BinaryField(max_length=32)
    leaf = models.BinaryField(max_length=32)
    head = models.BinaryField(max_length=32)  # SHA-256(0x01 || head before || leaf)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "seq"], name="one_entry_per_sequence")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.seq}"


class PersonalContent(FencedPart):
    """Text of or about a person, held apart: the leaf commits to SHA-256(salt || value) only."""

    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="personal")
    name = models.CharField(max_length=40)
    salt = models.BinaryField(max_length=32)
    value = models.TextField(null=True)  # null once erased
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "name"], name="one_value_per_name")]

    def __str__(self) -> str:
        return self.name


class TimelineEntry(Marked):
    """What people read: audit record, event and outbox in one."""

    public_id = models.UUIDField(unique=True, editable=False)  # the ledger entry's
    entry = models.OneToOneField(LedgerEntry, on_delete=models.PROTECT, related_name="shown")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="timeline")
    seq = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=60)
    happened_at = models.DateTimeField()
    is_alert = models.BooleanField(default=False)
    is_provisional = models.BooleanField(default=False)
    subject = models.CharField(
        max_length=255, blank=True
    )  # "freeze:<public id>", "address:<caip-10>"
    key = models.CharField(max_length=200, null=True)  # idempotency
    withdrawn_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    fanned_out_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "seq"], name="one_line_per_sequence"),
            models.UniqueConstraint(fields=["incident", "key"], name="one_line_per_key"),
        ]
        indexes = [
            models.Index(fields=["incident", "subject"], name="timeline_by_subject"),
            models.Index(
                fields=["created_at"],
                condition=models.Q(fanned_out_at__isnull=True),
                name="timeline_unfanned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.seq}"


class MovedLine(FencedPart):
    """That a change of marking (``remark``) took a line along. The change's entry in the ledger
    commits to all of them, so that a line's marking follows from the ledger to this day.
    ``tells``: it lets more people see the line; whoever catches up gets both."""

    remark = models.ForeignKey(TimelineEntry, on_delete=models.PROTECT, related_name="moves")
    line = models.ForeignKey(TimelineEntry, on_delete=models.PROTECT, related_name="moved_by")
    tells = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["remark", "line"], name="one_move_per_change")
        ]

    def __str__(self) -> str:
        return f"{self.line} by {self.remark}"
