"""What of the past is still being read for a room, for a viewer."""

from __future__ import annotations

from collections.abc import Iterable

from incidents.access import Actor
from incidents.models import Incident
from incidents.ports import Backfill
from tracing.models import Lookback, Trace
from tracing.services import lookbacks


def under_way(incident: Incident, viewer: Actor, traces: Iterable[Trace]) -> tuple[Backfill, ...]:
    """Of these traces (the viewer's) those that are behind, then the viewer's lookbacks."""
    found = [of_trace(trace) for trace in traces if not trace.is_live]
    asked = lookbacks.seen_by(viewer, incident)
    found += [of_lookback(row) for row in asked if not row.is_done]
    return tuple(one for one in found if one.total > one.done)


def of_trace(trace: Trace) -> Backfill:
    """How far a trace was brought up to its chain."""
    return Backfill(
        subject=f"trace:{trace.public_id}",
        chain=trace.chain.name,
        first=trace.start_number,
        last=max(trace.chain.cursor_number or 0, trace.cursor_number),
        done=trace.cursor_number - trace.start_number + 1,
        rate=trace.rate,
    )


def of_lookback(row: Lookback) -> Backfill:
    """How far a lookback was read."""
    is_told = row.history_number is not None and row.history_number > row.cursor_number
    return Backfill(
        subject=f"address:{row.chain.caip2}:{row.address}",
        chain=row.chain.name,
        first=row.first_number,
        last=row.target_number,
        done=row.cursor_number - row.first_number + 1,
        rate=row.rate,
        told_by=f"{row.history_operator} told of it, not verified" if is_told else "",
    )
