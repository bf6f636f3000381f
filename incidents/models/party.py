"""Organizations in an incident, and those on their way in."""

import uuid

from django.db import models

from incidents.choices import Capacity, Consent
from incidents.models.incident import Incident
from incidents.models.organization import Organization
from incidents.models.person import Person


class Participation(models.Model):
    """An organization in an incident, with its capacity and its consent."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="participations")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="participations"
    )
    capacity = models.CharField(max_length=20, choices=Capacity)
    consent = models.CharField(max_length=10, choices=Consent, default=Consent.INVITED)
    terms_version = models.PositiveIntegerField(null=True)  # the version that was signed
    signed_by = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="signed_participations"
    )
    signed_at = models.DateTimeField(null=True)
    is_confidential = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "organization"], name="one_participation_per_organization"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization} in {self.incident}"

    def has_consented(self, version: int) -> bool:
        """Whether the organization has signed the terms in force."""
        return self.consent == Consent.SIGNED and self.terms_version == version


class Invitation(models.Model):
    """A link (by mail) and a code (told separately) that together let an organization in.

    Only digests are stored; five wrong codes burn it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="invitations")
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    inviting = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    organization_name = models.CharField(max_length=120)
    capacity = models.CharField(max_length=20, choices=Capacity)
    is_confidential = models.BooleanField(default=False)
    email = models.EmailField()
    token_digest = models.CharField(max_length=64, unique=True)
    code_digest = models.CharField(max_length=64)
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    mail_state = models.CharField(
        max_length=12, default="pending"
    )  # pending, sent, uncertain, none
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"invitation of {self.organization_name} to {self.incident}"
