"""Two requests for one account, by two parties. Where everybody in the room may see both, everybody
is told, so that one of them can be withdrawn; otherwise the coordinators are, and nobody else: one
party must not learn by a warning what another one keeps to itself."""

from __future__ import annotations

from incidents import access, events, scope
from incidents.access import SYSTEM, Mark
from incidents.choices import Marking, RequestState
from incidents.models import FreezeRequest, FreezeTarget
from incidents.services import timeline
from incidents.services.freeze_lines import about_target
from incidents.services.timeline import EVERYONE, Audience


@scope.trusted
def warn(row: FreezeTarget) -> int:
    """Tell of other parties' requests for the account of a target that was just drafted; returns of
    how many. Each pair once. The caller holds the room's lock."""
    request = row.request
    rows = FreezeTarget.objects.filter(
        request__incident=request.incident_id,
        chain=row.chain,
        address=row.address,
        asset=row.asset,
    )
    rows = rows.exclude(request=request).exclude(request__owner=request.owner_id)
    others = rows.exclude(request__state=RequestState.WITHDRAWN).select_related("request")
    return sum(_tell(row, other.request) for other in others)


def _tell(row: FreezeTarget, other: FreezeRequest) -> bool:
    one = Mark.of(row.request)
    is_open = one.is_room_wide and Mark.of(other).is_room_wide
    chairs = access.coordinators(row.request.incident)
    if not is_open and not chairs:
        return False
    marks = [str(mark) for mark in (row.request.marking, other.marking) if mark]
    strictest = min(marks, key=Marking.values.index)
    pair = sorted((str(row.request.public_id), str(other.public_id)))
    timeline.record(
        row.request.incident,
        events.SameAccountAsked(**about_target(row, row.requested), other=other.reference),
        actor=SYSTEM,
        marking=strictest if is_open else Marking.AMBER_STRICT,
        audience=EVERYONE if is_open else Audience(organizations=list(chairs)),
        key=f"same:{pair[0]}:{pair[1]}:{row.address}"[:200],
    )
    return True
