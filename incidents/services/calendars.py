"""A calendar that knows when holds end, at a secret address of one person for one room.

Calendars are kept by providers, synchronised to telephones and shown on locked screens. So a title
says the request's reference and what is due, and nothing else is in it: no desk, no address, no
amount, no name of the incident, no link back.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from icalendar import Alarm, Calendar, Event

from incidents import access, scope
from incidents.access import Act, Actor, Proof
from incidents.choices import RequestState
from incidents.exceptions import ConsentRequired, NotFound, NotYours
from incidents.models import CalendarFeed, Incident
from incidents.services import answers
from incidents.services.parties import digest

BEFORE = timedelta(hours=6)  # the alarm
LASTS = timedelta(minutes=15)  # an entry of no length is not shown by all calendars


@dataclass(frozen=True)
class Due:
    """One entry. ``key`` stays the same while the thing does."""

    key: str
    title: str
    at: datetime


@scope.trusted
@transaction.atomic
def make(incident: Incident, *, actor: Actor) -> str:
    """A new address, shown this once; an older one of the same person and room ends.

    :raises StepUpRequired, NotYours: as for a file that is taken out.
    """
    access.require(actor, incident, Act.EXPORT)
    if actor.person is None or actor.participation is None:
        raise NotYours("A calendar is a person's.")
    revoke(incident, actor=actor)
    token = secrets.token_urlsafe(32)
    CalendarFeed.objects.create(
        person=actor.person,
        incident=incident,
        seat=str(actor.participation.public_id),
        digest=digest(token),
    )
    return f"{settings.SITE_URL}/calendar/{token}.ics"


@scope.trusted
def revoke(incident: Incident, *, actor: Actor) -> int:
    """The person's addresses for this room end at once; how many there were."""
    rows = CalendarFeed.objects.filter(
        person=actor.person, incident=incident, revoked_at__isnull=True
    )
    return rows.update(revoked_at=timezone.now())


@scope.trusted
def current(incident: Incident, *, actor: Actor) -> CalendarFeed | None:
    """The person's feed of this room, if there is one."""
    rows = CalendarFeed.objects.filter(person=actor.person, incident=incident)
    return rows.filter(revoked_at__isnull=True).first()


def feed(token: str) -> bytes:
    """The calendar behind an address, as its person sees the room at this moment (RFC 5545).

    :raises NotFound: unknown, revoked, or the person may not enter the room any more.
    """
    row = _known(token)
    try:
        incident, actor = access.get_incident(
            row.person, row.incident.slug, proof=Proof.READ_TOKEN, seat=row.seat
        )
    except ConsentRequired as error:
        raise NotFound from error
    return _written(_due(actor, incident))


@scope.trusted
def _known(token: str) -> CalendarFeed:
    rows = CalendarFeed.objects.filter(revoked_at__isnull=True, person__is_active=True)
    row = rows.filter(digest=digest(token[:100])).select_related("person", "incident").first()
    if row is None:
        raise NotFound
    row.last_used_at = timezone.now()
    row.save(update_fields=["last_used_at"])
    return row


def _due(viewer: Actor, incident: Incident) -> Iterator[Due]:
    """What ends or is due, of requests that the viewer sees."""
    for request in access.freezes(viewer, incident):
        if request.state == RequestState.WITHDRAWN:
            continue
        rows = list(request.targets.all())
        for pk, seen in answers.seen(viewer, rows).items():
            target = next(row for row in rows if row.pk == pk)
            for part in seen.parts:
                if part.held_until is not None:
                    key = f"{target.public_id}:{part.number}:hold"
                    yield Due(key, f"{request.reference}: hold ends", part.held_until)
        if request.state == RequestState.SENT and request.answer_by is not None:
            yield Due(
                f"{request.public_id}:answer", f"{request.reference}: answer due", request.answer_by
            )


def _written(due: Iterator[Due]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Holdfast//deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Deadlines")
    for one in due:
        entry = Event()
        entry.add("uid", hashlib.sha256(one.key.encode()).hexdigest()[:32])
        entry.add("dtstamp", timezone.now())
        entry.add("dtstart", one.at)
        entry.add("dtend", one.at + LASTS)
        entry.add("summary", one.title)
        entry.add("class", "PRIVATE")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", one.title)
        alarm.add("trigger", -BEFORE)
        entry.add_component(alarm)
        calendar.add_component(entry)
    written: bytes = calendar.to_ical()
    return written
