"""Who sits in a room and who is to come, as a viewer may know it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, Q, QuerySet

from incidents import scope
from incidents.access.policy import Actor
from incidents.access.reading import participations_of, parties
from incidents.choices import Capacity, Consent
from incidents.exceptions import NotFound
from incidents.models import (
    ControlProof,
    Incident,
    Invitation,
    Organization,
    Participation,
    Person,
    Removal,
    Role,
)


def coordinators(incident: Incident) -> list[int]:
    """Organizations that know of everybody in the room. One that is gone may come back as another
    part, and would then read what was told to coordinators meanwhile."""
    rows = Participation.scoped.filter(
        incident=incident, capacity=Capacity.COORDINATOR, removed_at__isnull=True
    ).exclude(consent=Consent.DECLINED)
    return list(rows.values_list("organization_id", flat=True))


def get_party(viewer: Actor, incident: Incident, public_id: UUID | str) -> Participation:
    """One seat.

    :raises NotFound: absent, empty or hidden.
    """
    row = parties(viewer, incident).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def invitations(viewer: Actor, incident: Incident) -> QuerySet[Invitation]:
    """Proposals and invitations, newest first. Of a confidential one know the party that proposed
    it, the one that is to approve it, and the coordinators."""
    rows = Invitation.scoped.filter(incident=incident).select_related(
        "incident", "organization", "inviting", "approving", "invited_by", "approved_by"
    )
    if viewer.capacity is not Capacity.COORDINATOR and not viewer.is_system:
        own = Q(inviting=viewer.organization) | Q(approving=viewer.organization)
        rows = rows.filter(Q(is_confidential=False) | own)
    return rows.order_by("-pk")


def get_invitation(viewer: Actor, incident: Incident, public_id: UUID | str) -> Invitation:
    """One invitation.

    :raises NotFound: absent or hidden.
    """
    row = invitations(viewer, incident).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def invitations_for(person: Person) -> QuerySet[Invitation]:
    """Seats that wait for an organization of this person, which is known here."""
    scope.enter_person(person.pk)
    rows = Invitation.scoped.filter(
        organization__memberships__person=person,
        organization__memberships__ended_at__isnull=True,
        approved_at__isnull=False,
        accepted_at__isnull=True,
        revoked_at__isnull=True,
    )
    return rows.select_related("incident", "organization", "inviting").order_by("-approved_at")


def acquaintances(viewer: Actor, incident: Incident) -> QuerySet[Organization]:
    """Organizations that the viewer meets openly in other rooms and not in this one: whom it can
    name without a link, and learns nothing by it."""
    if viewer.person is None:
        return Organization.objects.none()
    rooms = participations_of(viewer.person).filter(
        consent=Consent.SIGNED, terms_version=F("incident__terms_version")
    )
    met = Participation.scoped.filter(
        incident__in=rooms.values("incident"), is_confidential=False, removed_at__isnull=True
    ).exclude(consent=Consent.DECLINED)
    here = parties(viewer, incident).values("organization")
    rows = Organization.objects.filter(pk__in=met.values("organization")).exclude(pk__in=here)
    return rows.order_by("name", "pk")


def removals(viewer: Actor, incident: Incident) -> QuerySet[Removal]:
    """Open questions whether a party is to be taken out, for those who decide. The party itself is
    not asked."""
    if viewer.capacity not in (Capacity.AFFECTED, Capacity.COORDINATOR):
        return Removal.scoped.none()
    rows = Removal.scoped.filter(
        participation__in=parties(viewer, incident), decided_at__isnull=True
    ).exclude(participation__organization=viewer.organization)
    return rows.select_related(
        "participation__organization", "participation__incident", "asked_by", "asked_for"
    )


def get_removal(viewer: Actor, incident: Incident, public_id: UUID | str) -> Removal:
    """One open question of removal.

    :raises NotFound: absent, decided or hidden.
    """
    row = removals(viewer, incident).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def roles(viewer: Actor, incident: Incident) -> QuerySet[Role]:
    """Who does what in the room at this moment, of parties that the viewer may know of."""
    rows = Role.scoped.filter(
        incident=incident,
        ended_at__isnull=True,
        organization__in=parties(viewer, incident).values("organization"),
    )
    return rows.select_related("organization", "person", "backup", "incident").order_by("pk")


def get_role(viewer: Actor, incident: Incident, public_id: UUID | str) -> Role:
    """One role that somebody holds now.

    :raises NotFound: absent, ended or hidden.
    """
    row = roles(viewer, incident).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def proofs(viewer: Actor, incident: Incident) -> QuerySet[ControlProof]:
    """What parties showed to control, newest first; of one's own also what waits to be signed."""
    rows = ControlProof.scoped.filter(participation__in=parties(viewer, incident))
    own = Q(participation=viewer.participation)
    rows = rows.filter(Q(proved_at__isnull=False) | own)
    return rows.select_related("participation__organization", "participation__incident").order_by(
        "-pk"
    )


def get_proof(viewer: Actor, incident: Incident, public_id: UUID | str) -> ControlProof:
    """One proof.

    :raises NotFound: absent or hidden.
    """
    row = proofs(viewer, incident).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def parties_shown(viewer: Actor, incident: Incident) -> QuerySet[Participation]:
    """As `parties`, with what their page shows of each."""
    return parties(viewer, incident).select_related(
        "organization", "sponsor", "vouched_by", "signed_by", "joined_by", "read_by"
    )


def people_for(seat: Participation) -> QuerySet[Person]:
    """Who speaks for the party of a seat. Whoever holds the seat may know of it."""
    return Person.objects.filter(
        is_active=True,
        memberships__organization=seat.organization_id,
        memberships__ended_at__isnull=True,
    ).order_by("name", "email")
