"""The outbox: what leaves this installation by itself.

A delivery is written in the transaction that decided it, claimed in one of its own before the
network is touched, handed over outside of any, and its fate written in a third. So nothing that was
decided is lost, and what is found claimed by a worker that is gone is *uncertain*: it may have been
taken. That is shown, and never sent again without a person (docs/adr/0031-outbox.md).
"""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from incidents import scope
from incidents.choices import DeliveryState
from incidents.exceptions import WrongState
from incidents.models import Delivery, Incident, Person
from incidents.notifiers.base import Fate, Handed, Message, notifiers
from incidents.queue import enqueue_on_commit
from incidents.services import timeline
from incidents.services.letters.base import NothingToSend, letter_of, letters

# Seconds from one refusal to the next try; after the last one it has failed, and a person decides.
PAUSES = (2, 5, 15, 60, 300, 900)
A_DRILL = "a drill sends nothing outside"
_STATE_OF = {
    Fate.ACCEPTED: DeliveryState.SENT,
    Fate.BOUNCED: DeliveryState.BOUNCED,
    Fate.UNKNOWN: DeliveryState.UNCERTAIN,
}
# Others' tasks must not wait for slow servers: so many at a time in one process, the rest is found
# by the sweeper.
_slots = threading.BoundedSemaphore(4)


@dataclass
class _Worker:
    """Who claims. ``name`` outlives a process, ``run`` is this one's alone."""

    name: str = field(default_factory=socket.gethostname)
    run: str = field(default_factory=lambda: secrets.token_hex(6))

    def __str__(self) -> str:
        return f"{self.name[:60]}#{self.run}"


_me = _Worker()


@scope.trusted
@transaction.atomic
def put(
    key: str,
    channel: str,
    to: str,
    subject: str,
    *,
    incident: Incident | None,
    payload: Mapping[str, Any] | None = None,
) -> Delivery:
    """Have something leave once the surrounding transaction has committed.

    ``key`` makes it one: a repeat returns what is there and sends nothing. ``channel``: slug of a
    notifier; ``subject``: "<kind>:<id>", the kind one of services/letters. ``payload``: what the
    letter needs besides, never a secret.

    :raises ValueError: no such channel or kind: our own mistake.
    """
    if channel not in notifiers() or subject.partition(":")[0] not in letters():
        raise ValueError(f"nobody carries out {subject!r} by {channel!r}")
    row, is_new = Delivery.objects.get_or_create(
        key=key,
        defaults={
            "incident": incident,
            "channel": channel,
            "to": to,
            "subject": subject,
            "payload": dict(payload or {}),
            "next_at": timezone.now(),
        },
    )
    if is_new:
        enqueue_on_commit("incidents.carry_out", row.pk)
    return row


def message_id(key: str) -> str:
    """The Message-ID of a delivery: the same at every try, and nothing can be read from it."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    name = salted_hmac("incidents.outbox", key, algorithm="sha256").hexdigest()[:40]
    return f"<{name}@{domain}>"


@scope.trusted
def carry_out(pk: int) -> str | None:
    """Hand one delivery over, if it waits and is due; returns its state, None: nothing done.

    Must be called outside any transaction.
    """
    if not _slots.acquire(blocking=False):
        return None
    try:
        row = _waiting(pk)
        message = _composed(row) if row is not None else None
        if row is None or message is None or not _claim(row):
            return None
        handed = notifiers()[row.channel]().hand_over(message)
        return _written(row, handed)
    finally:
        _slots.release()


def _waiting(pk: int) -> Delivery | None:
    rows = Delivery.objects.select_related("incident").filter(
        pk=pk, state=DeliveryState.PENDING, next_at__lte=timezone.now()
    )
    return rows.first()


def _composed(row: Delivery) -> Message | None:
    """The message; None: there is nothing to send, which is written."""
    if not may_leave(row.incident):
        _give_up(row, A_DRILL)
        return None
    try:
        return letter_of(row).compose(row, message_id(row.key))
    except NothingToSend as reason:
        _give_up(row, str(reason) or "what it was about is over")
        return None


def may_leave(incident: Incident | None) -> bool:
    """Whether anything about this incident leaves. Of a drill it does in drill mode alone, where
    it gets no further than this machine (config/settings.py)."""
    return settings.DRILL or incident is None or not incident.is_drill


@transaction.atomic(durable=True)
def _claim(row: Delivery) -> bool:
    """Note, before the network is touched, that it may be on its way."""
    row.claimed_by, row.claimed_at = str(_me), timezone.now()
    row.message_id = message_id(row.key)
    row.attempts += 1
    waiting = Delivery.objects.filter(
        pk=row.pk, state=DeliveryState.PENDING, next_at__lte=timezone.now()
    )
    return bool(
        waiting.update(
            state=DeliveryState.IN_FLIGHT,
            claimed_by=row.claimed_by,
            claimed_at=row.claimed_at,
            message_id=row.message_id,
            attempts=F("attempts") + 1,
        )
    )


@transaction.atomic(durable=True)
def _written(claimed: Delivery, handed: Handed) -> str:
    """Write how a try ended, and what follows from it."""
    row = _locked(claimed)
    # Called uncertain meanwhile, since it took so long: now it is known after all.
    ours = (row.claimed_by, row.claimed_at) == (claimed.claimed_by, claimed.claimed_at)
    if not ours or row.state not in (DeliveryState.IN_FLIGHT, DeliveryState.UNCERTAIN):
        return row.state
    row.error = handed.error[:300]
    row.message_id = (handed.message_id or row.message_id)[:255]
    if handed.fate is not Fate.REFUSED:
        return _settle(row, _STATE_OF[handed.fate])
    if row.attempts > len(PAUSES):
        return _settle(row, DeliveryState.FAILED)
    pause = timedelta(seconds=PAUSES[row.attempts - 1])
    row.state, row.next_at = DeliveryState.PENDING, timezone.now() + pause
    row.save()
    return row.state


@transaction.atomic(durable=True)
def _give_up(waiting: Delivery, why: str) -> None:
    row = _locked(waiting)
    if row.state == DeliveryState.PENDING:
        row.error = why[:300]
        _settle(row, DeliveryState.CANCELLED)


def _locked(known: Delivery) -> Delivery:
    """The row, locked after the incident that it is about."""
    if known.incident is not None:
        timeline.lock(known.incident)
    rows = Delivery.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("incident").get(pk=known.pk)


def _settle(row: Delivery, state: DeliveryState) -> str:
    row.state = state
    row.done_at = timezone.now()
    row.next_at = None
    row.save()
    letter_of(row).settled(row)
    return row.state


# --- what nobody carried out ----------------------------------------------------------------


@scope.trusted
def sweep(limit: int = 100) -> int:
    """Find what waits and was told to nobody, or whose pause is over, and what a worker that is
    gone has left in flight; returns how many that were."""
    now = timezone.now()
    waiting = Delivery.objects.filter(state=DeliveryState.PENDING, next_at__lte=now)
    keys = list(waiting.order_by("next_at", "pk").values_list("pk", flat=True)[:limit])
    with transaction.atomic():
        for pk in keys:
            enqueue_on_commit("incidents.carry_out", pk)
    # No try takes half as long (`settings.HAND_OVER_SECONDS`). Were its worker there after all,
    # what it writes in the end stands.
    lease = timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
    return len(keys) + _call_uncertain(Q(claimed_at__lte=now - lease), limit)


@scope.trusted
def work_as(name: str) -> int:
    """This process is the worker ``name`` from now on. What an earlier one of that name has in
    flight, nobody carries on: returns how many that were."""
    _me.name = name
    left = Q(claimed_by__startswith=f"{name[:60]}#") & ~Q(claimed_by=str(_me))
    return _call_uncertain(left, limit=1000)


def _call_uncertain(left: Q, limit: int) -> int:
    rows = Delivery.objects.filter(left, state=DeliveryState.IN_FLIGHT).select_related("incident")
    return sum(_lost(row) for row in rows.order_by("claimed_at")[:limit])


@transaction.atomic(durable=True)
def _lost(found: Delivery) -> bool:
    row = _locked(found)
    same = (row.claimed_by, row.claimed_at) == (found.claimed_by, found.claimed_at)
    if row.state != DeliveryState.IN_FLIGHT or not same:
        return False
    row.error = "its worker ended while it was on its way"
    _settle(row, DeliveryState.UNCERTAIN)
    return True


# --- what people and providers say ------------------------------------------------------------

OPEN = (DeliveryState.UNCERTAIN, DeliveryState.FAILED, DeliveryState.BOUNCED)


@scope.trusted
@transaction.atomic
def again(delivery: Delivery, *, by: Person) -> Delivery:
    """A person has it sent once more, though it may have come. Permission is the caller's to check.

    :raises WrongState: it is on its way, was taken, or is over.
    """
    row = _locked(delivery)
    if row.state not in OPEN:
        raise WrongState
    row.state, row.attempts = DeliveryState.PENDING, 0
    row.next_at, row.done_at, row.decided_by = timezone.now(), None, by
    row.payload = {**row.payload, "again": True}
    row.save()
    enqueue_on_commit("incidents.carry_out", row.pk)
    return row


@scope.trusted
@transaction.atomic
def arrived(delivery: Delivery, *, by: Person) -> Delivery:
    """A person knows that it came. Permission is the caller's to check.

    :raises WrongState: nothing about it is open.
    """
    row = _locked(delivery)
    if row.state not in OPEN:
        raise WrongState
    row.decided_by, row.error = by, ""
    _settle(row, DeliveryState.SENT)
    return row


@scope.trusted
@transaction.atomic
def came_back(delivery: Delivery, why: str) -> bool:
    """A provider, or a mail that came back, says that it was not delivered after all; returns
    whether that was news."""
    row = _locked(delivery)
    if row.state not in (DeliveryState.SENT, DeliveryState.UNCERTAIN):
        return False
    row.error = why[:300]
    _settle(row, DeliveryState.BOUNCED)
    return True
