"""The record of who changed what of the chains and their endpoints. The database refuses changes.

The rooms' ledger is per incident, and this is nobody's incident; so it stands beside them.
"""

from django.db import models

from incidents.models import Person
from tracing.models.chain import Chain


class ChainAct(models.Model):
    """One act of an administrator, or of whoever has the console. Nothing in it is a URL."""

    class Kind(models.TextChoices):
        CHAIN_ADDED = "chain_added", "Chain added"
        CHAIN_CHANGED = "chain_changed", "Chain changed"
        CHAIN_FOLLOWED = "chain_followed", "Chain followed"
        CHAIN_LEFT = "chain_left", "Chain not followed any more"
        QUORUM_SET = "quorum_set", "Quorum set"
        COMMITMENTS_SET = "commitments_set", "What is recomputed set"
        ENDPOINT_ADDED = "endpoint_added", "Endpoint added"
        ENDPOINT_CHANGED = "endpoint_changed", "Endpoint's URL changed"
        ENDPOINT_ON = "endpoint_on", "Endpoint switched on"
        ENDPOINT_OFF = "endpoint_off", "Endpoint switched off"
        QUARANTINE_LIFTED = "quarantine_lifted", "Quarantine lifted"

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="acts")
    at = models.DateTimeField(auto_now_add=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    who = models.CharField(max_length=200)  # as they were called then; "console"
    kind = models.CharField(max_length=20, choices=Kind)
    operator = models.CharField(max_length=80, blank=True)
    detail = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.kind} by {self.who}"
