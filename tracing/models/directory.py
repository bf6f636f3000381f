"""Assets, services and labels: what an address or a token is, according to whom."""

from django.db import models

from incidents.models.marked import Marked
from incidents.models.organization import Organization
from tracing.models.chain import Chain


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

    def __str__(self) -> str:
        return self.symbol or self.caip19


class Label(Marked):
    """Address -> service or actor. Only sourced or confirmed labels are sinks."""

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="labels")
    address = models.CharField(max_length=130)
    service = models.ForeignKey(Service, null=True, on_delete=models.PROTECT, related_name="labels")
    name = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=200)
    dated = models.DateField()
    confidence = models.CharField(max_length=12, default="sourced")  # sourced, confirmed, inferred

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["chain", "address", "source"], name="one_label_per_source"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.address


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
