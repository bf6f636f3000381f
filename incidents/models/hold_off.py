"""Instructions that stand in the way of a request: hold off, and orders to release."""

import uuid

from django.db import models

from incidents.models.fenced import Fenced, FencedPart
from incidents.models.freeze import FreezeTarget
from incidents.models.incident import Incident
from incidents.models.organization import Organization
from incidents.models.person import Person


class HoldOff(Fenced):
    """Law enforcement asks that an address is not frozen. Its reason is nobody else's to read; that
    it stands blocks sending."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="hold_offs")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    chain = models.CharField(max_length=60)
    address = models.CharField(max_length=130)
    reason = models.CharField(max_length=500, blank=True)
    until = models.DateTimeField(null=True)
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    lifted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"hold off {self.address}"


class ReleaseOrder(FencedPart):
    """A desk is to be asked to release, or to pay to another return address: two parties, a delay
    and a check out of band, since criminals forge these (OKX, January 2025)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    target = models.ForeignKey(FreezeTarget, on_delete=models.PROTECT, related_name="orders")
    kind = models.CharField(max_length=20)  # "release", "return_address"
    address = models.CharField(max_length=130, blank=True)  # the new return address
    reason = models.CharField(max_length=500)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_for = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    agreed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    agreed_for = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    agreed_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)  # the delay runs from the agreement
    checked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)
    checked_how = models.CharField(max_length=300, blank=True)
    carried_out_by = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="+"
    )
    carried_out_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    stopped_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.kind
