"""What somebody may do has changed: let it reach every open page, socket and cached answer.

Called in the transaction that changes what the policy reads: seats, consent, capacity, roles,
confidentiality, membership, sessions. It raises the epoch of each room concerned, which no cached
answer survives, and tells every web process once that has committed. Where the message is lost,
web processes find the epoch by themselves (hub.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from incidents import scope
from incidents.models import Incident, Organization, Participation, Person
from incidents.queue import nudge_on_commit


@scope.trusted
@transaction.atomic
def reaches(
    *,
    incidents: Iterable[Incident] = (),
    person: Person | None = None,
    organization: Organization | None = None,
) -> int:
    """Raise the epoch of these rooms, of every room that the person can enter or could until a
    moment ago, and of every room where the organization sits or sat; returns how many.

    It locks the rooms in the order of their keys: whoever locks a room as well (``timeline.lock``)
    and calls this for a person or an organization, calls this first.
    """
    wanted = {incident.pk for incident in incidents}
    seats = Participation.objects.order_by()
    if person is not None:
        found = seats.filter(organization__memberships__person=person)
        wanted.update(found.values_list("incident", flat=True))
    if organization is not None:
        found = seats.filter(organization=organization)
        wanted.update(found.values_list("incident", flat=True))
    rows = Incident.objects.filter(pk__in=wanted)
    locked = list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    Incident.objects.filter(pk__in=locked).update(epoch=F("epoch") + 1)
    for pk in locked:
        nudge_on_commit(pk)
    return len(locked)
