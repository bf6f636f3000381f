"""Flow tables: transfers that an analyst handed over, and what a policy makes of them.

They are a party's word, not the chain's: their figures stand beside the trace, never in it.
"""

import uuid

from django.db import models

from incidents.models.fenced import FencedPart
from incidents.models.fields import AmountField
from incidents.models.marked import Marked
from tracing.models.trace import Trace


class FlowTable(Marked):
    """One imported table. Rows are kept as read; ``result`` is what trace_flows prints."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="flow_tables")
    name = models.CharField(max_length=200)
    layout = models.CharField(max_length=20)  # slug of the column mapping
    sha256 = models.CharField(max_length=64)  # of the file as it came
    unit = models.CharField(max_length=40)  # what the amounts count: "usd", or a CAIP-19 asset
    decimals = models.PositiveSmallIntegerField()  # base units per unit, as a power of ten
    row_count = models.PositiveIntegerField()
    sources = models.JSONField(default=list)
    terminals = models.JSONField(default=list)
    policy = models.CharField(max_length=20)
    policy_version = models.CharField(max_length=20)
    result = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class FlowRow(FencedPart):
    """One row, with its line in the file. Labels are hostile text."""

    table = models.ForeignKey(FlowTable, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    at = models.DateTimeField(null=True)
    block_number = models.BigIntegerField(null=True)
    tx = models.CharField(max_length=100, blank=True)
    from_address = models.CharField(max_length=130)
    from_label = models.CharField(max_length=200, blank=True)
    to_address = models.CharField(max_length=130)
    to_label = models.CharField(max_length=200, blank=True)
    amount = AmountField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "line"], name="one_row_per_line")]

    def __str__(self) -> str:
        return f"line {self.line}"
