"""Who would see something before it is saved: asked of the policy, for each person there is."""

from __future__ import annotations

from dataclasses import dataclass

from incidents import access, scope
from incidents.access import Actor, Mark, Surface
from incidents.choices import DESKS, Marking
from incidents.exceptions import NotFound
from incidents.models import Incident, Membership, Participation, Person, TimelineEntry
from incidents.models.marked import Marked
from incidents.services import timeline
from incidents.services.timeline import Audience

SURFACES = (
    (Surface.RECIPIENT, "Recipients of a request that it is attached to"),
    (Surface.COMMUNITY, "Other organizations here"),
    (Surface.PUBLIC, "The public page, once published"),
)


@dataclass(frozen=True)
class Seen:
    """One party: ``who`` is "everybody", "nobody", or the names of those who would see it."""

    party: str
    who: str
    note: str = ""

    @property
    def is_seen(self) -> bool:
        return self.who != "nobody"


@dataclass(frozen=True)
class Preview:
    """What carries this marking and audience, as each party would have it."""

    marking: str
    parties: tuple[Seen, ...]
    surfaces: tuple[tuple[str, bool], ...]


def of(
    incident: Incident,
    marking: str,
    *,
    actor: Actor,
    audience: Audience,
    item: Marked | None = None,
    desk: int | None = None,
    is_request: bool = False,
) -> Preview:
    """Ask `access.may_see` for every person of every party that the actor sees. ``item``: one that
    is there, else one of the actor's own. A request is read by its ``desk`` alone of the desks.

    :raises MarkingRequired, AudienceRequired: see `timeline.check_marking`.
    """
    timeline.check_marking(marking, audience)
    audience = timeline.reach(actor, audience)
    organizations, people = audience.organizations, audience.people
    row = TimelineEntry(
        marking=marking,
        owner=item.owner if item else actor.organization,
        author=item.author if item else actor.person,
        audience_organizations=organizations,
        audience_people=people,
    )
    seats = access.parties(actor, incident)
    return Preview(
        marking=marking,
        parties=tuple(_seen(seat, incident, row, desk, is_request) for seat in seats),
        surfaces=tuple((words, access.may_see(None, row, on)) for on, words in SURFACES),
    )


@scope.trusted
def _seen(
    seat: Participation, incident: Incident, row: Marked, desk: int | None, is_request: bool
) -> Seen:
    name = seat.organization.name
    if not seat.has_consented(incident.terms_version):
        return Seen(name, "nobody", "has not signed the terms in force")
    if is_request and seat.capacity in DESKS:
        if seat.organization_id != desk:
            return Seen(name, "nobody", "reads requests to itself alone")
        note = "once it is sent"
    else:
        note = ""
    members = Membership.objects.filter(
        organization=seat.organization_id, ended_at__isnull=True, person__is_active=True
    ).select_related("person")
    everybody = [member.person for member in members.order_by("person__name", "person")]
    seeing = [one for one in everybody if _sees(seat, one, row)]
    if not seeing:
        return Seen(name, "nobody")
    if len(seeing) == len(everybody) and Mark.of(row).marking != Marking.RED:
        return Seen(name, "everybody", note)
    return Seen(name, ", ".join(str(one) for one in seeing), note)


def _sees(seat: Participation, person: Person, row: Marked) -> bool:
    try:
        return access.may_see(access.actor_of(seat, person), row)
    except NotFound:
        return False
