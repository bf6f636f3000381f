"""Addresses that the room keeps an eye on, of any chain."""

import uuid

from django.db import models

from incidents.choices import AddressRole
from incidents.models.incident import Incident
from incidents.models.marked import Marked
from incidents.models.organization import Organization
from incidents.models.person import Person


class TrackedAddress(Marked):
    """One address in one incident. ``chain`` is CAIP-2, ``address`` the account part of CAIP-10.

    A return address counts only when two people confirmed it (``first_by``, ``second_by``). An
    attacker's is called so by two people of two parties (``called_*``, ``confirmed_*``).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="addresses")
    chain = models.CharField(max_length=60)
    address = models.CharField(max_length=130)
    role = models.CharField(max_length=12, choices=AddressRole, default=AddressRole.CANDIDATE)
    label = models.CharField(max_length=120, blank=True)
    found_by_trace = models.BooleanField(default=False)
    first_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    second_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    called_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    called_for = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    called_at = models.DateTimeField(null=True)
    called_why = models.CharField(max_length=500, blank=True)
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_for = models.ForeignKey(
        Organization, null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        # Not unique: a row that is hidden from somebody must neither stop nor answer their own.
        indexes = [
            models.Index(fields=["incident", "chain", "address"], name="address_of_incident")
        ]

    def __str__(self) -> str:
        return self.caip10

    @property
    def caip10(self) -> str:
        return f"{self.chain}:{self.address}"

    @property
    def is_accepted_return(self) -> bool:
        """A return address that two people stand behind."""
        return self.role == AddressRole.RETURN and self.second_by_id is not None
