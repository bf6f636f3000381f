"""Organizations and their people."""

import uuid

from django.db import models

from incidents.models.person import Person


class Organization(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person of an organization. ``is_administrator`` runs the organization's own people."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="memberships"
    )
    is_administrator = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organization"], name="one_membership_per_organization"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} of {self.organization}"


class Recovery(models.Model):
    """A person lost every passkey: two others of the organization, then 24 hours, then a link.

    Everybody of the organization is told at once and may stop it until the link was used.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="recoveries")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="recoveries"
    )
    reason = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)  # 24 hours after the second person agreed
    issued_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(null=True)  # when the link was shown
    used_at = models.DateTimeField(null=True)  # when a new passkey took the place of the old ones
    stopped_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(issued_at__isnull=True, stopped_at__isnull=True),
                name="one_running_recovery_per_person",
            )
        ]

    def __str__(self) -> str:
        return f"recovery of {self.person}"
