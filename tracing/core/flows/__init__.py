"""Flow tables in memory: tables of transfers that an analyst hands over, traced at once.

``read`` makes flows of a CSV text and a column mapping, ``trace_table`` says what a policy makes of
them. Definitions: docs/taint.md, "Flow tables".
"""

from tracing.core.flows.lists import read_list
from tracing.core.flows.table import (
    LAYOUTS,
    BadRow,
    BadTable,
    Columns,
    Flow,
    decimals_needed,
    detect,
    header_of,
    read,
)
from tracing.core.flows.trace import TableFigures, TableResult, trace_table, units

__all__ = [
    "LAYOUTS",
    "BadRow",
    "BadTable",
    "Columns",
    "Flow",
    "TableFigures",
    "TableResult",
    "decimals_needed",
    "detect",
    "header_of",
    "read",
    "read_list",
    "trace_table",
    "units",
]
