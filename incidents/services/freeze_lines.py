"""What the timeline says of a freeze request and its targets: to those who see the request."""

from __future__ import annotations

from typing import Any

from incidents import events
from incidents.access import Actor
from incidents.choices import Marking
from incidents.models import FreezeRequest, FreezeTarget, TimelineEntry
from incidents.services import timeline
from incidents.services.timeline import Audience


def about(request: FreezeRequest) -> dict[str, str]:
    """The fields of an event about one request."""
    return {
        "request": str(request.public_id),
        "reference": request.reference,
        "desk": request.desk_name,
    }


def about_target(row: FreezeTarget, amount: int) -> dict[str, Any]:
    """The fields of an event about one target. ``amount``: base units."""
    return {
        **about(row.request),
        "target": str(row.public_id),
        "chain": row.chain,
        "address": row.address,
        "asset": row.asset,
        "symbol": row.symbol,
        "decimals": row.decimals,
        "amount": str(amount),
    }


def record(
    request: FreezeRequest, event: events.Event, *, actor: Actor, key: str | None = None
) -> TimelineEntry:
    """A line for everybody who sees the request."""
    return timeline.record(
        request.incident,
        event,
        actor=actor,
        marking=request.marking or Marking.RED,
        audience=Audience(request.audience_organizations, request.audience_people),
        owner=request.owner,
        key=key,
    )
