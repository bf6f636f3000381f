"""An organization's own people: who may look at them, who runs them. No other organization's
people are anybody's business, and neither is any of this the installation's administrator's."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from incidents.access.policy import Proof
from incidents.exceptions import NotFound, NotYours, StepUpRequired, TokenNotEnough
from incidents.models import Membership, Organization, Person, Recovery


def get_organization(person: Person, public_id: UUID | str) -> Organization:
    """An organization for one of its members.

    :raises NotFound: absent or not theirs, in the same words.
    """
    row = Organization.objects.filter(
        public_id=public_id,
        memberships__person=person,
        memberships__person__is_active=True,
        memberships__ended_at__isnull=True,
    ).first()
    if row is None:
        raise NotFound
    return row


def members(organization: Organization) -> QuerySet[Membership]:
    """Its memberships that were not ended, by name."""
    rows = Membership.objects.filter(organization=organization, ended_at__isnull=True)
    return rows.select_related("person").order_by("person__name", "person__email")


def get_member(organization: Organization, public_id: UUID | str) -> Membership:
    """The membership of one person (by public id).

    :raises NotFound: they are nobody of this organization.
    """
    row = members(organization).filter(person__public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def runs(person: Person, organization: Organization) -> bool:
    """Whether the person is one of the organization's administrators: what a page offers."""
    return members(organization).filter(person=person, is_administrator=True).exists()


def require_administrator_of(person: Person, organization: Organization, proof: Proof) -> None:
    """The gate of every change of membership.

    :raises NotFound: not their organization. :raises NotYours: not one of its administrators.
    :raises StepUpRequired: the passkey again. :raises TokenNotEnough: no token does this.
    """
    require_member(person, organization)
    if not runs(person, organization):
        raise NotYours("Only an administrator of your organization does this.")
    require_fresh(proof)


def require_member(person: Person, organization: Organization) -> None:
    """:raises NotFound: the organization is not theirs."""
    get_organization(person, organization.public_id)


def require_fresh(proof: Proof) -> None:
    """:raises StepUpRequired: the passkey again. :raises TokenNotEnough: no token does this."""
    if proof in (Proof.TOKEN, Proof.READ_TOKEN):
        raise TokenNotEnough
    if proof is Proof.SESSION:
        raise StepUpRequired


def recoveries_told(organization: Organization) -> QuerySet[Recovery]:
    """Recoveries that are going on of anybody who is a member here, whichever organization asked:
    a new passkey would open every room of theirs."""
    rows = Recovery.objects.filter(
        person__memberships__organization=organization,
        person__memberships__ended_at__isnull=True,
        stopped_at__isnull=True,
        used_at__isnull=True,
    )
    people = ("person", "organization", "asked_by", "approved_by", "issued_by")
    return rows.select_related(*people).order_by("pk").distinct()


def get_recovery(organization: Organization, public_id: UUID | str) -> Recovery:
    """One of `recoveries_told`.

    :raises NotFound: absent, over, or nobody's here.
    """
    row = recoveries_told(organization).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row
