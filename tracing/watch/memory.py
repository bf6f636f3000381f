"""The state of a trace between blocks: kept while the lease holds, reloaded when in doubt."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracing.core.state import TraceState, account_from_row
from tracing.core.types import AccountKey
from tracing.models import Exposure, Trace


@dataclass
class Memory:
    """States by trace, each valid for exactly one cursor."""

    states: dict[int, tuple[int, TraceState]] = field(default_factory=dict)

    def state_of(self, trace: Trace) -> TraceState:
        """The state after the trace's last applied block."""
        kept = self.states.get(trace.pk)
        if kept is not None and kept[0] == trace.cursor_number:
            return kept[1]
        state = load(trace)
        self.states[trace.pk] = (trace.cursor_number, state)
        return state

    def keep(self, trace: Trace, state: TraceState) -> None:
        """Remember the state for the cursor that was just committed."""
        self.states[trace.pk] = (trace.cursor_number, state)

    def forget(self, trace_pk: int) -> None:
        """A transaction failed or was rolled back: memory may be ahead of the database."""
        self.states.pop(trace_pk, None)

    def forget_all(self) -> None:
        self.states.clear()


def load(trace: Trace) -> TraceState:
    """The state from its rows."""
    rows = Exposure.objects.filter(trace=trace)
    return TraceState(
        {
            AccountKey(row.chain, row.address, row.asset): account_from_row(row.state)
            for row in rows.iterator(chunk_size=1000)
        }
    )
