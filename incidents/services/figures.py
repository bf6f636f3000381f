"""Figures of a room, and the check that the policy holds for everybody in it."""

from __future__ import annotations

from incidents import access, scope
from incidents.choices import DESKS
from incidents.models import (
    FreezeRequest,
    FreezeTarget,
    Incident,
    Membership,
    Participation,
    TimelineEntry,
    TrackedAddress,
)


@scope.trusted
def of_room(incident: Incident) -> dict[str, int]:
    """Counts that a drill reports."""
    lines = TimelineEntry.objects.filter(incident=incident)
    alerts = lines.filter(is_alert=True, kind__startswith="trace.")
    return {
        "entries": lines.count(),
        "alerts": alerts.exclude(kind="trace.alert_withdrawn").count(),
        "alerts_withdrawn": lines.filter(withdrawn_by__isnull=False).count(),
        "freeze_requests_drafted": FreezeRequest.objects.filter(
            incident=incident, drafted_by_trace=True
        ).count(),
        "freeze_targets": FreezeTarget.objects.filter(request__incident=incident).count(),
        "tracked_addresses": TrackedAddress.objects.filter(incident=incident).count(),
    }


@scope.trusted
def leaks(incident: Incident) -> int:
    """Lines that some member can list although the predicate denies them, or (desks aside, who see
    still less) cannot list although it allows them: over every seat and every line."""
    lines = list(TimelineEntry.objects.filter(incident=incident).select_related("entry"))
    wrong = 0
    for seat in Participation.objects.filter(incident=incident).select_related("incident"):
        member = Membership.objects.filter(organization=seat.organization_id).first()
        if member is None:
            continue
        viewer = access.actor_of(seat, member.person)
        listed = set(access.entries(viewer, incident).values_list("pk", flat=True))
        allowed = {line.pk for line in lines if access.may_see(viewer, line)}
        wrong += len(listed - allowed)
        if viewer.capacity not in DESKS:
            wrong += len(allowed - listed)
    return wrong
