"""Crossings for people: what is known of each, and an analyst's word on a probable one."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from incidents import access, scope
from incidents.access import Act, Actor
from incidents.exceptions import NotFound, WrongState
from incidents.models import Incident
from incidents.services import rules, timeline
from incidents.services.timeline import Audience
from tracing.crossing_events import CrossingDecided
from tracing.models import Crossing, Trace
from tracing.models.trace import STANDS

State = Crossing.State


def seen_by(viewer: Actor, incident: Incident) -> QuerySet[Crossing]:
    """The crossings of the traces that the viewer may see, oldest first; withdrawn ones are out."""
    traces = access.visible(viewer, Trace.scoped.filter(STANDS, incident=incident))
    rows = Crossing.objects.filter(trace__in=traces).exclude(state=State.WITHDRAWN)
    return rows.select_related("trace__chain", "trace__owner", "block", "decided_by").order_by("pk")


def get(viewer: Actor, incident: Incident, public_id: UUID) -> Crossing:
    """One of them.

    :raises NotFound: absent or hidden, in the same words.
    """
    row = seen_by(viewer, incident).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


@scope.trusted
def confirm(crossing: Crossing, *, actor: Actor) -> Crossing:
    """Say that what was found is the far side. From then on it is followed there.

    :raises NotAllowed: not an act of the actor's capacity. :raises WrongState: it is not probable
        any more. :raises NotYours: a confidential party would show itself.
    """
    return _decide(crossing, State.CONFIRMED, actor)


@scope.trusted
def reject(crossing: Crossing, *, actor: Actor) -> Crossing:
    """Say that it is not. Only both sides' key, if it is seen, says otherwise from then on.

    :raises NotAllowed, WrongState: as for `confirm`.
    """
    return _decide(crossing, State.REJECTED, actor)


@transaction.atomic
def _decide(crossing: Crossing, state: State, actor: Actor) -> Crossing:
    trace = crossing.trace
    access.require(actor, trace.incident, Act.TRACE)
    timeline.lock(trace.incident)
    rules.require_open(actor, trace.owner)
    row = Crossing.objects.select_for_update(no_key=True, of=("self",)).get(pk=crossing.pk)
    if row.state != State.PROBABLE:
        raise WrongState(f"This crossing is not probable: {row.get_state_display().lower()}.")
    row.state, row.decided_by, row.decided_at = state, actor.person, timezone.now()
    row.save(update_fields=["state", "decided_by", "decided_at"])
    event = CrossingDecided(
        crossing=str(row.public_id),
        bridge=row.bridge,
        chain=trace.chain.caip2,
        tx=row.tx,
        far_chain=row.far_chain,
        far_tx=row.far_tx,
        far_address=row.far_address,
        is_confirmed=state == State.CONFIRMED,
    )
    timeline.record(
        trace.incident,
        event,
        actor=actor,
        marking=trace.marking or "",
        audience=Audience(trace.audience_organizations, trace.audience_people),
        owner=trace.owner,
    )
    return row
