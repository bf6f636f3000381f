"""Hold-off: law enforcement asks that an address is not frozen, so that nobody is warned.

That one stands blocks sending (services/presend.py), in words that say no more. Who gave it, why,
and that it was given at all is known to the party that gave it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from incidents import access, events, scope
from incidents.access import Act, Actor
from incidents.choices import Capacity, Marking
from incidents.exceptions import BadInput, NotFound, NotYours, WrongState
from incidents.models import HoldOff, Incident, Organization, Person
from incidents.services import timeline
from incidents.services.addresses import parse
from incidents.services.timeline import Audience

LONGEST_REASON = 500


def standing() -> Q:
    """Instructions that stand now."""
    now = timezone.now()
    return Q(lifted_at__isnull=True) & (Q(until__isnull=True) | Q(until__gt=now))


@scope.trusted
@transaction.atomic
def ask(
    incident: Incident,
    chain: str,
    address: str,
    *,
    actor: Actor,
    reason: str = "",
    until: datetime | None = None,
) -> HoldOff:
    """Ask that no freeze of an address is asked for. Of the same party's, one stands at a time.

    :raises NotYours: not law enforcement. :raises BadInput: no such address, or an end in the past.
    :raises WrongState: theirs stands already.
    """
    organization, person = _of(actor, incident)
    chain, address = parse(chain, address)
    timeline.lock(incident)
    reason = " ".join(reason.split())
    if len(reason) > LONGEST_REASON:
        raise BadInput(f"At most {LONGEST_REASON} characters.", field="reason")
    if until is not None and until <= timezone.now():
        raise BadInput("It would be over already.", field="until")
    known = HoldOff.objects.filter(
        standing(), incident=incident, organization=organization, chain=chain, address=address
    )
    if known.exists():
        raise WrongState("Your instruction stands already.")
    row = HoldOff.objects.create(
        incident=incident,
        organization=organization,
        chain=chain,
        address=address,
        reason=reason,
        until=until,
        set_by=person,
    )
    end = until.isoformat() if until else None
    _record(row, events.HoldOffSet(chain=chain, address=address, reason=reason, until=end), actor)
    return row


@scope.trusted
@transaction.atomic
def lift(row: HoldOff, *, actor: Actor) -> HoldOff:
    """A freeze may be asked for again.

    :raises NotFound: another party's. :raises WrongState: lifted already.
    """
    organization, person = _of(actor, row.incident)
    timeline.lock(row.incident)
    row = HoldOff.objects.select_related("incident", "organization").get(pk=row.pk)
    if row.organization != organization:
        raise NotFound
    if row.lifted_at is not None:
        raise WrongState
    row.lifted_by, row.lifted_at = person, timezone.now()
    row.save(update_fields=["lifted_by", "lifted_at"])
    _record(row, events.HoldOffLifted(chain=row.chain, address=row.address), actor)
    return row


def is_theirs(actor: Actor) -> bool:
    """Whether somebody may give such instructions here."""
    return actor.capacity is Capacity.LAW_ENFORCEMENT and access.can(actor, Act.WRITE)


@scope.trusted
def people(incident: Incident, chain: str, address: str) -> set[int] | None:
    """Who gave an instruction that stands on an address; None: nobody did."""
    rows = HoldOff.objects.filter(standing(), incident=incident, chain=chain, address=address)
    return set(rows.values_list("set_by_id", flat=True)) or None


def _of(actor: Actor, incident: Incident) -> tuple[Organization, Person]:
    access.require(actor, incident, Act.WRITE)
    if not is_theirs(actor) or actor.organization is None or actor.person is None:
        raise NotYours("Law enforcement alone gives such an instruction.")
    return actor.organization, actor.person


def _record(row: HoldOff, event: events.Event, actor: Actor) -> None:
    """Told to the party itself: not to coordinators either."""
    timeline.record(
        row.incident,
        event,
        actor=actor,
        marking=Marking.AMBER_STRICT,
        audience=Audience(organizations=[row.organization_id]),
        owner=row.organization,
    )
