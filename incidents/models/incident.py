"""An incident and the terms of its room."""

import uuid

from django.db import models

from incidents.choices import Marking, Stage


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


class Terms(models.Model):
    """The room's pact, versioned. A new version lapses every consent until it is renewed."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="terms")
    version = models.PositiveIntegerField()
    text = models.TextField()
    digest = models.CharField(max_length=64)  # SHA-256 of the UTF-8 text
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "version"], name="one_text_per_version")
        ]

    def __str__(self) -> str:
        return f"terms {self.version} of {self.incident}"
