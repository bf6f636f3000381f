"""Figures of a room, and the check that the policy holds for everybody in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from incidents import access, scope
from incidents.choices import DESKS, Channel, DeliveryState
from incidents.models import (
    Dispatch,
    FreezeRequest,
    FreezeTarget,
    Incident,
    Membership,
    Participation,
    TargetStep,
    TimelineEntry,
    TrackedAddress,
)
from incidents.services import presend, transitions


@scope.trusted
def of_room(incident: Incident) -> dict[str, Any]:
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
        "targets_by_state": targets_by_state(incident),
        "tracked_addresses": TrackedAddress.objects.filter(incident=incident).count(),
    }


@scope.trusted
def targets_by_state(incident: Incident) -> dict[str, int]:
    """How many targets came to which state."""
    rows = FreezeTarget.objects.filter(request__incident=incident).order_by("state")
    return dict(rows.values_list("state").annotate(Count("pk")))


@dataclass(frozen=True)
class Drafted:
    """A piece of a target as it was drafted. ``block_hash``: of the deposit; ``is_complete``: the
    request has every field that its desk wants."""

    block_hash: str
    at: datetime
    is_complete: bool


@scope.trusted
def drafted(incident: Incident) -> list[Drafted]:
    """What the trace drafted, each arrival once."""
    found = []
    requests = FreezeRequest.objects.filter(incident=incident, drafted_by_trace=True)
    for request in requests.select_related("incident", "owner").prefetch_related("targets"):
        wants = {one.code for one in presend.findings(request, access.SYSTEM)}
        for target in request.targets.all():
            times = _added(target)
            for part in target.evidence.values():
                hops, at = part.get("hops"), times.get(int(part["amount"]))
                if hops and at is not None:
                    is_complete = "missing_field" not in wants
                    found.append(Drafted(hops[-1]["block_hash"], at, is_complete))
    return found


def _added(target: FreezeTarget) -> dict[int, datetime]:
    """By amount: when it was added first."""
    steps = TargetStep.objects.filter(target=target, kind=transitions.ADDED).order_by("-seq")
    return {row.amount: row.created_at for row in steps if row.amount is not None}


@scope.trusted
def mailed_ms(incident: Incident) -> list[float]:
    """From the approval of a request to its desk's mail server having taken the mail, for each mail
    that was taken. Milliseconds."""
    rows = Dispatch.objects.filter(
        request__incident=incident,
        channel=Channel.MAIL,
        delivery__state=DeliveryState.SENT,
        delivery__done_at__isnull=False,
        request__approved_at__isnull=False,
    )
    times = rows.values_list("request__approved_at", "delivery__done_at")
    both = [(done, approved) for approved, done in times if done and approved]
    return [(done - approved).total_seconds() * 1000 for done, approved in both]


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
