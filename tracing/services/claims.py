"""A finding as the event that the room records."""

from typing import Any

from incidents import events as room_events
from incidents.events.base import Event
from tracing.models import Finding

_NOT_OF_THE_EVENT = ("arrival", "withdraws")


def event_of(finding: Finding) -> Event:
    """The event of a finding."""
    payload: dict[str, Any] = {
        k: v for k, v in finding.payload.items() if k not in _NOT_OF_THE_EVENT
    }
    return room_events.load(finding.kind, 1, payload, {})


def headline_of(finding: Finding) -> str:
    """What the room was told."""
    return event_of(finding).headline()
