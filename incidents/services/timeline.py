"""Recording: audit record, browser event and outbox in one row. Not recorded, did not happen."""

import secrets
import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Actor
from incidents.choices import Marking
from incidents.exceptions import AudienceRequired, MarkingRequired
from incidents.ledger import leaf as leaves
from incidents.models import (
    Incident,
    LedgerEntry,
    Organization,
    Participation,
    PersonalContent,
    TimelineEntry,
)
from incidents.queue import enqueue_on_commit, nudge_on_commit


class Audience:
    """A narrowing: organizations, people, or both. Falsy when it narrows nothing."""

    def __init__(
        self,
        organizations: Collection[int] | None = None,
        people: Collection[int] | None = None,
    ) -> None:
        self.organizations = sorted(set(organizations)) if organizations is not None else None
        self.people = sorted(set(people)) if people is not None else None


EVERYONE = Audience()


@scope.trusted
def seen_by(seat: Participation) -> Audience:
    """Who may read about a seat: everyone, or, when confidential, itself and the coordinators."""
    if not seat.is_confidential:
        return EVERYONE
    return Audience(organizations=[seat.organization_id, *access.coordinators(seat.incident)])


@scope.trusted
def reach(actor: Actor, audience: Audience, besides: Collection[int] = ()) -> Audience:
    """The audience of something new by ``actor``, as stated.

    A party that sits here confidentially shows itself only to those whom it names: what it says
    to nobody in particular reaches itself, the coordinators, and organizations ``besides``.
    """
    stated = audience.organizations is not None or audience.people is not None
    if stated or actor.participation is None or not actor.participation.is_confidential:
        return audience
    return Audience(organizations=[*(seen_by(actor.participation).organizations or ()), *besides])


@scope.trusted
def _reach_signed(
    actor: Actor, event: events.Event, marking: str, audience: Audience, owner: Organization | None
) -> Audience:
    """The audience of an entry, which names the party of ``actor`` to all who read it.

    On its own things that is for a confidential party to say (`reach`). On another's it is known to
    itself and to those coordinators who see the thing, whomever the other named.
    """
    seat = actor.participation
    if seat is None or owner is None or not _is_apart(actor, event, owner):
        return reach(actor, audience)
    if marking == Marking.RED and actor.person is not None:
        return Audience(people=[actor.person.pk])
    knowing = set(seen_by(seat).organizations or ())
    if audience.organizations is not None or audience.people is not None:
        knowing &= {*(audience.organizations or ()), owner.pk}
    return Audience(organizations=knowing | {seat.organization_id})


def _is_apart(actor: Actor, event: events.Event, owner: Organization | None) -> bool:
    """Whether an entry about another party's thing would name a confidential one to that party."""
    seat = actor.participation
    hidden = seat is not None and seat.is_confidential and not event.is_unsigned
    return hidden and owner is not None and owner != actor.organization


def check_marking(marking: str | None, audience: Audience) -> str:
    """A stated marking that fits its audience.

    :raises MarkingRequired: none or an unknown one.
    :raises AudienceRequired: RED without named people.
    """
    if marking not in Marking.values:
        raise MarkingRequired(field="marking")
    if marking == Marking.RED and not audience.people:
        raise AudienceRequired(field="audience")
    return str(marking)


def lock(incident: Incident) -> Incident:
    """The incident's row, locked until the transaction ends: its writers go one after another.

    Whoever locks another row of the room as well takes this one first. Not FOR UPDATE, which a
    foreign key of any new row holds off: two writers would wait for each other for ever.
    """
    return Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)


@scope.trusted
@transaction.atomic
def record(
    incident: Incident,
    event: events.Event,
    *,
    actor: Actor,
    marking: str,
    audience: Audience = EVERYONE,
    owner: Organization | None = None,
    happened_at: datetime | None = None,
    is_provisional: bool = False,
    key: str | None = None,
) -> TimelineEntry:
    """Write one entry of the ledger and its line on the timeline; enqueue its fan-out.

    With ``key``, a repeat returns the entry that is there. Locks the incident's row: entries of
    one incident are strictly ordered.

    :raises MarkingRequired, AudienceRequired: see `check_marking`.
    """
    check_marking(marking, audience)
    audience = _reach_signed(actor, event, marking, audience, owner)
    if _is_apart(actor, event, owner):
        owner = actor.organization  # whoever owns a line reads it
    locked = lock(incident)
    if key is not None:
        known = TimelineEntry.objects.filter(incident=locked, key=key).first()
        if known is not None:
            return known
    shared: dict[str, Any] = {
        "incident": locked,
        "public_id": uuid.uuid4(),
        "seq": locked.next_seq,
        "kind": event.kind,
        "marking": marking,
        "owner": owner or actor.organization,
        "author": actor.person,
        "audience_organizations": audience.organizations,
        "audience_people": audience.people,
    }
    entry = _append(locked, event, actor, shared)
    line = TimelineEntry.objects.create(
        **shared,
        entry=entry,
        happened_at=happened_at or entry.at,
        is_alert=event.is_alert,
        is_provisional=is_provisional,
        subject=event.subject(),
        key=key,
    )
    locked.next_seq += 1
    locked.head = entry.head
    locked.save(update_fields=["next_seq", "head"])
    nudge_on_commit(incident.pk)
    enqueue_on_commit("incidents.fan_out", line.pk)
    return line


def _append(
    locked: Incident, event: events.Event, actor: Actor, shared: dict[str, Any]
) -> LedgerEntry:
    """The ledger's next entry, chained to the head, with its personal texts beside it."""
    personal = {
        name: (secrets.token_bytes(leaves.SALT_BYTES), str(getattr(event, name)))
        for name in event.personal
    }
    content: dict[str, Any] = event.content()
    if personal:
        content["personal"] = {n: leaves.commitment(salt, v) for n, (salt, v) in personal.items()}
    entry = LedgerEntry(
        **shared,
        at=timezone.now(),
        actor=actor.ledger_name,
        organization=actor.organization,
        version=event.version,
        content=content,
        salt=secrets.token_bytes(leaves.SALT_BYTES),
    )
    entry.leaf = leaves.leaf(bytes(entry.salt), leaf_input(entry))
    entry.head = leaves.chain(bytes(locked.head), entry.leaf)
    entry.save(force_insert=True)
    PersonalContent.objects.bulk_create(
        PersonalContent(entry=entry, name=name, salt=salt, value=value)
        for name, (salt, value) in personal.items()
    )
    return entry


def leaf_input(entry: LedgerEntry) -> dict[str, Any]:
    """What the leaf commits to, as plain JSON. Ids of people and organizations are public ids
    or row numbers; texts of people appear as commitments only."""
    return {
        "format": 1,
        "incident": str(entry.incident.public_id),
        "seq": entry.seq,
        "id": str(entry.public_id),
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "organization": str(entry.organization.public_id) if entry.organization else None,
        "owner": str(entry.owner.public_id) if entry.owner else None,
        "kind": entry.kind,
        "version": entry.version,
        "marking": entry.marking,
        "audience_organizations": entry.audience_organizations,
        "audience_people": entry.audience_people,
        "content": entry.content,
    }


@scope.trusted
def event_of(line: TimelineEntry) -> events.Event:
    """The event behind a line, with its personal values.

    :raises UnknownEvent: written by a newer release.
    """
    entry = line.entry
    names = entry.content.get("personal", {})
    personal = {row.name: row.value for row in entry.personal.all()} if names else {}
    return events.load(entry.kind, entry.version, entry.content, personal)


@scope.trusted
@transaction.atomic
def withdraw(
    incident: Incident, key: str, event: events.Event, *, actor: Actor
) -> TimelineEntry | None:
    """Compensate the line recorded under ``key``: a new entry, and the old one points at it.

    Returns None when nothing was recorded under that key.
    """
    old = TimelineEntry.objects.filter(incident=incident, key=key).select_related("owner").first()
    if old is None:
        return None
    line = record(
        incident,
        event,
        actor=actor,
        marking=old.marking or Marking.RED,
        audience=Audience(old.audience_organizations, old.audience_people),
        owner=old.owner,
        key=f"withdraw:{key}",
    )
    old.withdrawn_by = line
    old.save(update_fields=["withdrawn_by"])
    return line
