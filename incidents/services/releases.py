"""Asking an item's owner to share it more widely; the owner alone decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Act, Actor, Mark
from incidents.choices import Marking, ReleaseState
from incidents.exceptions import BadInput, NotFound, NotYours, WrongState
from incidents.models import Incident, Membership, Organization, ReleaseRequest
from incidents.models.marked import Marked
from incidents.services import markables, markings, rules, timeline
from incidents.services.timeline import EVERYONE, Audience

ASKING = "Your party sits here confidentially: asking would show that it does."
_WIDTH = {marking: width for width, marking in enumerate(Marking.values)}


@scope.trusted
@transaction.atomic
def ask(
    item: Marked, marking: str, reason: str, *, actor: Actor, audience: Audience = EVERYONE
) -> ReleaseRequest:
    """Ask for another marking, or for organizations that should see the item as well.

    What the asker is told depends on nothing that it does not see: whom the item's audience names
    already is not looked at.

    :raises BadInput: no reason, people instead of organizations, RED, or narrower than it is.
    :raises WrongState: it is one's own, or the same was asked and waits.
    :raises NotYours: the party, or one that it asks for, sits here confidentially, and asking would
        show it to the owner.
    """
    kind = markables.kind_of(item)
    incident = kind.incident(item)
    access.require(actor, incident, Act.ASK_RELEASE)
    if actor.person is None or actor.organization is None or item.owner is None:
        raise NotFound
    if item.owner_id == actor.organization.pk:
        raise WrongState("It is yours: change who may see it.")
    rules.require_open(actor, item.owner, ASKING)
    _check(item, marking, audience)
    if rules.is_hidden(incident, *(audience.organizations or ())):
        raise NotYours("One of these sits here confidentially: the owner would read that it does.")
    subject = f"{kind.noun}:{item.public_id}"  # type: ignore[attr-defined]
    timeline.lock(incident)
    same: dict[str, Any] = {
        "incident": incident,
        "subject": subject,
        "asked_for": actor.organization,
        "marking": marking,
        "organizations": audience.organizations,
    }
    if ReleaseRequest.objects.filter(**same, state=ReleaseState.OPEN).exists():
        raise WrongState("Your party has asked for this already.")
    row = ReleaseRequest.objects.create(
        **same, owner=item.owner, asked_by=actor.person, reason=_words(reason, "reason")
    )
    event = events.ReleaseAsked(
        **_about(row, item),
        organization=actor.organization.name,
        marking=marking,
        reason=row.reason,
    )
    _record(row, item, event, actor)
    return row


def _check(item: Marked, marking: str, audience: Audience) -> None:
    if audience.people is not None:
        raise BadInput("Ask for organizations, not for people.", field="audience")
    if marking not in _WIDTH or marking == Marking.RED:
        raise BadInput("Ask for a marking that organizations may see.", field="marking")
    if _WIDTH[marking] < _WIDTH.get(item.marking or "", 0):
        raise BadInput("That is narrower than it is marked now.", field="marking")


@scope.trusted
@transaction.atomic
def release(row: ReleaseRequest, *, actor: Actor, reason: str) -> ReleaseRequest:
    """The owner marks the item as asked. Nobody who sees it loses it. ``reason`` is read by those
    who see the item from then on; the asker's own reason is not theirs to read.

    :raises NotFound: not the owner's, or an item that this person does not see.
    :raises WrongState: answered or withdrawn.
    """
    row, item = _to_decide(row, actor)
    access.require(actor, row.incident, Act.WIDEN)
    seat = actor.participation
    if row.organizations is None and seat is not None and seat.is_confidential:
        raise WrongState("Your party sits here confidentially: name who may see it, item by item.")
    new = Mark(row.marking, *_joined(item, row))
    if new != Mark.of(item):
        audience = Audience(new.fields["audience_organizations"], new.fields["audience_people"])
        markings.remark(item, row.marking, actor=actor, audience=audience, reason=reason)
    return _decide(row, item, ReleaseState.RELEASED, "", actor)


def _joined(
    item: Marked, row: ReleaseRequest
) -> tuple[tuple[int, ...] | None, tuple[int, ...] | None]:
    """Whom the item's audience names now and whom the request names; None: everybody."""
    is_open = item.audience_organizations is None and item.audience_people is None
    if row.organizations is None or (is_open and item.marking != Marking.RED):
        return None, None
    people = tuple(item.audience_people) if item.audience_people else None
    return tuple(sorted({*(item.audience_organizations or ()), *row.organizations})), people


@scope.trusted
@transaction.atomic
def refuse(row: ReleaseRequest, words: str, *, actor: Actor) -> ReleaseRequest:
    """The owner says no, and why. :raises NotFound, WrongState: as `release`."""
    row, item = _to_decide(row, actor)
    access.require(actor, row.incident, Act.WRITE)
    return _decide(row, item, ReleaseState.REFUSED, _words(words, "words"), actor)


@scope.trusted
@transaction.atomic
def withdraw(row: ReleaseRequest, *, actor: Actor) -> ReleaseRequest:
    """The asker's people take the request back. :raises NotYours: others asked."""
    access.require(actor, row.incident, Act.ASK_RELEASE)
    row = _locked(row)
    if actor.organization is None or row.asked_for_id != actor.organization.pk:
        raise NotYours
    if row.state != ReleaseState.OPEN:
        raise WrongState
    item = item_of(actor, row)
    if item is None:
        _write(row, ReleaseState.WITHDRAWN, "", actor)
        return row
    return _decide(row, item, ReleaseState.WITHDRAWN, "", actor)


def _to_decide(row: ReleaseRequest, actor: Actor) -> tuple[ReleaseRequest, Marked]:
    row = _locked(row)
    item = item_of(actor, row)
    if actor.organization is None or row.owner_id != actor.organization.pk or item is None:
        raise NotFound
    if row.state != ReleaseState.OPEN:
        raise WrongState
    return row, item


def _locked(row: ReleaseRequest) -> ReleaseRequest:
    timeline.lock(row.incident)
    rows = ReleaseRequest.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("incident", "owner", "asked_for").get(pk=row.pk)


def _decide(
    row: ReleaseRequest, item: Marked, state: ReleaseState, words: str, actor: Actor
) -> ReleaseRequest:
    _write(row, state, words, actor)
    event = events.ReleaseAnswered(**_about(row, item), state=state.value, words=words)
    _record(row, item, event, actor)
    return row


def _write(row: ReleaseRequest, state: ReleaseState, words: str, actor: Actor) -> None:
    row.state, row.refusal = state, words
    row.decided_by, row.decided_at = actor.person, timezone.now()
    row.save(update_fields=["state", "refusal", "decided_by", "decided_at"])


def _words(text: str, field: str) -> str:
    text = text.strip()
    if not text:
        raise BadInput("Say why.", field=field)
    if len(text) > markings.LONGEST_REASON:
        raise BadInput(f"At most {markings.LONGEST_REASON} characters.", field=field)
    return text


# --- reading ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class SeenRequest:
    """A request as one of its two parties sees it. ``item``: None where it is hidden by now."""

    row: ReleaseRequest
    item: Any
    name: str
    is_owner: bool
    organizations: tuple[Organization, ...]


def item_of(viewer: Actor, row: ReleaseRequest) -> Marked | None:
    """What a request is about, if the viewer sees it."""
    noun, _, public_id = row.subject.partition(":")
    try:
        found: Marked = markables.kind(noun).find(viewer, row.incident, public_id)
    except NotFound:
        return None
    return found


def shown(viewer: Actor, row: ReleaseRequest) -> SeenRequest:
    """One request as the viewer sees it."""
    item = item_of(viewer, row)
    named = Organization.objects.filter(pk__in=row.organizations or ()).order_by("name")
    return SeenRequest(
        row=row,
        item=item,
        name=markables.kind_of(item).name(item) if item else "something that you do not see now",
        is_owner=viewer.organization is not None and row.owner_id == viewer.organization.pk,
        organizations=tuple(named),
    )


def seen(viewer: Actor, incident: Incident) -> list[SeenRequest]:
    """Requests of the viewer's party and to it, newest first, as far as the viewer sees their
    items; what somebody asked they see in any case."""
    found = [shown(viewer, row) for row in access.releases(viewer, incident)]
    return [one for one in found if one.item is not None or one.row.asked_by == viewer.person]


# --- recording -------------------------------------------------------------------------------


def _about(row: ReleaseRequest, item: Marked) -> dict[str, str]:
    kind = markables.kind_of(item)
    return {
        "noun": kind.noun,
        "item": row.subject.partition(":")[2],
        "name": kind.name(item),
        "about": f"release:{row.public_id}",
        "request": str(row.public_id),
    }


def _record(row: ReleaseRequest, item: Marked, event: events.Event, actor: Actor) -> None:
    marking, audience = _between(row, item)
    timeline.record(
        row.incident, event, actor=actor, marking=marking, audience=audience, owner=row.asked_for
    )


def _between(row: ReleaseRequest, item: Marked) -> tuple[str, Audience]:
    """Those of the two parties who see the item: the name of it is in the entry."""
    both = {row.owner_id, row.asked_for_id}
    mark = Mark.of(item)
    whole: set[int] = set()
    if mark.is_room_wide:
        whole = both
    elif mark.organizations is not None and mark.marking != Marking.RED:
        whole = both & {row.owner_id, *mark.organizations}
    named = Membership.objects.filter(
        person__in=mark.people or (), organization__in=both, ended_at__isnull=True
    )
    people = {row.asked_by_id, *named.values_list("person_id", flat=True)}
    people |= {item.author_id} if item.author_id else set()
    if not whole:
        return Marking.RED, Audience(people=people)
    return Marking.AMBER_STRICT, Audience(organizations=whole, people=people)
