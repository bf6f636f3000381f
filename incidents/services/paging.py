"""Calling the person on call: who has to look at something now gets a mail that says no more.

An entry that pages is found by its kind when it is fanned out (and by the sweeper, should that be
lost), so that nothing is decided twice: one mail for each person, room and minute.
"""

from __future__ import annotations

from django.conf import settings

from incidents import access, scope
from incidents.choices import RoomRole
from incidents.exceptions import NotFound
from incidents.models import Membership, Participation, Person, Role, TimelineEntry
from incidents.services import outbox

# Somebody has to act, or time is lost. "freeze.drafted": by the trace, when money arrived.
KINDS = frozenset(
    {
        "freeze.drafted",
        "freeze.evidence_changed",
        "freeze.correction_drafted",
        "freeze.dispatch_troubled",
        "freeze.overdue",
        "freeze.hold_ends",
        "freeze.hold_lapsed",
        "freeze.page_opened",
        "freeze.target_moved",
        "freeze.chain_step_taken_back",
    }
)
ON_CALL = (RoomRole.COMMANDER, RoomRole.OPERATIONS)
MOST = 30


@scope.trusted
def page(line: TimelineEntry) -> int:
    """Call whoever is on call for the party that owns the entry; returns how many. A repeat is
    harmless, and nobody is called to what they may not see."""
    if line.kind not in KINDS or line.owner_id is None or not settings.MAIL_ENABLED:
        return 0
    if line.kind == "freeze.drafted" and line.author_id is not None:
        return 0  # by a person, who knows
    seat = (
        Participation.objects.filter(incident=line.incident_id, organization=line.owner_id)
        .select_related("incident", "organization")
        .first()
    )
    if seat is None or not outbox.may_leave(seat.incident):
        return 0
    called = [person for person in _on_call(seat) if _sees(seat, person, line)][:MOST]
    minute = int(line.created_at.timestamp()) // 60
    for person in called:
        outbox.put(
            f"page:{seat.incident.public_id}:{person.public_id}:{minute}",
            "mail",
            person.email,
            f"alert:{line.public_id}",
            incident=seat.incident,
        )
    return len(called)


def _on_call(seat: Participation) -> list[Person]:
    """The party's commander and operations, with those who stand in; all of its people where it has
    given neither role to anybody."""
    roles = Role.objects.filter(
        incident=seat.incident,
        organization=seat.organization,
        role__in=ON_CALL,
        ended_at__isnull=True,
    ).select_related("person", "backup")
    given = {who.pk: who for row in roles for who in (row.person, row.backup) if who is not None}
    members = Membership.objects.filter(
        organization=seat.organization, ended_at__isnull=True, person__is_active=True
    ).select_related("person")
    people = [row.person for row in members.order_by("pk")]
    return [who for who in people if who.pk in given] or people


def _sees(seat: Participation, person: Person, line: TimelineEntry) -> bool:
    try:
        return access.may_see(access.actor_of(seat, person), line)
    except NotFound:
        return False
