"""An incident and the terms of its room."""

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from incidents.choices import Marking, RevisionState, Stage
from incidents.models.fenced import Fenced
from incidents.models.organization import Organization
from incidents.models.person import Person


class Incident(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(unique=True, max_length=80)
    title = models.CharField(max_length=200)
    is_drill = models.BooleanField(default=False)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.OPEN)
    default_marking = models.CharField(max_length=20, choices=Marking, default=Marking.AMBER)
    terms_version = models.PositiveIntegerField(default=1)  # the version in force
    next_seq = models.PositiveBigIntegerField(default=1)  # of the ledger; shown to nobody
    head = models.BinaryField(max_length=32, default=bytes(32))  # of the chained leaves
    # Rises with every change of what the policy reads (parties, consent, members): whoever
    # cached a decision compares it.
    epoch = models.PositiveBigIntegerField(default=1)
    opened_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title


def _standing() -> list[str]:
    return ["strip"]


class Terms(models.Model):
    """The room's pact, versioned. A new version lapses every consent until it is renewed.

    ``covers``: what signing it releases for publication once and for all ("strip": the sums of the
    money strip). Everything else needs its owner's release.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="terms")
    version = models.PositiveIntegerField()
    text = models.TextField()
    digest = models.CharField(max_length=64)  # SHA-256 of the UTF-8 text
    covers: Any = ArrayField(models.CharField(max_length=40), default=_standing)
    respond_minutes = models.PositiveIntegerField(default=60)  # to sign it, from when one is asked
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "version"], name="one_text_per_version")
        ]

    def __str__(self) -> str:
        return f"terms {self.version} of {self.incident}"


class TermsRevision(Fenced):
    """A proposed text of terms. Nothing changes until another party accepts it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="revisions")
    text = models.TextField()
    digest = models.CharField(max_length=64)
    covers: Any = ArrayField(models.CharField(max_length=40), default=_standing)
    respond_minutes = models.PositiveIntegerField(default=60)
    reason = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=RevisionState, default=RevisionState.OPEN)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_for = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_for = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident"],
                condition=models.Q(state="open"),
                name="one_open_revision_per_incident",
            )
        ]

    def __str__(self) -> str:
        return f"revision of the terms of {self.incident}"
