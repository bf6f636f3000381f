"""Tables of the trace, one noun per file."""

from tracing.models.administration import ChainAct
from tracing.models.chain import Block, Chain, ChainSample, Endpoint, Quarantine
from tracing.models.crossing import Crossing, Landing
from tracing.models.directory import Asset, Label, Service, TokenProbe
from tracing.models.flow import FlowRow, FlowTable
from tracing.models.lead import Lead
from tracing.models.lookback import Lookback, PastTransfer
from tracing.models.mixer import PoolEvent
from tracing.models.price import Price
from tracing.models.ranges import RangeAccount, RangeUndo
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
    "ChainAct",
    "ChainFreeze",
    "ChainSample",
    "Crossing",
    "Endpoint",
    "Exposure",
    "Finding",
    "FlowRow",
    "FlowTable",
    "Hop",
    "Label",
    "Landing",
    "Lead",
    "Lookback",
    "PastTransfer",
    "PoolEvent",
    "Price",
    "Quarantine",
    "RangeAccount",
    "RangeUndo",
    "Seed",
    "Service",
    "TokenProbe",
    "Trace",
    "Transfer",
    "Undo",
]
