"""Organizations in an incident, and those on their way in."""

import uuid

from django.db import models

from incidents.choices import AdmissionRule, Capacity, Consent, RoomRole
from incidents.models.fenced import Fenced
from incidents.models.incident import Incident
from incidents.models.organization import Organization
from incidents.models.person import Person


class Participation(Fenced):
    """An organization in an incident, with its capacity and its consent.

    Joining (taking the seat), reading (the terms) and committing (signing them) are three acts,
    each with its time and person. ``respond_by``: until when it was asked to sign; who lets it
    pass is told to be silent (``silent_since``), and may still sign.
    """

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
    joined_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField(null=True)
    read_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True)
    read_digest = models.CharField(max_length=64, blank=True)  # of the text that was read
    respond_by = models.DateTimeField(null=True)
    silent_since = models.DateTimeField(null=True)  # when the room was told of it
    is_confidential = models.BooleanField(default=False)
    admitted_by = models.CharField(
        max_length=12, choices=AdmissionRule, default=AdmissionRule.SYSTEM
    )
    # The only party whose word let it in. Until another one vouches for it, the two are not
    # "two parties" where that may not be skipped (return addresses, joint statements, release).
    sponsor = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    vouched_by = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
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
        return (
            self.consent == Consent.SIGNED
            and self.terms_version == version
            and self.removed_at is None
        )


class Invitation(Fenced):
    """A link (by mail) and a code (told separately) that together let an organization in.

    It is proposed by one person and approved by another (``rule`` says of whom); before that there
    is neither link nor code. With ``organization`` it is somebody who is known here and needs no
    link. ``approving``: whose word counted; before that, of a confidential one, whose is asked for.
    Only digests are stored; five wrong codes burn it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="invitations")
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    inviting = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    organization_name = models.CharField(max_length=120)
    capacity = models.CharField(max_length=20, choices=Capacity)
    is_confidential = models.BooleanField(default=False)
    email = models.EmailField(blank=True)
    respond_minutes = models.PositiveIntegerField(default=60)  # to sign, once it has its seat
    approved_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    approving = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    rule = models.CharField(max_length=12, choices=AdmissionRule, blank=True)
    sponsor = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    refused_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    refused_at = models.DateTimeField(null=True)
    token_digest = models.CharField(max_length=64, unique=True, null=True)
    code_digest = models.CharField(max_length=64, blank=True)
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


class Role(Fenced):
    """What a person does in a room, and who stands in. Ended, never changed: a hand-over is a new
    row (``after``), so that who was in charge when stays on the record."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="roles")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=RoomRole)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="roles")
    backup = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            # One at a time for the room; of operations and observers there are many.
            models.UniqueConstraint(
                fields=["incident", "role"],
                condition=models.Q(ended_at__isnull=True, role__in=("commander", "scribe")),
                name="one_commander_and_one_scribe",
            ),
            models.UniqueConstraint(
                fields=["incident", "organization", "role"],
                condition=models.Q(ended_at__isnull=True, role="communicator"),
                name="one_communicator_per_party",
            ),
            models.UniqueConstraint(
                fields=["incident", "organization", "role", "person"],
                condition=models.Q(ended_at__isnull=True),
                name="one_role_once_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} as {self.role}"


class Removal(Fenced):
    """One person asks that a party be taken out of a room; a second one of another party agrees,
    or it is refused. Who leaves by itself has no such row."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participation = models.ForeignKey(
        Participation, on_delete=models.PROTECT, related_name="removals"
    )
    reason = models.CharField(max_length=300)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_for = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_for = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    is_carried_out = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participation"],
                condition=models.Q(decided_at__isnull=True),
                name="one_open_removal_per_seat",
            )
        ]

    def __str__(self) -> str:
        return f"removal of {self.participation}"


class ControlProof(Fenced):
    """A party showed, at a block, that it controls a contract or an account (EIP-191, EIP-1271).

    Shown with its block; never a way to sign in. ``message`` is what was signed, to the letter.
    """

    class Kind(models.TextChoices):
        EIP191 = "eip191", "Signed by the account's key (EIP-191)"
        EIP1271 = "eip1271", "The contract accepts the signature (EIP-1271)"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participation = models.ForeignKey(
        Participation, on_delete=models.PROTECT, related_name="proofs"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    chain = models.CharField(max_length=60)  # CAIP-2
    address = models.CharField(max_length=130)
    nonce = models.CharField(max_length=64, unique=True)
    message = models.TextField()
    expires_at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=Kind, blank=True)
    signature = models.TextField(blank=True)
    block_number = models.BigIntegerField(null=True)
    block_hash = models.CharField(max_length=66, blank=True)
    proved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.chain}:{self.address}"
