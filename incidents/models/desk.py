"""Desks: what each wants, whom to write to, and the page that one opens without an account."""

import uuid

from django.db import models

from incidents.choices import Channel, CodePurpose
from incidents.models.fenced import Fenced, FencedPart
from incidents.models.freeze import FreezeRequest
from incidents.models.organization import Organization
from incidents.models.person import Person


class DeskProfile(Fenced):
    """What a desk wants, each fact with its source and date. ``organization`` null: of the starter
    set; otherwise that organization's own, which goes before it in what that one sends."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="desk_profiles"
    )
    slug = models.CharField(max_length=80)  # the service's
    name = models.CharField(max_length=120)
    facts = models.JSONField(default=dict)
    changed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(Fenced.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["slug", "organization"],
                nulls_distinct=False,
                name="one_profile_per_desk_and_organization",
            )
        ]

    def __str__(self) -> str:
        return self.name


class DeskContact(Fenced):
    """Whom an organization writes to at a desk, and over what second channel it reaches them."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="desk_contacts"
    )
    desk_slug = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    channel = models.CharField(max_length=10, choices=Channel)
    address = models.CharField(max_length=500)  # mail address, URL ...
    # The second channel, found independently of the first.
    phone = models.CharField(max_length=40, blank=True)
    openpgp_key = models.TextField(blank=True)
    webhook_secret = models.CharField(max_length=100, blank=True)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    verified_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    verified_at = models.DateTimeField(null=True)
    verified_how = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class DeskLink(FencedPart):
    """The page of one request for one recipient. ``selector`` is in the address, the secret in its
    fragment; here are digests alone. Opening it changes nothing but what was looked at."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(FreezeRequest, on_delete=models.PROTECT, related_name="links")
    contact = models.ForeignKey(
        DeskContact, null=True, on_delete=models.PROTECT, related_name="links"
    )
    recipient = models.CharField(max_length=200)
    selector = models.CharField(max_length=32, unique=True)
    secret_digest = models.CharField(max_length=64)
    most_devices = models.PositiveSmallIntegerField(default=3)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    # For whom: only its owner attaches a request with an audience (access/recipients.py).
    made_for = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    # Enrolled afterwards: from then on its passkey opens the page.
    enrolled = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.recipient


class DeskDevice(FencedPart):
    """A browser at a desk's page. Once it gave a code, its cookie opens this one request for a
    while; ``opened_at`` null: it only asked for one. ``word`` tells it from others by voice."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    link = models.ForeignKey(DeskLink, on_delete=models.PROTECT, related_name="devices")
    digest = models.CharField(max_length=64, unique=True)
    word = models.CharField(max_length=8)
    agent = models.CharField(max_length=200, blank=True)
    network = models.CharField(max_length=60, blank=True)  # address cut to /24 or /48
    opened_at = models.DateTimeField(null=True)  # the first time
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"device {self.word}"


class DeskCode(FencedPart):
    """A code for one browser, one purpose, once. Here is its digest alone, keyed."""

    device = models.ForeignKey(DeskDevice, on_delete=models.PROTECT, related_name="codes")
    purpose = models.CharField(max_length=10, choices=CodePurpose)
    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    wrong = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    # Who reads it out at a call-back; null: it was encrypted to the desk's key.
    told_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"code to {self.purpose}"


class DeskView(FencedPart):
    """What a device looked at, and when. Every view is kept."""

    link = models.ForeignKey(DeskLink, on_delete=models.PROTECT, related_name="views")
    device = models.ForeignKey(DeskDevice, null=True, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=80)
    network = models.CharField(max_length=60, blank=True)  # address cut to /24 or /48
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.what
