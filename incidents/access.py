"""What a party may see and do. Every read for a person starts here; nobody else decides.

TLP 2.0 decides the surface (DESIGN.md section 4). The policy exists twice on purpose, as a
predicate (`may_see`) and as a filter (`visible`); a test holds them equal for every combination.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from incidents.choices import DESKS, Capacity, Consent, Marking, Stage
from incidents.exceptions import ConsentRequired, IncidentClosed, NotFound, NotYours
from incidents.models import (
    FreezeRequest,
    FreezeTarget,
    Incident,
    Membership,
    Organization,
    Participation,
    Person,
    Statement,
    StatusPage,
    TimelineEntry,
    TrackedAddress,
)
from incidents.models.marked import Marked

Row = TypeVar("Row", bound=Model)


class Surface(StrEnum):
    """Where something is about to be shown."""

    ROOM = "room"  # pages, API, sockets, search, counts of a signed party
    RECIPIENT = "recipient"  # a packet to a desk
    COMMUNITY = "community"  # other organizations here, community feeds
    PUBLIC = "public"  # the status page


@dataclass(frozen=True)
class Actor:
    """Who looks or acts: a person for an organization in an incident, or SYSTEM (the tracer)."""

    person: Person | None
    organization: Organization | None
    participation: Participation | None
    terms_version: int = 0

    @property
    def is_system(self) -> bool:
        return self.person is None

    @property
    def capacity(self) -> Capacity | None:
        return Capacity(self.participation.capacity) if self.participation else None

    @property
    def has_consented(self) -> bool:
        return self.participation is not None and self.participation.has_consented(
            self.terms_version
        )

    @property
    def ledger_name(self) -> str:
        return str(self.person.public_id) if self.person else "system"


SYSTEM = Actor(None, None, None)


# --- seeing --------------------------------------------------------------------------------

_SHOWN_ON = {
    Surface.ROOM: (Marking.AMBER_STRICT, Marking.AMBER, Marking.GREEN, Marking.CLEAR),
    Surface.RECIPIENT: (Marking.AMBER, Marking.GREEN, Marking.CLEAR),
    Surface.COMMUNITY: (Marking.GREEN, Marking.CLEAR),
    Surface.PUBLIC: (Marking.CLEAR,),
}

# A row that the whole room sees.
SHOWN_TO_THE_ROOM = Q(
    marking__in=_SHOWN_ON[Surface.ROOM],
    audience_people__isnull=True,
    audience_organizations__isnull=True,
)


def may_see(viewer: Actor | None, item: Marked, surface: Surface = Surface.ROOM) -> bool:
    """Whether ``viewer`` may see ``item`` on ``surface``. No viewer: nobody in particular.

    Whether the viewer is in the item's incident at all is asked before, by `get_incident`.
    """
    if viewer is not None and viewer.is_system:
        return True
    if surface is not Surface.ROOM:
        narrowed = item.audience_people is not None or item.audience_organizations is not None
        return item.marking in _SHOWN_ON[surface] and not narrowed
    if viewer is None or viewer.person is None or viewer.organization is None:
        return False
    if not viewer.has_consented:
        return False
    if item.author_id == viewer.person.pk:
        return True
    named = viewer.person.pk in (item.audience_people or ())
    if item.marking == Marking.RED:
        return named
    # An unstated marking, or one that this release does not know, is for its author alone.
    if item.marking not in _SHOWN_ON[Surface.ROOM]:
        return False
    if item.audience_people is None and item.audience_organizations is None:
        return True
    if named:
        return True
    if item.audience_organizations is None:
        return False
    return (
        viewer.organization.pk in item.audience_organizations
        or item.owner_id == viewer.organization.pk
    )


def visible(
    viewer: Actor | None, rows: QuerySet[Row], surface: Surface = Surface.ROOM, prefix: str = ""
) -> QuerySet[Row]:
    """``rows`` cut to what `may_see` allows. ``prefix`` leads to the Marked row ("request__")."""

    def q(**conditions: object) -> Q:
        return Q(**{prefix + name: value for name, value in conditions.items()})

    if viewer is not None and viewer.is_system:
        return rows
    if surface is not Surface.ROOM:
        return rows.filter(
            q(
                marking__in=_SHOWN_ON[surface],
                audience_people__isnull=True,
                audience_organizations__isnull=True,
            )
        )
    if viewer is None or viewer.person is None or viewer.organization is None:
        return rows.none()
    if not viewer.has_consented:
        return rows.none()
    author = q(author=viewer.person)
    named = q(audience_people__contains=[viewer.person.pk], marking__in=Marking.values)
    open_marking = q(marking__in=_SHOWN_ON[Surface.ROOM])
    everyone = q(audience_people__isnull=True, audience_organizations__isnull=True)
    organization = q(audience_organizations__contains=[viewer.organization.pk]) | q(
        audience_organizations__isnull=False, owner=viewer.organization
    )
    return rows.filter(author | named | (open_marking & (everyone | organization)))


# --- doing ---------------------------------------------------------------------------------


class Act(StrEnum):
    """What a party can do in a room."""

    WRITE = "write"  # notes, addresses, drafts
    INVITE = "invite"
    TRACE = "trace"
    REQUEST_FREEZE = "request_freeze"
    ANSWER_FREEZE = "answer_freeze"
    SIGN = "sign"
    PUBLISH = "publish"
    ACCEPT_RETURN = "accept_return"


_AFFECTED = {
    Act.WRITE,
    Act.INVITE,
    Act.TRACE,
    Act.REQUEST_FREEZE,
    Act.SIGN,
    Act.PUBLISH,
    Act.ACCEPT_RETURN,
}
_CAN: dict[Capacity, set[Act]] = {
    Capacity.AFFECTED: _AFFECTED,
    Capacity.COORDINATOR: _AFFECTED,
    Capacity.ANALYTICS: {Act.WRITE, Act.TRACE},
    Capacity.WHITE_HAT: {Act.WRITE},
    Capacity.LAW_ENFORCEMENT: {Act.WRITE},
    **{desk: {Act.WRITE, Act.ANSWER_FREEZE} for desk in DESKS},
}


def can(actor: Actor, act: Act) -> bool:
    """Whether the actor's capacity carries ``act``."""
    if actor.is_system:
        return True
    if actor.capacity is None or not actor.has_consented:
        return False
    return act in _CAN[actor.capacity]


def require(actor: Actor, incident: Incident, act: Act) -> None:
    """The one gate that every service passes.

    :raises IncidentClosed: nothing can be added.
    :raises ConsentRequired: the party has not signed the terms in force.
    :raises NotYours: its capacity does not carry the act.
    """
    if incident.stage == Stage.CLOSED:
        raise IncidentClosed
    if actor.is_system:
        return
    if actor.participation is None or actor.participation.incident_id != incident.pk:
        raise NotFound
    if not actor.participation.has_consented(incident.terms_version):
        raise ConsentRequired
    if not can(actor, act):
        raise NotYours


# --- entering ------------------------------------------------------------------------------


def participations_of(person: Person) -> QuerySet[Participation]:
    """Every seat of every organization that the person belongs to."""
    return Participation.objects.filter(
        organization__memberships__person=person,
        organization__memberships__ended_at__isnull=True,
        organization__memberships__person__is_active=True,
    ).exclude(consent=Consent.DECLINED)


def incidents_of(person: Person) -> QuerySet[Participation]:
    """The person's seats with their incidents, newest incident first."""
    return (
        participations_of(person)
        .select_related("incident", "organization")
        .order_by("-incident__opened_at", "organization__name")
    )


def organizations_of(person: Person) -> QuerySet[Organization]:
    """The organizations that the person speaks for."""
    return Organization.objects.filter(
        memberships__person=person, memberships__ended_at__isnull=True
    ).order_by("name")


def get_actor(person: Person, slug: str) -> tuple[Incident, Actor]:
    """The incident and the person's seat in it, consent or not.

    :raises NotFound: absent or not theirs, in the same words.
    """
    if not person.is_authenticated or not person.is_active:
        raise NotFound
    seat = (
        participations_of(person)
        .filter(incident__slug=slug)
        .select_related("incident", "organization")
        .order_by("pk")
        .first()
    )
    if seat is None:
        raise NotFound
    return seat.incident, Actor(person, seat.organization, seat, seat.incident.terms_version)


def get_incident(person: Person, slug: str) -> tuple[Incident, Actor]:
    """The incident for a person whose organization has signed its terms.

    :raises NotFound: absent or not theirs.
    :raises ConsentRequired: they are invited and see only that.
    """
    incident, actor = get_actor(person, slug)
    if not actor.has_consented:
        raise ConsentRequired
    return incident, actor


def actor_of(participation: Participation, person: Person) -> Actor:
    """A person acting for one seat (the drill's acts, tests).

    :raises NotFound: the person does not belong to that organization.
    """
    member = Membership.objects.filter(
        person=person, organization=participation.organization_id, ended_at__isnull=True
    )
    if not member.exists():
        raise NotFound
    return Actor(
        person,
        participation.organization,
        participation,
        participation.incident.terms_version,
    )


def audience_key(viewer: Actor, incident: Incident, *, has_person_audience: bool) -> str:
    """Digest of every input that the policy reads: viewers of one key may share the same bytes."""
    seat = viewer.participation
    parts = [
        str(incident.pk),
        str(incident.epoch),
        str(viewer.organization.pk if viewer.organization else ""),
        str(viewer.capacity),
        str(viewer.has_consented),
        str(seat.terms_version if seat else ""),
    ]
    # An author sees their own narrowed and unmarked entries: only entries with an audience or of
    # marking RED can differ between two people of one organization.
    if has_person_audience:
        parts.append(str(viewer.person.pk if viewer.person else ""))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


# --- the room's things, for a viewer ---------------------------------------------------------


def entries(viewer: Actor, incident: Incident) -> QuerySet[TimelineEntry]:
    """The timeline, newest last. A desk reads nothing of requests that are not with it."""
    rows = TimelineEntry.objects.filter(incident=incident).select_related("entry", "owner")
    if viewer.capacity in DESKS:
        requests = freezes(viewer, incident).values_list("public_id", flat=True)
        own = [f"freeze:{public_id}" for public_id in requests]
        rows = rows.filter(~Q(subject__startswith="freeze:") | Q(subject__in=own))
    return visible(viewer, rows).order_by("seq")


def entries_after(viewer: Actor, incident: Incident, seq: int) -> QuerySet[TimelineEntry]:
    """What came after an internal sequence number (never shown to a party)."""
    return entries(viewer, incident).filter(seq__gt=seq)


def cursor_to_seq(incident: Incident, cursor: str) -> int:
    """The sequence behind an opaque cursor (an entry's public id); 0 when there is none."""
    try:
        public_id = uuid.UUID(cursor)
    except ValueError:
        return 0
    row = TimelineEntry.objects.filter(incident=incident, public_id=public_id).first()
    return row.seq if row else 0


def addresses(viewer: Actor, incident: Incident) -> QuerySet[TrackedAddress]:
    """The room's addresses that the viewer may see."""
    return visible(viewer, TrackedAddress.objects.filter(incident=incident)).order_by("pk")


def get_address(viewer: Actor, incident: Incident, chain: str, address: str) -> TrackedAddress:
    """One tracked address.

    :raises NotFound: absent or hidden.
    """
    row = addresses(viewer, incident).filter(chain=chain, address=address).first()
    if row is None:
        raise NotFound
    return row


def freezes(viewer: Actor, incident: Incident) -> QuerySet[FreezeRequest]:
    """The freeze requests that the viewer may see. A desk sees its own, once they were sent."""
    rows = FreezeRequest.objects.filter(incident=incident)
    rows = visible(viewer, rows).select_related("owner", "desk").prefetch_related("targets")
    if viewer.capacity in DESKS:
        rows = rows.filter(desk=viewer.organization, sent_at__isnull=False)
    return rows.order_by("-pk")


def get_freeze(viewer: Actor, incident: Incident, public_id: object) -> FreezeRequest:
    """One freeze request.

    :raises NotFound: absent or hidden.
    """
    row = freezes(viewer, incident).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def get_target(viewer: Actor, incident: Incident, public_id: object) -> FreezeTarget:
    """One target of a request that the viewer may see.

    :raises NotFound: absent or hidden.
    """
    row = (
        FreezeTarget.objects.filter(public_id=public_id, request__in=freezes(viewer, incident))
        .select_related("request")
        .first()
    )
    if row is None:
        raise NotFound
    return row


def statements(viewer: Actor, incident: Incident) -> QuerySet[Statement]:
    """The statements that the viewer may see, newest first."""
    rows = Statement.objects.filter(incident=incident).prefetch_related("sign_offs__organization")
    return visible(viewer, rows).order_by("-pk")


def get_statement(viewer: Actor, incident: Incident, public_id: object) -> Statement:
    """One statement.

    :raises NotFound: absent or hidden.
    """
    row = statements(viewer, incident).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def parties(viewer: Actor, incident: Incident) -> QuerySet[Participation]:
    """Who sits in the room. A confidential party is seen by itself and the coordinator only."""
    rows = Participation.objects.filter(incident=incident).exclude(consent=Consent.DECLINED)
    if viewer.capacity is not Capacity.COORDINATOR and not viewer.is_system:
        rows = rows.filter(Q(is_confidential=False) | Q(organization=viewer.organization))
    return rows.select_related("organization").order_by("pk")


def published_page(slug: str) -> StatusPage:
    """A public status page.

    :raises NotFound: there is none, or it is not public.
    """
    page = StatusPage.objects.filter(slug=slug, is_public=True).select_related("incident").first()
    if page is None:
        raise NotFound
    return page


def published_statements(incident: Incident) -> QuerySet[Statement]:
    """What the public may read: published and TLP:CLEAR."""
    rows = Statement.objects.filter(incident=incident, published_at__isnull=False)
    return (
        visible(None, rows, Surface.PUBLIC)
        .prefetch_related("sign_offs__organization")
        .order_by("-published_at")
    )
