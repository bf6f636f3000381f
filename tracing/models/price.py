"""What one whole unit of an asset was worth in US dollars at a moment, and who says so."""

import uuid

from django.db import models

from incidents.models.fenced import Fenced
from incidents.models.incident import Incident
from incidents.models.person import Person


class Price(Fenced):
    """One quote for a room. A later one stands beside it; nothing is changed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="prices")
    asset = models.CharField(max_length=200)  # CAIP-19
    usd = models.CharField(max_length=40)  # an exact decimal
    at = models.DateTimeField()
    source = models.CharField(max_length=200)
    set_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Fenced.Meta):
        indexes = [models.Index(fields=["incident", "asset"], name="price_of_asset")]

    def __str__(self) -> str:
        return f"{self.usd} {self.asset}"
