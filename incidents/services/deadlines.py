"""Deadlines of consent: a party that lets one pass is told to be silent, once, and may still sign.

After CERT/CC Vultron's "pocket veto" (default 7 days), in minutes, and without its consequence:
nobody is put out of a room for being asleep.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from incidents import events, scope
from incidents.access import Actor
from incidents.choices import Consent, Marking, Stage
from incidents.models import Participation
from incidents.services import timeline

_AWAITED = {
    "consent__in": (Consent.INVITED, Consent.LAPSED),
    "silent_since__isnull": True,
    "removed_at__isnull": True,
    "incident__stage": Stage.OPEN,
}


@scope.trusted
def sweep(limit: int = 200) -> int:
    """Record everybody whose deadline passed; returns how many that were.

    Each in a transaction of its own: whoever is killed leaves the rest to the next one, and of two
    at a time the second finds nothing to do.
    """
    due = Participation.objects.filter(**_AWAITED, respond_by__lte=timezone.now())
    keys = list(due.order_by("respond_by", "pk").values_list("pk", flat=True)[:limit])
    return sum(_record(pk) for pk in keys)


@transaction.atomic
def _record(pk: int) -> bool:
    seat = Participation.objects.select_related("incident").get(pk=pk)
    incident = timeline.lock(seat.incident)
    now = timezone.now()
    row = (
        Participation.objects.select_for_update(of=("self",), no_key=True)
        .filter(**_AWAITED, pk=pk, respond_by__lte=now)
        .select_related("incident", "organization")
        .first()
    )
    if row is None or row.respond_by is None:
        return False  # it signed, declined or was told of a moment ago
    row.silent_since = now
    row.save(update_fields=["silent_since"])
    respond_by = row.respond_by.isoformat()
    timeline.record(
        incident,
        events.PartySilent(
            organization=row.organization.name,
            version_of_terms=incident.terms_version,
            respond_by=respond_by,
        ),
        actor=Actor(None, row.organization, None),
        marking=Marking.AMBER,
        audience=timeline.seen_by(row),
        key=f"silent:{row.public_id}:{respond_by}",
    )
    return True
