"""Another marking or audience for something that is there: by its owner's people alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction

from incidents import access, events, scope
from incidents.access import Act, Actor, Mark
from incidents.choices import Marking
from incidents.exceptions import BadInput, NotYours
from incidents.models import Incident, MovedLine, TimelineEntry
from incidents.models.marked import Marked
from incidents.services import markables, parties, timeline
from incidents.services.markables import Change, Kind
from incidents.services.timeline import EVERYONE, Audience

LONGEST_REASON = 500
NOT_OWNER = "Only the people of its owner change who may see it. Ask them for a release."


@scope.trusted
@transaction.atomic
def remark(
    item: Marked, marking: str, *, actor: Actor, audience: Audience = EVERYONE, reason: str = ""
) -> Marked:
    """Mark an item anew, with its lines and what it brought about (see `markables`).

    Where anybody sees it then who did not before, it takes a reason and a fresh passkey. What was
    published or sent on stays so. One entry tells those who see the item from now on.

    :raises NotYours: another organization owns it.
    :raises BadInput: it is marked so already, or a reason is missing.
    :raises WrongState: something rests on who sees it now; says what.
    """
    kind = markables.kind_of(item)
    incident = kind.incident(item)
    access.require(actor, incident, Act.WRITE)
    timeline.lock(incident)
    row = _locked(item)
    if actor.organization is None or row.owner_id != actor.organization.pk:
        raise NotYours(NOT_OWNER)
    timeline.check_marking(marking, audience)
    audience = timeline.reach(actor, audience)
    new = _mark(marking, audience)
    if new == Mark.of(row):
        raise BadInput("It is marked so already.", field="marking")
    change = Change(row, new, access.widens(row, new))
    reason = _checked(reason, change)
    if change.widens:
        access.require(actor, incident, Act.WIDEN)
    kind.refuse(change)
    return _carry_out(kind, change, incident, actor, reason)


def _carry_out(kind: Kind, change: Change, incident: Incident, actor: Actor, reason: str) -> Marked:
    row, new = change.item, change.new
    moving: list[Marked] = [row, *kind.hanging(change)]
    own = [found for one in moving for found in markables.own_lines(one).values_list("pk", "kind")]
    # A note is a line itself.
    own += [(one.pk, one.kind) for one in moving if isinstance(one, TimelineEntry)]
    capped = [pk for pk, of in own if of in kind.tip_offs]
    lines = TimelineEntry.objects.filter(pk__in=[pk for pk, _ in own])
    line = timeline.record(
        incident,
        events.ItemRemarked(
            noun=kind.noun,
            item=str(row.public_id),
            name=kind.name(row),
            about=kind.subject(row),
            before=row.marking or "",
            after=str(new.marking),
            widened=change.widens,
            lines=digest_of_lines(lines.values_list("public_id", flat=True)),
            reason=reason,
        ),
        actor=actor,
        marking=str(new.marking),
        audience=Audience(new.organizations, new.people),
        owner=row.owner,
    )
    for one in moving:
        _write(one, new.fields)
    lines.exclude(pk__in=capped).update(**new.fields)
    lines.filter(pk__in=capped).update(**new.at_most(Marking.AMBER).fields)
    MovedLine.objects.bulk_create(
        (MovedLine(remark=line, line_id=pk, tells=change.widens) for pk, _ in own),
        batch_size=5000,
    )
    parties.bump_epoch(incident)
    return moving[0]


def digest_of_lines(public_ids: Iterable[UUID]) -> str:
    """What an entry says of the lines that it moved: SHA-256 of their sorted public ids. Ids are
    random, so it tells nobody how many there are."""
    text = "\n".join(sorted(str(one) for one in public_ids))
    return hashlib.sha256(text.encode()).hexdigest()


def _write(row: Marked, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))


def _locked(item: Marked) -> Any:
    """The row as it is now; its incident is locked already."""
    rows = type(item)._default_manager.select_for_update(of=("self",), no_key=True)
    return rows.select_related("owner").get(pk=item.pk)


def _mark(marking: str, audience: Audience) -> Mark:
    return Mark(
        Marking(marking).value,
        tuple(audience.organizations) if audience.organizations is not None else None,
        tuple(audience.people) if audience.people is not None else None,
    )


def _checked(reason: str, change: Change) -> str:
    reason = reason.strip()
    if change.widens and not reason:
        raise BadInput("Somebody sees it then who does not now: give the reason.", field="reason")
    if len(reason) > LONGEST_REASON:
        raise BadInput(f"At most {LONGEST_REASON} characters.", field="reason")
    return reason
