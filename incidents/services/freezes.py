"""Freeze requests: drafting, approving, sending."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import Channel, Evidence, RequestState, TargetState
from incidents.exceptions import (
    ApprovalChanged,
    BadInput,
    NotFound,
    SecondPersonRequired,
    TextChanged,
    WrongState,
)
from incidents.exports.freeze_json import alone
from incidents.models import FreezeRequest, FreezeTarget, Incident, Organization
from incidents.services import (
    clocks,
    dispatches,
    duplicates,
    first_hour,
    packets,
    presend,
    rules,
    signatures,
    target_log,
    timeline,
)
from incidents.services import freeze_lines as lines
from incidents.services.addresses import parse
from incidents.services.freeze_lines import about, about_target
from incidents.services.presend import To
from incidents.services.timeline import EVERYONE, Audience
from tracing.core.amounts import UINT256_MAX

LONGEST_SLUG = 80
BY_HAND = (Channel.ROOM, Channel.PORTAL, Channel.PHONE)


@dataclass(frozen=True)
class TargetDraft:
    """One account to be frozen. ``amount`` in base units of ``asset`` (CAIP-19)."""

    chain: str
    address: str
    asset: str
    symbol: str
    decimals: int
    amount: int
    evidence_key: str = ""
    evidence: Any = None  # list of hops, newest last
    inferred: int = 0  # percent: what the desk has to do with the account is inferred; 0: sourced
    moved_from: FreezeTarget | None = None  # the target that its money left
    # US dollars of one whole unit at the time of the theft, with that time and the source.
    usd: tuple[str, datetime, str] | None = None


def new_reference() -> str:
    """A reference that tells nothing of how many there are."""
    return f"HF-{secrets.token_hex(4).upper()}"


@scope.trusted
@transaction.atomic
def draft(
    incident: Incident,
    target: TargetDraft,
    *,
    desk_name: str,
    desk_slug: str,
    desk: Organization | None,
    actor: Actor,
    marking: str,
    audience: Audience = EVERYONE,
    owner: Organization | None = None,
) -> FreezeTarget:
    """Add a target to the desk's open draft of the same owner and marking, or open a new one.

    A repeat with a known ``evidence_key`` changes nothing and returns the target that is there.

    :raises BadInput: wrong chain, address or amount.
    """
    access.require(actor, incident, Act.REQUEST_FREEZE)
    chain, address = parse(target.chain, target.address)
    if target.amount <= 0:
        raise BadInput("The amount must be above zero.", field="amount")
    timeline.check_marking(marking, audience)
    audience = timeline.reach(actor, audience)
    owner = owner or actor.organization
    timeline.lock(incident)
    if target.evidence_key:
        known = FreezeTarget.objects.filter(
            request__incident=incident, evidence__has_key=target.evidence_key
        ).first()
        if known is not None:
            return known
    request = _open_draft(incident, desk, desk_name, owner, actor, marking, audience)
    if request is None:
        request = FreezeRequest.objects.create(
            incident=incident,
            reference=new_reference(),
            desk_name=desk_name,
            desk_slug=desk_slug[:LONGEST_SLUG],
            desk=desk,
            drafted_by_trace=actor.is_system,
            marking=marking,
            owner=owner,
            author=actor.person,
            audience_organizations=audience.organizations,
            audience_people=audience.people,
        )
        packets.fill(request, actor, target.evidence or ())
        lines.record(
            request, events.FreezeDrafted(**about(request), by_trace=actor.is_system), actor=actor
        )
    return _add_target(request, target, chain, address, actor)


def _open_draft(
    incident: Incident,
    desk: Organization | None,
    desk_name: str,
    owner: Organization | None,
    actor: Actor,
    marking: str,
    audience: Audience,
) -> FreezeRequest | None:
    # By name, not by slug: names of other scripts have none, and must not share a request. Only one
    # that the actor sees: a colleague's own is met by nobody.
    return (
        access.visible(actor, FreezeRequest.objects.select_related("incident", "owner", "desk"))
        .filter(
            incident=incident,
            desk=desk,
            desk_name=desk_name,
            state=RequestState.DRAFT,
            owner=owner,
            marking=marking,
            audience_organizations=audience.organizations,
            audience_people=audience.people,
        )
        .first()
    )


def _add_target(
    request: FreezeRequest, target: TargetDraft, chain: str, address: str, actor: Actor
) -> FreezeTarget:
    account = {"request": request, "chain": chain, "address": address, "asset": target.asset}
    # The incident is locked: nobody else makes the same one now.
    row = FreezeTarget.objects.filter(**account).first() or FreezeTarget(
        **account, symbol=target.symbol[:40], decimals=target.decimals
    )
    row.request = request  # with what it refers to, read already
    if row.requested + target.amount > UINT256_MAX:
        raise BadInput("More than there can be of one asset.", field="amount")
    row.requested += target.amount
    if target.usd is not None and not row.usd_price:
        row.usd_price, row.usd_price_at, row.usd_price_source = target.usd
    if row.moved_from_id is None and target.moved_from not in (None, row):
        row.moved_from = target.moved_from
    if target.evidence_key:
        part: dict[str, Any] = {"amount": str(target.amount), "hops": target.evidence or []}
        if target.inferred:
            part["inferred"] = target.inferred
        row.evidence = {**row.evidence, target.evidence_key: part}
    row.last_seq += 1  # read under the lock, and the first thing that its log gets now
    names = ["requested", "evidence", "last_seq", "moved_from"]
    names += ["usd_price", "usd_price_at", "usd_price_source"]
    row.save(update_fields=None if row.pk is None else names)
    target_log.added(row, target.amount, actor=actor)
    lines.record(request, events.TargetAdded(**about_target(row, target.amount)), actor=actor)
    duplicates.warn(row)
    return row


@scope.trusted
@transaction.atomic
def approve(
    request: FreezeRequest, *, actor: Actor, digest: str = "", assertion: str = ""
) -> FreezeRequest:
    """One of the two signatures that a request needs: of two people, of two affected parties where
    there are two. When one party may do it alone: services/first_hour.py.

    What is signed is the packet's digest; the second signature is over the same one. ``digest``: of
    the packet that was read. ``assertion``: what a passkey says over it, as the browser gives it.

    :raises TextChanged: the packet is no longer the one that was read.
    :raises BadInput: the passkey is not theirs, or signed something else.
    :raises WrongState: approved already, or evidence changed. :raises SecondPersonRequired: the
        same person again, or the same party where another one has to agree.
    :raises NotYours: a confidential party would show itself.
    """
    request = _locked(request, actor, Act.APPROVE_FREEZE)
    if actor.person is None:
        raise SecondPersonRequired("A request is approved by people.")
    _check_evidence(request)
    packet = packets.draft(request, renew=request.state == RequestState.DRAFT and not digest)
    if digest and digest != packet.digest:
        raise TextChanged
    if request.state == RequestState.DRAFT:
        first_hour.first(request, actor)
    elif request.state != RequestState.CHECKED:
        raise WrongState
    if assertion:
        signatures.by_passkey(packet, assertion, actor)
    if request.state == RequestState.DRAFT:
        return _signed_first(request, actor)
    if packet.digest != request.approved_digest:
        # What the first person signed is not what this one reads: this is the first signature now.
        where = packets.changed(request)
        packets.void(request, f"what it says changed after the first signature ({where})")
        return _signed_first(_locked(request, actor, Act.APPROVE_FREEZE), actor)
    if actor.person.pk == request.first_by_id:
        raise SecondPersonRequired
    word = first_hour.second(request, actor)
    if word.is_first:
        return _signed_first(request, actor)
    request.state = RequestState.APPROVED
    request.second_by, request.second_for = actor.person, actor.organization
    request.approved_at = timezone.now()
    request.alone, request.alone_because = word.alone, word.because
    names = ("state", "second_by", "second_for", "approved_at", "alone", "alone_because")
    request.save(update_fields=names)
    if word.alone is not None:  # the packet says so from now on
        request.approved_digest = packets.draft(request).digest
        request.save(update_fields=["approved_digest"])
    target_log.step_all(request, TargetState.APPROVED, actor=actor)
    lines.record(request, events.FreezeApproved(**about(request), signatures=2), actor=actor)
    if word.alone is not None:
        alone_now = events.FreezeApprovedAlone(
            **about(request), organization=word.alone.name, because=word.because
        )
        lines.record(request, alone_now, actor=actor)
    return request


def _signed_first(request: FreezeRequest, actor: Actor) -> FreezeRequest:
    request.state, request.first_at = RequestState.CHECKED, timezone.now()
    request.first_by, request.first_for = actor.person, actor.organization
    request.approved_digest = packets.draft(request).digest
    request.save(update_fields=["state", "first_by", "first_for", "first_at", "approved_digest"])
    target_log.step_all(request, TargetState.CHECKED, actor=actor)
    lines.record(request, events.FreezeApproved(**about(request), signatures=1), actor=actor)
    return request


@scope.trusted
def send(
    request: FreezeRequest,
    *,
    actor: Actor,
    channel: str = "room",
    proof: str = "",
    to: Sequence[To] = (),
    anyway: Collection[str] | None = None,
) -> FreezeRequest:
    """Hand an approved request to the desk, by one or several ways (``to``); what leaves by itself
    is in the outbox then. Law enforcement hands it in in its own name (`dispatches.act_of`).

    Without ``to``, ``channel`` "room": a desk that sits in the room reads it here; otherwise how a
    person handed it over already, with the desk's own reference as ``proof``. ``anyway``: codes of
    the findings that the actor was shown and goes over (services/presend.py).

    :raises WrongState: not approved by two, its evidence changed, or a finding stands against it.
    :raises ApprovalChanged: it says something else than was approved. It is a draft again, and the
        next one signs first.
    :raises BadInput: the desk has no seat that the actor knows of, and no other channel is named.
    :raises NotYours: a confidential party would show itself.
    """
    try:
        return _send(request, actor, channel, proof, to, anyway)
    except ApprovalChanged:
        with transaction.atomic():
            timeline.lock(request.incident)
            packets.draft(request)
            where = packets.changed(request)
            packets.void(request, f"what it says changed after it was approved ({where})")
        raise


@transaction.atomic
def _send(
    request: FreezeRequest,
    actor: Actor,
    channel: str,
    proof: str,
    to: Sequence[To],
    anyway: Collection[str] | None,
) -> FreezeRequest:
    act = dispatches.act_of(actor, to) if to else Act.SEND_FREEZE
    to = to or [To(channel if channel in BY_HAND else Channel.OTHER, reference=proof)]
    dispatches.check_proofs(to)
    request = _locked(request, actor, act)
    rules.require_open(actor, request.owner)
    if request.state != RequestState.APPROVED:
        raise WrongState("Two people have to approve a request before it is sent.")
    _check_evidence(request)
    if any(one.channel == Channel.ROOM for one in to) and not has_seat(request, actor):
        raise BadInput("This desk has no seat here: name the channel you used.", field="channel")
    dispatches.overridden(request, presend.require(request, actor, to, anyway), actor)
    issuer = actor if access.can(actor, Act.SEND_FREEZE) else access.SYSTEM
    packet = packets.issue(packets.draft(request), actor=issuer)
    dispatches.make(request, to, packet=packet, actor=actor)
    request.state = RequestState.SENT
    request.sent_by, request.sent_at = actor.person, timezone.now()
    clocks.start(request, actor)
    names = ("state", "sent_by", "sent_at", "acknowledge_by", "answer_by", "watched_by")
    request.save(update_fields=names)
    target_log.step_all(request, TargetState.SENT, actor=actor)
    ways = ", ".join(dict.fromkeys(one.channel for one in to)) if len(to) > 1 else to[0].channel
    event = events.FreezeSent(
        **about(request),
        channel=channel if ways == Channel.OTHER else ways,
        proof=proof or to[0].reference,
        alone=alone(request) or "",
    )
    lines.record(request, event, actor=actor)
    return request


def _check_evidence(request: FreezeRequest) -> None:
    if request.targets.filter(evidence_state=Evidence.CHANGED, requested__gt=0).exists():
        raise WrongState("The evidence of a target changed. Look at it before going on.")
    if not request.targets.filter(requested__gt=0).exists():
        raise WrongState("All of its evidence was withdrawn: there is nothing left to ask for.")


def _locked(request: FreezeRequest, actor: Actor, act: Act) -> FreezeRequest:
    """The request, locked. Whoever signs an entry sees it as its author: so nobody signs what they
    may not see.

    :raises NotFound: hidden from the actor.
    """
    timeline.lock(request.incident)
    row = (
        FreezeRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("incident", "owner", "desk", "first_for", "alone")
        .get(pk=request.pk)
    )
    access.require(actor, row.incident, act)
    if not access.may_see(actor, row):
        raise NotFound
    return row


def has_seat(request: FreezeRequest, viewer: Actor) -> bool:
    """Whether the desk reads it in this room, as far as the viewer may know; if not, a person says
    how it was handed over."""
    seats = access.parties(viewer, request.incident).filter(organization=request.desk_id)
    return request.desk_id is not None and seats.exists()
