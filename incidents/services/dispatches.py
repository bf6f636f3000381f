"""Dispatches: one packet handed to one recipient by one channel.

What leaves by itself has a delivery in the outbox, written in the same transaction. What a person
hands over is recorded once it was: when, with which reference, and what proves it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import SYSTEM, Act, Actor
from incidents.choices import Channel, DeliveryState, PacketState, RequestState, TargetState
from incidents.exceptions import BadInput, NotFound, NotYours, WrongState
from incidents.models import Delivery, Dispatch, FreezeRequest, FreezeTarget, Packet
from incidents.recipients.base import recipients
from incidents.services import (
    desk_links,
    outbox,
    packets,
    presend,
    rules,
    target_log,
    timeline,
)
from incidents.services.presend import Finding, To
from incidents.services.timeline import Audience

LARGEST_PROOF = 5 * 1024 * 1024  # bytes
PROOFS = {  # how files of these kinds begin
    "pdf": b"%PDF-",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff",
    "eml": b"",
    "txt": b"",
}


@scope.trusted
def make(request: FreezeRequest, to: Sequence[To], *, packet: Packet, actor: Actor) -> None:
    """Rows of a request that is being sent. The caller holds the room's lock and checked all."""
    for one in to:
        _make(request, one, packet, actor)


def _make(request: FreezeRequest, to: To, packet: Packet, actor: Actor) -> Dispatch:
    kind = recipients().get(to.channel)
    name = to.recipient or (to.contact.name if to.contact else request.desk_name)
    digest = hashlib.sha256(to.proof).hexdigest() if to.proof else ""
    by_itself = kind is not None and bool(kind.notifier)
    row = Dispatch(
        request=request,
        packet=packet,
        contact=to.contact,
        channel=to.channel,
        recipient=name[:200],
        by=actor.person,
        on_behalf_of=actor.organization,
        reference=to.reference[:120],
        handed_over_at=None if by_itself else to.at or timezone.now(),
        proof_name=to.proof_name[:200],
        proof_digest=digest,
        proof=to.proof or None,
    )
    if kind is not None and kind.notifier and to.contact is not None:
        row.delivery = _leaving(row, kind.notifier, actor)
    row.save()
    return row


def _leaving(row: Dispatch, notifier: str, actor: Actor) -> Delivery:
    assert row.contact is not None  # noqa: S101 (the caller looked)
    link = desk_links.make(row.request, row.contact, row.recipient, actor=actor)
    return outbox.put(
        f"dispatch:{row.public_id}",
        notifier,
        row.contact.address,
        f"dispatch:{row.public_id}",
        incident=row.request.incident,
        payload={"link": str(link.public_id)},
    )


def act_of(actor: Actor, to: Sequence[To]) -> Act:
    """What somebody has to be able to do: law enforcement hands in in its own name, by the desk's
    own form or by telephone, and sends nothing for others.

    :raises NotYours: another channel.
    """
    if access.can(actor, Act.SEND_FREEZE) or not access.can(actor, Act.DISPATCH):
        return Act.SEND_FREEZE
    if not to or any(one.channel not in (Channel.PORTAL, Channel.PHONE) for one in to):
        raise NotYours("You hand it in yourself, by the desk's own form or by telephone.")
    return Act.DISPATCH


def check_proofs(to: Sequence[To]) -> None:
    """:raises BadInput: too large, or not what its name says."""
    for one in to:
        if one.at is not None and one.at > timezone.now():
            raise BadInput("This moment has not come yet.", field="at")
        if not one.proof:
            continue
        if len(one.proof) > LARGEST_PROOF:
            raise BadInput("A proof has at most 5 MiB.", field="proof")
        ending = one.proof_name.rpartition(".")[2].lower().replace("jpeg", "jpg")
        if ending not in PROOFS or not one.proof.startswith(PROOFS[ending]):
            raise BadInput(f"A proof is one of: {', '.join(PROOFS)}.", field="proof")


@scope.trusted
@transaction.atomic
def add(
    request: FreezeRequest,
    to: To,
    *,
    actor: Actor,
    anyway: Collection[str] | None = None,
) -> Dispatch:
    """One more recipient of a request that was sent.

    :raises WrongState: not sent, its packet counts no more, or a finding stands against it.
    :raises NotYours: a confidential party would show itself.
    """
    check_proofs([to])
    row = locked(request, actor, act_of(actor, [to]))
    if row.state != RequestState.SENT:
        raise WrongState
    overridden(row, presend.require(row, actor, [to], anyway), actor)
    packet = row.packets.filter(state=PacketState.ISSUED).order_by("-version").first()
    if packet is None:
        raise WrongState("No version of it is issued now: send the correction first.")
    made = _make(row, to, packet, actor)
    tell(made, actor)
    return made


@scope.trusted
@transaction.atomic
def correct(packet: Packet, *, actor: Actor) -> list[Dispatch]:
    """Issue a correction and hand it to everybody who got what it supersedes. What leaves by
    itself leaves; the rest waits for a person, without a time of hand-over.

    :raises WrongState: it is no correction, or was issued.
    """
    request = locked(packet.request, actor, Act.SEND_FREEZE)
    packet = Packet.objects.select_related("request__incident", "request__owner").get(pk=packet.pk)
    if not packet.is_correction or packet.state != PacketState.DRAFT:
        raise WrongState
    issued = packets.issue(packet, actor=actor)
    made = []
    for before in _recipients_of(request, packet):
        kind = recipients().get(before.channel)
        again = To(before.channel, before.contact, before.recipient)
        row = _make(request, again, issued, actor)
        if kind is None or kind.needs_proof:
            row.handed_over_at = None
            row.save(update_fields=["handed_over_at"])
        tell(row, actor)
        made.append(row)
    return made


def _recipients_of(request: FreezeRequest, packet: Packet) -> list[Dispatch]:
    """The last dispatch to each recipient, of versions before this one."""
    rows = Dispatch.objects.filter(request=request, packet__version__lt=packet.version)
    latest = {
        (row.channel, row.contact_id, row.recipient): row
        for row in rows.select_related("contact").order_by("pk")
    }
    return [row for row in latest.values() if row.contact is None or not row.contact.ended_at]


def correct_newest(request: FreezeRequest, *, actor: Actor) -> list[Dispatch]:
    """`correct` with the newest correction that waits.

    :raises WrongState: none does.
    """
    packet = correction_of(request)
    if packet is None:
        raise WrongState("No correction waits.")
    return correct(packet, actor=actor)


@scope.trusted
def correction_of(request: FreezeRequest) -> Packet | None:
    """The correction of a request that was drafted and not issued."""
    rows = Packet.objects.filter(request=request, is_correction=True, state=PacketState.DRAFT)
    return rows.select_related("request__incident", "request__owner").order_by("-version").first()


@scope.trusted
@transaction.atomic
def handed_over(dispatch: Dispatch, to: To, *, actor: Actor) -> Dispatch:
    """A person handed over what waited for one (a correction by a portal), and what proves it.

    :raises WrongState: it was handed over, or leaves by itself.
    """
    check_proofs([to])
    locked(dispatch.request, actor, act_of(actor, [To(dispatch.channel)]))
    row = Dispatch.objects.select_related("request__incident", "packet").get(pk=dispatch.pk)
    if row.handed_over_at is not None or row.delivery_id is not None:
        raise WrongState
    row.handed_over_at = to.at or timezone.now()
    row.reference, row.proof_name = to.reference[:120], to.proof_name[:200]
    row.proof = to.proof or None
    row.proof_digest = hashlib.sha256(to.proof).hexdigest() if to.proof else ""
    row.by, row.on_behalf_of = actor.person, actor.organization
    row.save()
    tell(row, actor)
    return row


# --- what nobody knows ---------------------------------------------------------------------------


@scope.trusted
@transaction.atomic
def resend(dispatch: Dispatch, *, actor: Actor) -> Dispatch:
    """A person has it sent again, though it may have come.

    :raises WrongState: nothing about it is open.
    """
    row = _open(dispatch, actor)
    if row.delivery is not None and actor.person is not None:
        outbox.again(row.delivery, by=actor.person)
    _record(row, events.DispatchDecided(**about(row), decision="again"), actor)
    return row


@scope.trusted
@transaction.atomic
def settle(dispatch: Dispatch, *, actor: Actor) -> Dispatch:
    """A person knows that it arrived.

    :raises WrongState: nothing about it is open.
    """
    row = _open(dispatch, actor)
    _record(row, events.DispatchDecided(**about(row), decision="arrived"), actor)
    if row.delivery is not None and actor.person is not None:
        outbox.arrived(row.delivery, by=actor.person)
    return row


@scope.trusted
@transaction.atomic
def came_back(dispatch: Dispatch, *, actor: Actor) -> Dispatch:
    """A person got it back, where no provider tells us of that.

    :raises WrongState: it never left.
    """
    locked(dispatch.request, actor, Act.SEND_FREEZE)
    row = _rows().get(pk=dispatch.pk)
    if row.delivery is None or not outbox.came_back(row.delivery, "it came back, somebody says"):
        raise WrongState
    return row


def _open(dispatch: Dispatch, actor: Actor) -> Dispatch:
    locked(dispatch.request, actor, Act.SEND_FREEZE)
    row = _rows().get(pk=dispatch.pk)
    if row.delivery is None or row.delivery.state not in outbox.OPEN:
        raise WrongState
    return row


@scope.trusted
def settled(delivery: Delivery) -> None:
    """What a delivery's fate means for its dispatch; called by its letter, the incident locked."""
    row = _rows().filter(delivery=delivery).first()
    if row is None:
        return
    if delivery.state == DeliveryState.SENT:
        _move(row, TargetState.BOUNCED, TargetState.SENT)
        row.handed_over_at, row.bounced_at = row.handed_over_at or delivery.done_at, None
        row.save(update_fields=["handed_over_at", "bounced_at"])
        _record(row, events.DispatchDelivered(**about(row)), SYSTEM)
    elif delivery.state != DeliveryState.CANCELLED:
        troubled = events.DispatchTroubled(
            **about(row), state=delivery.state, why=delivery.error[:200]
        )
        _record(row, troubled, SYSTEM)
    if delivery.state == DeliveryState.BOUNCED:
        _bounced(row)


def _bounced(row: Dispatch) -> None:
    row.bounced_at = timezone.now()
    row.save(update_fields=["bounced_at"])
    others = Dispatch.objects.filter(request=row.request, bounced_at__isnull=True)
    if not others.filter(handed_over_at__isnull=False).exclude(pk=row.pk).exists():
        _move(row, TargetState.SENT, TargetState.BOUNCED)  # nobody else has it either


def _move(row: Dispatch, before: TargetState, after: TargetState) -> None:
    """Targets of which no desk has said anything yet."""
    for target in FreezeTarget.objects.filter(request=row.request, state=before).order_by("pk"):
        target_log.step(target, after, actor=SYSTEM, reason=f"{row.channel} to {row.recipient}")


# --- reading and telling --------------------------------------------------------------------------


def _rows() -> QuerySet[Dispatch]:
    people = ("request__incident", "request__owner", "packet", "contact", "delivery")
    return Dispatch.objects.select_related(*people)


@scope.trusted
def locked(request: FreezeRequest, actor: Actor, act: Act) -> FreezeRequest:
    """The request, its room locked, for somebody who may do this with it.

    :raises NotFound: hidden from them. :raises NotYours: a confidential party would show itself.
    """
    timeline.lock(request.incident)
    row = FreezeRequest.objects.select_related("incident", "owner", "desk").get(pk=request.pk)
    access.require(actor, row.incident, act)
    if not access.may_see(actor, row):
        raise NotFound
    rules.require_open(actor, row.owner)
    return row


def overridden(request: FreezeRequest, found: Collection[Finding], actor: Actor) -> None:
    """Record over which findings somebody went."""
    if not found:
        return
    codes = ", ".join(dict.fromkeys(one.code for one in found))
    _tell(request, events.FindingsOverridden(**_of_request(request), codes=codes), actor)


def tell(row: Dispatch, actor: Actor) -> None:
    """Record that it went to somebody."""
    event = events.FreezeDispatched(
        **about(row),
        by=actor.organization.name if actor.organization else "",
        theirs=row.reference,
        proof=row.proof_digest,
        edition=row.packet.version if row.packet else 1,
    )
    _record(row, event, actor)


def _of_request(request: FreezeRequest) -> dict[str, Any]:
    return {
        "request": str(request.public_id),
        "reference": request.reference,
        "desk": request.desk_name,
    }


def about(row: Dispatch) -> dict[str, Any]:
    """The fields of an event about one dispatch."""
    more = {"dispatch": str(row.public_id), "channel": row.channel, "recipient": row.recipient}
    return _of_request(row.request) | more


def _record(row: Dispatch, event: events.Event, actor: Actor) -> None:
    _tell(row.request, event, actor)


def _tell(request: FreezeRequest, event: events.Event, actor: Actor) -> None:
    timeline.record(
        request.incident,
        event,
        actor=actor,
        marking=request.marking or "",
        audience=Audience(request.audience_organizations, request.audience_people),
        owner=request.owner,
    )
