"""What a target rests on: taken from it when the chain or a label takes it back, and read again."""

from __future__ import annotations

from django.db import transaction

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import Evidence, RequestState
from incidents.exceptions import WrongState
from incidents.models import FreezeTarget, Incident
from incidents.services import freeze_lines as lines
from incidents.services import packets, rules, target_log, timeline, transitions
from incidents.services.freeze_lines import about_target

LONGEST_REASON = 500


@scope.trusted
@transaction.atomic
def review_evidence(target: FreezeTarget, *, actor: Actor) -> FreezeTarget:
    """A person read what is left after a change, and the request may go on.

    :raises WrongState: nothing changed, or nothing is left to ask for.
    :raises NotYours: a confidential party would show itself.
    """
    timeline.lock(target.request.incident)
    row = (
        FreezeTarget.objects.select_for_update(of=("self",), no_key=True)
        .select_related("request__incident", "request__owner")
        .get(pk=target.pk)
    )
    access.require(actor, row.request.incident, Act.REQUEST_FREEZE)
    rules.require_open(actor, row.request.owner)
    if row.evidence_state != Evidence.CHANGED:
        raise WrongState
    if row.requested <= 0:
        raise WrongState("All of its evidence was withdrawn: there is nothing left to ask for.")
    target_log.step(row, transitions.EVIDENCE_REVIEWED, actor=actor)
    lines.record(
        row.request, events.EvidenceReviewed(**about_target(row, row.requested)), actor=actor
    )
    return row


@scope.trusted
@transaction.atomic
def withdraw_evidence(
    incident: Incident, evidence_key: str, reason: str, *, actor: Actor
) -> FreezeTarget | None:
    """An arrival was withdrawn: its target becomes "evidence changed". None: it has no target.

    Signatures that it had do not count any more. Of what was sent a correction is drafted in the
    same moment, for everybody who got it: what they have is superseded from now on, and a person
    sends the correction on (`dispatches.correct`).
    """
    timeline.lock(incident)
    row = (
        FreezeTarget.objects.select_for_update(of=("self",), no_key=True)
        .filter(request__incident=incident, evidence__has_key=evidence_key)
        .select_related("request__incident", "request__owner")
        .first()
    )
    if row is None:
        return None
    part = dict(row.evidence[evidence_key])
    if part.get("withdrawn"):
        return row
    part["withdrawn"] = reason
    row.evidence = {**row.evidence, evidence_key: part}
    row.requested -= int(part["amount"])
    row.save(update_fields=["evidence", "requested"])
    gone = int(part["amount"])
    target_log.step(row, transitions.EVIDENCE_CHANGED, actor=actor, amount=gone, reason=reason)
    event = events.EvidenceChanged(**about_target(row, int(part["amount"])), reason=reason)
    lines.record(row.request, event, actor=actor)
    if row.request.state == RequestState.SENT:
        said = f"the evidence for {row.symbol} at {row.address} changed: {reason}"
        packets.draft(row.request, reason=said[:LONGEST_REASON])
    else:
        packets.void(row.request, f"the evidence for {row.symbol} changed: {reason}", actor=actor)
    return row
