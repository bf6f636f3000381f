"""Whether everything that was recorded has reached the browsers: each entry once, none missing."""

from __future__ import annotations

import time

from incidents import access
from incidents.models import Incident, Person, TimelineEntry
from tracing.drills.probe import Probe
from tracing.watch import outages

PATIENCE = 30.0


def untold(incident: Incident, listener: Person, probe: Probe) -> dict[str, int]:
    """Entries not announced yet, and entries since the socket's first that it never received."""
    _, viewer = access.get_incident(listener, incident.slug)
    shown = access.entries(viewer, incident).order_by("seq").values_list("seq", "public_id")
    by_seq = [(seq, str(public_id)) for seq, public_id in shown]
    first = min((seq for seq, name in by_seq if name in probe.seen), default=0)
    quiet = TimelineEntry.objects.filter(incident=incident, fanned_out_at__isnull=True)
    return {
        "unannounced": quiet.count(),
        "missed": sum(seq >= first and name not in probe.seen for seq, name in by_seq),
    }


def wait(incident: Incident, listener: Person, probe: Probe) -> dict[str, int]:
    """The same, once nothing is left or patience is: a web process may still be on its way up."""
    until = time.monotonic() + PATIENCE
    while True:
        left = outages.endure(lambda: untold(incident, listener, probe))
        if not any(left.values()) or time.monotonic() > until:
            return left
        time.sleep(0.2)
