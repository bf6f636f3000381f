"""Joint statements and who stands behind them."""

import uuid

from django.db import models

from incidents.choices import Position, StatementState
from incidents.models.fenced import Fenced
from incidents.models.incident import Incident
from incidents.models.marked import Marked
from incidents.models.organization import Organization
from incidents.models.person import Person


class Statement(Marked):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="statements")
    title = models.CharField(max_length=200)
    text = models.TextField()
    digest = models.CharField(max_length=64)  # SHA-256 of title, newline, text in UTF-8
    revision = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=StatementState, default=StatementState.DRAFT)
    published_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.title


class SignOff(Fenced):
    """One party's word on one exact text. An edit voids it: the digest no longer fits."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="sign_offs")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    position = models.CharField(max_length=12, choices=Position)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "organization", "digest"], name="one_word_per_text"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization}: {self.position}"


class StatusPage(models.Model):
    """The public page of an incident. Shows only what was published as TLP:CLEAR."""

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="status_page")
    slug = models.SlugField(unique=True, max_length=80)
    is_public = models.BooleanField(default=False)
    line = models.CharField(max_length=16, default="investigating")
    next_update_at = models.DateTimeField(null=True)
    figures = models.JSONField(default=dict)  # the money strip as it was released, with its date
    published_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.slug
