"""Orders to release, and changes of the address that a desk returns to.

Criminals forge these: stolen police mail was used to have funds released (OKX, January 2025). So an
order takes two independent parties, where the first hour makes no exception; a delay, in which any
party that sees it may stop it; and a check over another way by a third person's act. What is kept
of it is who, when and how.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import RequestState, TargetState
from incidents.exceptions import BadInput, NotFound, SecondPersonRequired, WrongState
from incidents.models import FreezeTarget, Organization, Person, ReleaseOrder
from incidents.services import freeze_lines as lines
from incidents.services import rules, target_log, timeline, transitions
from incidents.services.addresses import parse
from incidents.services.freeze_lines import about_target

RELEASE, RETURN_ADDRESS = "release", "return_address"
KINDS = {RELEASE: "Release it", RETURN_ADDRESS: "Return it to another address"}
LONGEST = {"reason": 500, "how": 300}


@dataclass(frozen=True)
class Wanted:
    """What somebody proposes. ``address``: where to return to; empty for a release."""

    kind: str
    reason: str
    address: str = ""


@scope.trusted
@transaction.atomic
def propose(target: FreezeTarget, wanted: Wanted, *, actor: Actor) -> ReleaseOrder:
    """One party's word. Of one kind a target has one that is open.

    :raises WrongState: the request was not sent, or an order is open.
    :raises BadInput: unknown kind, no reason, no address where one is needed.
    :raises NotYours: a confidential party would show itself. :raises NotFound: hidden.
    """
    row = _target(target, actor, Act.APPROVE_FREEZE)
    person, organization = _who(actor)
    if row.request.state != RequestState.SENT:
        raise WrongState("This request was not sent.")
    if wanted.kind not in KINDS:
        raise BadInput("Choose what the desk is to do.", field="kind")
    reason = _said(wanted.reason, "reason")
    address = ""
    if wanted.kind == RETURN_ADDRESS:
        _, address = parse(row.chain, wanted.address)
    if _open(row).filter(kind=wanted.kind).exists():
        raise WrongState("Such an order is open already: agree with it, or stop it.")
    made = ReleaseOrder.objects.create(
        target=row,
        kind=wanted.kind,
        address=address,
        reason=reason,
        proposed_by=person,
        proposed_for=organization,
    )
    _record(made, events.ReleaseProposed(**_about(made), reason=reason), actor)
    return made


@scope.trusted
@transaction.atomic
def agree(order: ReleaseOrder, *, actor: Actor) -> ReleaseOrder:
    """The word of a second, independent party. The delay runs from here.

    :raises SecondPersonRequired: the same person, or not another party (rules.independent).
    """
    row = _locked(order, actor, Act.APPROVE_FREEZE)
    person, organization = _who(actor)
    if row.agreed_at is not None:
        raise WrongState
    incident = row.target.request.incident
    if person.pk == row.proposed_by_id:
        raise SecondPersonRequired
    if not rules.independent(incident, row.proposed_for, organization):
        raise SecondPersonRequired(rules.NOT_TWO)
    row.agreed_by, row.agreed_for, row.agreed_at = person, organization, timezone.now()
    row.not_before = row.agreed_at + timedelta(minutes=settings.RELEASE_DELAY_MINUTES)
    row.save(update_fields=["agreed_by", "agreed_for", "agreed_at", "not_before"])
    when = row.not_before.isoformat()
    _record(row, events.ReleaseAgreed(**_about(row), not_before=when), actor)
    return row


@scope.trusted
@transaction.atomic
def check(order: ReleaseOrder, how: str, *, actor: Actor) -> ReleaseOrder:
    """Somebody reached whom it is for by another way than the one that asked for it.

    :raises SecondPersonRequired: who proposed it. :raises BadInput: not said how.
    """
    row = _locked(order, actor, Act.APPROVE_FREEZE)
    person, _ = _who(actor)
    if row.agreed_at is None or row.checked_at is not None:
        raise WrongState("Another party has to agree first." if row.agreed_at is None else None)
    if person.pk == row.proposed_by_id:
        raise SecondPersonRequired("Somebody else than who proposed it checks it.")
    row.checked_how = _said(how, "how")
    row.checked_by, row.checked_at = person, timezone.now()
    row.save(update_fields=["checked_by", "checked_at", "checked_how"])
    _record(row, events.ReleaseChecked(**_about(row), how=row.checked_how), actor)
    return row


@scope.trusted
@transaction.atomic
def stop(order: ReleaseOrder, *, actor: Actor) -> ReleaseOrder:
    """Any party that may approve requests stops it, at any time before it is carried out."""
    row = _locked(order, actor, Act.APPROVE_FREEZE)
    person, _ = _who(actor)
    row.stopped_by, row.stopped_at = person, timezone.now()
    row.save(update_fields=["stopped_by", "stopped_at"])
    _record(row, events.ReleaseStopped(**_about(row)), actor)
    return row


@scope.trusted
@transaction.atomic
def carry_out(order: ReleaseOrder, *, actor: Actor) -> ReleaseOrder:
    """The desk is told. A release withdraws what was asked for; where the money goes then, the desk
    says, or the chain shows.

    :raises WrongState: two parties have not agreed, nobody checked, or the delay runs.
    """
    row = _locked(order, actor, Act.SEND_FREEZE)
    person, _ = _who(actor)
    if row.agreed_at is None or row.not_before is None:
        raise WrongState("Another party has to agree first.")
    if row.checked_at is None:
        raise WrongState("It has to be checked in another way first.")
    if timezone.now() < row.not_before:
        raise WrongState(f"Not before {row.not_before:%Y-%m-%d %H:%M:%S} UTC: it may be stopped.")
    row.carried_out_by, row.carried_out_at = person, timezone.now()
    row.save(update_fields=["carried_out_by", "carried_out_at"])
    kind = TargetState.WITHDRAWN if row.kind == RELEASE else transitions.RETURN_ADDRESS
    reason = f"{row.kind}: {row.address or row.reason}"
    target_log.step(row.target, kind, actor=actor, reason=reason)
    _record(row, events.ReleaseOrdered(**_about(row)), actor)
    return row


def _who(actor: Actor) -> tuple[Person, Organization]:
    if actor.person is None or actor.organization is None:
        raise SecondPersonRequired("People order a release.")
    return actor.person, actor.organization


def _said(text: str, field: str) -> str:
    text = " ".join(text.split())
    if not text:
        words = {"reason": "Give the reason.", "how": "Say whom you reached, and how."}
        raise BadInput(words[field], field=field)
    if len(text) > LONGEST[field]:
        raise BadInput(f"At most {LONGEST[field]} characters.", field=field)
    return text


def _open(target: FreezeTarget) -> Any:
    return ReleaseOrder.objects.filter(
        target=target, stopped_at__isnull=True, carried_out_at__isnull=True
    )


def _target(target: FreezeTarget, actor: Actor, act: Act) -> FreezeTarget:
    timeline.lock(target.request.incident)
    row = (
        FreezeTarget.objects.select_for_update(of=("self",), no_key=True)
        .select_related("request__incident", "request__owner")
        .get(pk=target.pk)
    )
    access.require(actor, row.request.incident, act)
    rules.require_open(actor, row.request.owner)
    if not access.may_see(actor, row.request):
        raise NotFound
    return row


def _locked(order: ReleaseOrder, actor: Actor, act: Act) -> ReleaseOrder:
    """An open order, locked, for somebody who may act on it.

    :raises WrongState: stopped, or carried out.
    """
    target = _target(order.target, actor, act)
    row = ReleaseOrder.objects.select_related("proposed_for").get(pk=order.pk)
    row.target = target
    if row.stopped_at is not None or row.carried_out_at is not None:
        raise WrongState("This order is over.")
    return row


def _about(order: ReleaseOrder) -> dict[str, Any]:
    return {
        **about_target(order.target, order.target.requested),
        "order": str(order.public_id),
        "what": order.kind,
        "to": order.address,
    }


def _record(order: ReleaseOrder, event: events.Event, actor: Actor) -> None:
    lines.record(order.target.request, event, actor=actor)
