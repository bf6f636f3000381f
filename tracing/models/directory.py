"""Assets, services and labels: what an address or a token is, according to whom."""

from django.db import models

from incidents.models.incident import Incident
from incidents.models.marked import Marked
from incidents.models.organization import Organization
from tracing.labels.categories import COMPARED
from tracing.models.chain import Chain

DESK_CHANNELS = ("portal", "e-mail", "form", "legal process")


class Service(models.Model):
    """An exchange, issuer, bridge, mixer, DEX, lender, council ... with the desk to contact."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    # A value of tracing.core.types.AccountKind: what its addresses are for a trace.
    kind = models.CharField(max_length=16)
    category = models.CharField(max_length=20)  # exchange, issuer, bridge, mixer, dex, lender ...
    organization = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    oracle = models.CharField(max_length=130, blank=True)  # a lender's price oracle, an address
    # How its desk wants to be asked, where that was published: facts to act on, none of them a
    # link. ``desk_hold_days``: how long it holds without a document; null: not published.
    desk_channel = models.CharField(max_length=20, blank=True)  # a value of DESK_CHANNELS
    desk_contact = models.CharField(max_length=200, blank=True)
    desk_wants = models.CharField(max_length=500, blank=True)
    desk_hold_days = models.PositiveSmallIntegerField(null=True)
    desk_source = models.CharField(max_length=400, blank=True)

    def __str__(self) -> str:
        return self.name


class Asset(models.Model):
    """A thing of value on a chain. ``symbol`` comes from the chain and is hostile text."""

    caip19 = models.CharField(max_length=200, unique=True)
    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="assets")
    contract = models.CharField(max_length=130, blank=True)
    symbol = models.CharField(max_length=80, blank=True)
    decimals = models.PositiveSmallIntegerField(default=0)
    role = models.CharField(max_length=10, default="plain")  # tracing.core.types.AssetRole
    underlying = models.CharField(max_length=200, blank=True)  # CAIP-19
    lender = models.ForeignKey(Service, null=True, on_delete=models.PROTECT, related_name="+")
    issuer = models.ForeignKey(
        Service, null=True, on_delete=models.PROTECT, related_name="issued_assets"
    )
    # Slugs of tracing/issuers with commas; "none": asked, and there is none; "": not known yet.
    freeze_interface = models.CharField(max_length=120, blank=True)
    # Balances change without a transfer, or less arrives than was sent: read at each block.
    is_rebasing = models.BooleanField(default=False)
    follow_threshold = models.CharField(max_length=80, blank=True)  # base units; "" = by seed
    # Only a trace's seed or a bridge named it: it is real for that trace, and for no other.
    is_noted = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.symbol or self.caip19


class Label(Marked):
    """Address -> service or actor, according to one source. Several sources, several labels.

    A label of a room (``incident``) is a party's word: it confirms or rejects what the address is
    said to be, counts in that room alone, and is never changed (a later word stands beside it).
    The others are the directory's. Which of them counts: tracing/core/labelling.py.
    """

    class Confidence(models.TextChoices):
        SOURCED = "sourced", "According to its source"
        CONFIRMED = "confirmed", "Confirmed by an analyst"
        REJECTED = "rejected", "Rejected by an analyst"
        INFERRED = "inferred", "Inferred"

    public_id = models.UUIDField(null=True, unique=True, editable=False)  # of a party's word
    incident = models.ForeignKey(
        Incident, null=True, on_delete=models.PROTECT, related_name="labels"
    )
    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="labels")
    address = models.CharField(max_length=130)
    service = models.ForeignKey(Service, null=True, on_delete=models.PROTECT, related_name="labels")
    name = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=40, blank=True)  # in the words of tracing/labels
    source = models.CharField(max_length=400)
    dated = models.DateField()
    confidence = models.CharField(max_length=12, choices=Confidence, default=Confidence.SOURCED)
    stated = models.CharField(max_length=40, blank=True)  # how sure its source says it is

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["chain", "address", "source", "name"],
                condition=models.Q(incident__isnull=True),
                name="one_label_per_source_and_name",
            )
        ]
        indexes = [models.Index(fields=["chain", "address"], name="label_by_address")]

    def __str__(self) -> str:
        return self.name or self.address

    @property
    def meaning(self) -> str:
        """What it says that another source can contradict: a service, or a known category."""
        if self.service is not None:
            return f"service:{self.service.slug}"
        return f"category:{self.category}" if self.category in COMPARED else ""


class TokenProbe(models.Model):
    """What a token that no directory has answered when it was asked for its freeze interface.

    It is kept apart from Asset: whatever has a row there counts as real, and nobody vouches here.
    """

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="probes")
    contract = models.CharField(max_length=130)
    interface = models.CharField(max_length=120)  # as Asset.freeze_interface
    block_number = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "contract"], name="one_probe_per_token")
        ]

    def __str__(self) -> str:
        return self.contract
