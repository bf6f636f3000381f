"""Tables of the trace, one noun per file."""

from tracing.models.chain import Block, Chain, Endpoint
from tracing.models.directory import Asset, Label, Service
from tracing.models.trace import (
    Arrival,
    ChainFreeze,
    Exposure,
    Finding,
    Hop,
    Seed,
    Trace,
    Transfer,
    Undo,
)

__all__ = [
    "Arrival",
    "Asset",
    "Block",
    "Chain",
    "ChainFreeze",
    "Endpoint",
    "Exposure",
    "Finding",
    "Hop",
    "Label",
    "Seed",
    "Service",
    "Trace",
    "Transfer",
    "Undo",
]
