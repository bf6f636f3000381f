"""Asking an item's owner to share it more widely."""

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from incidents.choices import Marking, ReleaseState
from incidents.models.fenced import Fenced
from incidents.models.incident import Incident
from incidents.models.organization import Organization
from incidents.models.person import Person


class ReleaseRequest(Fenced):
    """Somebody who sees an item asks its owner to widen it. Only the owner decides.

    ``subject`` names the item as the timeline does ("freeze:<public id>", "entry:<public id>" ...).
    It is shown to the two parties alone.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="releases")
    subject = models.CharField(max_length=255)
    owner = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_for = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    marking = models.CharField(max_length=20, choices=Marking)  # the one asked for
    organizations: Any = ArrayField(models.BigIntegerField(), null=True)  # the audience asked for
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=ReleaseState, default=ReleaseState.OPEN)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["incident", "subject"], name="releases_by_subject")]

    def __str__(self) -> str:
        return f"release of {self.subject}"
