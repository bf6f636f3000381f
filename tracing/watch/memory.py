"""The states of a trace between blocks: kept while the lease holds, reloaded when in doubt.

A trace has one state per conserving policy: its own, whose rows are the exposures, and the others,
whose rows make the range over policies.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from tracing.core.policies import CONSERVING, PolicyName
from tracing.core.state import TraceState, account_from_row
from tracing.core.types import AccountKey
from tracing.models import Exposure, RangeAccount, Trace

# The trace's own policy comes first.
States = dict[PolicyName, TraceState]


@dataclass
class Memory:
    """States by trace, each valid for exactly one cursor."""

    kept: dict[int, tuple[int, States]] = field(default_factory=dict)
    stride: int = 1  # how many blocks are looked at together: more while they say nothing

    def states_of(self, trace: Trace) -> States:
        """The states after the trace's last applied block, the trace's own policy first."""
        kept = self.kept.get(trace.pk)
        if kept is not None and kept[0] == trace.cursor_number:
            return kept[1]
        states = {name: load(trace, name) for name in policies_of(trace)}
        self.kept[trace.pk] = (trace.cursor_number, states)
        return states

    def keep(self, trace: Trace, states: States) -> None:
        """Remember the states for the cursor that was just committed."""
        self.kept[trace.pk] = (trace.cursor_number, states)

    def forget(self, trace_pk: int) -> None:
        """A transaction failed or was rolled back: memory may be ahead of the database."""
        self.kept.pop(trace_pk, None)

    def forget_all(self) -> None:
        self.kept.clear()


_FRESH = 300.0  # seconds for which a memory is kept that nobody takes up
_left: dict[int, tuple[int, float, Memory]] = {}  # chain -> lease's epoch, when, memory


def leave(chain_pk: int, epoch: int, memory: Memory) -> None:
    """Keep a watcher's memory for the next turn of its chain in this process: a large trace takes
    seconds to load. For a watcher that ended in order."""
    _left[chain_pk] = (epoch, time.monotonic(), memory)


def take_up(chain_pk: int, epoch: int) -> Memory | None:
    """What was left under the epoch before this one: then nobody wrote for the chain in between."""
    oldest = time.monotonic() - _FRESH
    for other, (_, at, _) in list(_left.items()):
        if at < oldest:
            _left.pop(other, None)
    before, _, memory = _left.pop(chain_pk, (None, 0.0, None))
    return memory if before is not None and before + 1 == epoch else None


def policies_of(trace: Trace) -> list[PolicyName]:
    """The policies that a trace runs under: its own, then the other conserving ones."""
    own = PolicyName(trace.policy)
    return [own, *(name for name in CONSERVING if name is not own)]


def load(trace: Trace, policy: PolicyName | None = None) -> TraceState:
    """The state under one policy from its rows; absent: the trace's own."""
    rows: Iterable[Exposure | RangeAccount]
    if policy is None or policy == trace.policy:
        rows = Exposure.objects.filter(trace=trace).iterator(chunk_size=1000)
    else:
        kept = RangeAccount.objects.filter(trace=trace, policy=policy)
        rows = kept.iterator(chunk_size=1000)
    return TraceState(
        {AccountKey(row.chain, row.address, row.asset): account_from_row(row.state) for row in rows}
    )
