"""What people decide on leads: confirm, dismiss, or take either back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from incidents import access, scope
from incidents.access import Act, Actor
from incidents.exceptions import BadInput, WrongState
from incidents.services import rules, target_evidence, timeline
from incidents.services.timeline import Audience
from tracing.lead_events import LeadDecided
from tracing.models import Arrival, Label, Lead
from tracing.services import label_words

DECISIONS = (Lead.State.CONFIRMED.value, Lead.State.DISMISSED.value, Lead.State.OPEN.value)
LONGEST_REASON = 1000
# Kinds that change what the next block does, and the state by which they do it.
_TURNS: dict[str, str] = {
    Lead.Kind.HUB: Lead.State.DISMISSED,
    Lead.Kind.UNKNOWN_TOKEN: Lead.State.CONFIRMED,
}


@scope.trusted
@transaction.atomic
def decide(lead: Lead, decision: str, reason: str, *, actor: Actor) -> Lead:
    """Confirm or dismiss a lead, or take that back ("open"); with a reason, recorded.

    A deposit address that is confirmed gets a label of the room: it is its exchange's from the next
    block on. One that is dismissed takes back what its inference had asked for. A hub that is
    dismissed is followed like anybody from the next block on. A token that is confirmed carries
    stolen value through swaps of this trace from the next block on.

    :raises BadInput: an unknown decision, or no reason. :raises WrongState: that is how it stands,
        or its block was dropped. :raises NotYours: a confidential party would show itself.
    """
    access.require(actor, lead.trace.incident, Act.TRACE)
    reason = reason.strip()
    if decision not in DECISIONS:
        raise BadInput("Confirm it, dismiss it, or open it again.", field="decision")
    if not reason:
        raise BadInput("Say why: others rely on it.", field="reason")
    if "\0" in reason:
        raise BadInput("A NUL is no text.", field="reason")
    if len(reason) > LONGEST_REASON:
        raise BadInput(f"At most {LONGEST_REASON} characters.", field="reason")
    timeline.lock(lead.trace.incident)
    rules.require_open(actor, lead.trace.owner)
    lead = (
        Lead.objects.select_for_update(of=("self",), no_key=True)
        .select_related("trace__incident", "trace__chain", "trace__owner", "service")
        .get(pk=lead.pk)
    )
    if lead.state in (decision, Lead.State.WITHDRAWN):
        raise WrongState
    before = lead.state
    _write(lead, decision, actor)
    if lead.kind == Lead.Kind.DEPOSIT_ADDRESS:
        _settle_deposit_address(lead, before, actor)
    timeline.record(
        lead.trace.incident,
        LeadDecided(
            lead=str(lead.public_id),
            lead_kind=lead.kind,
            chain=lead.chain,
            address=lead.address,
            decision=decision,
            reason=reason,
        ),
        actor=actor,
        marking=lead.trace.marking or "",
        audience=_audience(lead),
        owner=lead.trace.owner,
    )
    return lead


def _write(lead: Lead, decision: str, actor: Actor) -> None:
    turning = _TURNS.get(lead.kind)
    if turning and (lead.state == turning) != (decision == turning):
        switched = [*lead.evidence.get("switched_at", ()), lead.trace.cursor_number]
        lead.evidence = {**lead.evidence, "switched_at": switched}
    lead.state = decision
    lead.decision = "" if decision == Lead.State.OPEN else decision
    lead.decided_by, lead.decided_at = actor.person, timezone.now()
    lead.save(update_fields=["state", "decision", "decided_by", "decided_at", "evidence"])


def _settle_deposit_address(lead: Lead, before: str, actor: Actor) -> None:
    """The label and the drafts that follow from the decision."""
    if lead.service is not None and Lead.State.CONFIRMED in (lead.state, before):
        confirmed = lead.state == Lead.State.CONFIRMED
        verdict = Label.Confidence.CONFIRMED if confirmed else Label.Confidence.REJECTED
        label_words.say(
            lead.trace.incident,
            lead.chain,
            lead.address,
            verdict=verdict.value,
            meaning=f"service:{lead.service.slug}",
            actor=actor,
            marking=lead.trace.marking or "",
            name=f"{lead.service.name}, deposit address",
            audience=_audience(lead),
        )
    if lead.state == Lead.State.DISMISSED:
        inferred = Arrival.objects.filter(
            trace=lead.trace,
            chain=lead.chain,
            address=lead.address,
            key__startswith="inferred:",
            is_withdrawn=False,
        )
        for arrival in inferred:
            target_evidence.withdraw_evidence(
                lead.trace.incident,
                f"{lead.trace_id}:{arrival.key}",
                "that it is the desk's deposit address was dismissed",
                actor=actor,
            )


def _audience(lead: Lead) -> Audience:
    return Audience(lead.trace.audience_organizations, lead.trace.audience_people)
