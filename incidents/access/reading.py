"""Reading for a person: their incidents, and the things of a room as they may see them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from incidents import scope
from incidents.access.policy import Actor, Proof, Surface, visible
from incidents.choices import DESKS, Capacity, Consent, RoomRole
from incidents.exceptions import ConsentRequired, NotFound
from incidents.models import (
    FreezeAnswer,
    FreezeRequest,
    FreezeTarget,
    HoldOff,
    Incident,
    Membership,
    Organization,
    Participation,
    Person,
    ReleaseOrder,
    ReleaseRequest,
    Role,
    SignOff,
    Statement,
    StatusPage,
    TimelineEntry,
    TrackedAddress,
)

# --- entering ------------------------------------------------------------------------------


# A seat that is taken or offered, and a membership that holds: listening.py asks by them too.
SEATED = Q(removed_at__isnull=True) & ~Q(consent=Consent.DECLINED)
BELONGS = Q(ended_at__isnull=True, person__is_active=True)


def participations_of(person: Person) -> QuerySet[Participation]:
    """Every seat of every organization that the person belongs to."""
    scope.enter_person(person.pk)
    own = Membership.objects.filter(BELONGS, person=person)
    return Participation.scoped.filter(SEATED, organization__in=own.values("organization"))


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


def get_actor(
    person: Person, slug: str, *, proof: Proof = Proof.SESSION, seat: str = ""
) -> tuple[Incident, Actor]:
    """The incident and the person's seat in it, consent or not. ``seat``: the public id of the one
    to take where the person has several; otherwise, or if it is not theirs, the oldest.

    :raises NotFound: absent or not theirs, in the same words.
    """
    if not person.is_authenticated or not person.is_active:
        raise NotFound
    seats = list(
        participations_of(person)
        .filter(incident__slug=slug)
        .select_related("incident", "organization")
        .annotate(roles=_roles(person), is_silent=_is_silent(person))
        .order_by("pk")
    )
    if not seats:
        raise NotFound
    taken = next((one for one in seats if str(one.public_id) == seat), seats[0])
    scope.enter_person(person.pk, taken.organization_id)
    others = tuple(seats) if len(seats) > 1 else ()
    actor = _actor(taken, person, proof, taken.roles, not taken.is_silent, others)
    return taken.incident, actor


def get_incident(
    person: Person, slug: str, *, proof: Proof = Proof.SESSION, seat: str = ""
) -> tuple[Incident, Actor]:
    """The incident for a person whose organization has signed its terms.

    :raises NotFound: absent or not theirs.
    :raises ConsentRequired: they are invited and see only that.
    """
    incident, actor = get_actor(person, slug, proof=proof, seat=seat)
    if not actor.has_consented:
        raise ConsentRequired
    return incident, actor


def actor_of(participation: Participation, person: Person) -> Actor:
    """A person acting for one seat by our own code (the drill's acts, a service, tests): nobody's
    request, so no passkey is asked for.

    :raises NotFound: the person does not belong to that organization.
    """
    member = Membership.objects.filter(
        person=person, organization=participation.organization_id, ended_at__isnull=True
    )
    if not member.exists():
        raise NotFound
    rows = Participation.scoped.filter(pk=participation.pk)
    roles, is_silent = rows.values_list(_roles(person), _is_silent(person)).get()
    return _actor(participation, person, Proof.CODE, roles or [], not is_silent)


def _roles(person: Person) -> ArraySubquery:
    """What the person does in the room of a seat, for its organization."""
    roles = Role.scoped.filter(
        incident=OuterRef("incident"),
        organization=OuterRef("organization"),
        person=person,
        ended_at__isnull=True,
    )
    return ArraySubquery(roles.order_by("role").values("role"))


def _is_silent(person: Person) -> Exists:
    """Whether somebody else speaks in public for the organization of a seat."""
    speaking = Role.scoped.filter(
        incident=OuterRef("incident"),
        organization=OuterRef("organization"),
        role=RoomRole.COMMUNICATOR,
        ended_at__isnull=True,
    )
    return Exists(speaking.exclude(Q(person=person) | Q(backup=person)))


def _actor(
    seat: Participation,
    person: Person,
    proof: Proof,
    roles: Collection[str],
    is_speaking: bool,
    seats: tuple[Participation, ...] = (),
) -> Actor:
    return Actor(
        person,
        seat.organization,
        seat,
        seat.incident.terms_version,
        proof=proof,
        roles=frozenset(RoomRole(role) for role in roles),
        is_speaking=is_speaking,
        seats=seats,
    )


# --- the room's things, for a viewer ---------------------------------------------------------


def entries(viewer: Actor, incident: Incident) -> QuerySet[TimelineEntry]:
    """The timeline, newest last. A desk reads nothing of requests that are not with it."""
    rows = TimelineEntry.scoped.filter(incident=incident).select_related(
        "entry__organization", "owner"
    )
    if viewer.capacity in DESKS:
        requests = freezes(viewer, incident).values_list("public_id", flat=True)
        own = [f"freeze:{public_id}" for public_id in requests]
        rows = rows.filter(~Q(subject__startswith="freeze:") | Q(subject__in=own))
    return visible(viewer, rows).order_by("seq")


def entries_after(viewer: Actor, incident: Incident, seq: int) -> QuerySet[TimelineEntry]:
    """What came after an internal sequence number (never shown to a party)."""
    return entries(viewer, incident).filter(seq__gt=seq)


def with_told(
    viewer: Actor,
    incident: Incident,
    lines: Sequence[TimelineEntry],
    seq: int,
    most: int,
    longest: int | None = None,
) -> tuple[list[TimelineEntry], int]:
    """``lines`` that follow on ``seq``, each led by the older ones that it lets more people see: a
    line that becomes visible later reaches whoever is past its place. And how many of ``lines``
    that took: at most ``most`` in all, but never part of what one of them tells, of which only the
    ``longest`` newest are given.
    """
    wide = [line.pk for line in lines if line.kind == "item.remarked"]
    older: dict[int, list[TimelineEntry]] = {}
    if wide:
        rows = entries(viewer, incident).filter(moved_by__remark__in=wide, moved_by__tells=True)
        rows = rows.filter(seq__lte=seq).annotate(by=F("moved_by__remark"))
        for row in rows.prefetch_related("entry__personal"):
            older.setdefault(row.by, []).append(row)
    given: list[TimelineEntry] = []
    for taken, line in enumerate(lines):
        told = older.get(line.pk, [])
        group = [*(told if longest is None else told[-longest:]), line]
        if given and len(given) + len(group) > most:
            return given, taken
        given += group
    return given, len(lines)


def cursor_to_seq(viewer: Actor, incident: Incident, cursor: str) -> int:
    """The sequence behind an opaque cursor (an entry's public id); 0 when there is none that the
    viewer may see: a hidden one answers as an unknown one does."""
    try:
        public_id = uuid.UUID(cursor)
    except ValueError:
        return 0
    row = entries(viewer, incident).filter(public_id=public_id).first()
    return row.seq if row else 0


def addresses(viewer: Actor, incident: Incident) -> QuerySet[TrackedAddress]:
    """The room's addresses that the viewer may see."""
    rows = TrackedAddress.scoped.filter(incident=incident)
    rows = rows.select_related("owner", "called_for", "confirmed_for")
    return visible(viewer, rows).order_by("pk")


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
    rows = FreezeRequest.scoped.filter(incident=incident)
    rows = (
        visible(viewer, rows).select_related("owner", "desk", "alone").prefetch_related("targets")
    )
    if viewer.capacity in DESKS:
        rows = rows.filter(desk=viewer.organization, sent_at__isnull=False)
    return rows.order_by("-pk")


def get_freeze(viewer: Actor, incident: Incident, public_id: UUID | str) -> FreezeRequest:
    """One freeze request.

    :raises NotFound: absent or hidden.
    """
    row = freezes(viewer, incident).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def get_target(viewer: Actor, incident: Incident, public_id: UUID | str) -> FreezeTarget:
    """One target of a request that the viewer may see.

    :raises NotFound: absent or hidden.
    """
    row = (
        FreezeTarget.scoped.filter(public_id=public_id, request__in=freezes(viewer, incident))
        .select_related("request")
        .first()
    )
    if row is None:
        raise NotFound
    return row


def freeze_answers(viewer: Actor, incident: Incident) -> QuerySet[FreezeAnswer]:
    """The answers that the viewer may see, to requests that they may see."""
    rows = FreezeAnswer.scoped.filter(target__request__in=freezes(viewer, incident))
    return visible(viewer, rows).select_related("target__request__incident", "owner")


def statements(viewer: Actor, incident: Incident) -> QuerySet[Statement]:
    """The statements that the viewer may see, newest first, with the words of parties that
    they may know of. Of a published one only words on the text as published: who reads it now may
    have seen no draft of it."""
    shown = SignOff.scoped.filter(
        Q(statement__published_at__isnull=True) | Q(digest=F("statement__digest")),
        organization__in=parties(viewer, incident).values("organization"),
    ).select_related("organization")
    rows = Statement.scoped.filter(incident=incident).select_related("owner")
    rows = rows.prefetch_related(Prefetch("sign_offs", shown.order_by("pk")))
    return visible(viewer, rows).order_by("-pk")


def get_statement(viewer: Actor, incident: Incident, public_id: UUID | str) -> Statement:
    """One statement.

    :raises NotFound: absent or hidden.
    """
    row = statements(viewer, incident).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def parties(viewer: Actor, incident: Incident) -> QuerySet[Participation]:
    """Who sits in the room. A confidential party is seen by itself and the coordinator only."""
    rows = Participation.scoped.filter(incident=incident, removed_at__isnull=True)
    rows = rows.exclude(consent=Consent.DECLINED)
    if viewer.capacity is not Capacity.COORDINATOR and not viewer.is_system:
        rows = rows.filter(Q(is_confidential=False) | Q(organization=viewer.organization))
    return rows.select_related("organization").order_by("pk")


def releases(viewer: Actor, incident: Incident) -> QuerySet[ReleaseRequest]:
    """Requests for a release that the viewer's party made or has to answer, newest first."""
    if viewer.organization is None or not viewer.has_consented:
        return ReleaseRequest.scoped.none()
    rows = ReleaseRequest.scoped.filter(incident=incident)
    mine = Q(owner=viewer.organization) | Q(asked_for=viewer.organization)
    rows = rows.filter(mine).select_related("incident", "asked_by", "asked_for", "owner")
    return rows.order_by("-pk")


def get_release(viewer: Actor, incident: Incident, public_id: UUID | str) -> ReleaseRequest:
    """One of them.

    :raises NotFound: absent, or between others.
    """
    row = releases(viewer, incident).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def release_orders(viewer: Actor, target: FreezeTarget) -> QuerySet[ReleaseOrder]:
    """Orders about a target that the viewer sees, newest first."""
    if not viewer.has_consented:
        return ReleaseOrder.scoped.none()
    rows = ReleaseOrder.scoped.filter(target=target)
    return rows.select_related("proposed_for", "agreed_for").order_by("-pk")


def hold_offs(viewer: Actor, incident: Incident) -> QuerySet[HoldOff]:
    """The instructions of the viewer's own party, newest first; nobody reads another's."""
    if viewer.organization is None or not viewer.has_consented:
        return HoldOff.scoped.none()
    rows = HoldOff.scoped.filter(incident=incident, organization=viewer.organization)
    return rows.select_related("incident", "set_by").order_by("-pk")


def published_page(slug: str) -> StatusPage:
    """A public status page.

    :raises NotFound: there is none, or it is not public.
    """
    scope.enter(scope.PUBLIC)
    page = StatusPage.objects.filter(slug=slug, is_public=True).select_related("incident").first()
    if page is None:
        raise NotFound
    return page


def published_statements(incident: Incident) -> QuerySet[Statement]:
    """What the public may read: published and TLP:CLEAR."""
    rows = Statement.scoped.filter(incident=incident, published_at__isnull=False)
    shown = SignOff.scoped.exclude(organization__in=_confidential(incident))
    return (
        visible(None, rows, Surface.PUBLIC)
        .prefetch_related(Prefetch("sign_offs", shown.select_related("organization")))
        .order_by("-published_at")
    )


@scope.trusted
def _confidential(incident: Incident) -> list[int]:
    """The organizations that nobody may hear of. Not a sub-select: who may not see their seats
    would find none there, and so hide nothing."""
    rows = Participation.objects.filter(incident=incident, is_confidential=True)
    return list(rows.values_list("organization", flat=True))


def status_page(incident: Incident) -> StatusPage:
    """The incident's public page, published or not: for parties of its room."""
    return StatusPage.objects.get(incident=incident)
