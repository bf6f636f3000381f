"""Organizations and their people, as an operator or a drill sets them up."""

from __future__ import annotations

from django.db import transaction

from incidents import scope
from incidents.models import Membership, Organization, Person


@scope.trusted
@transaction.atomic
def ensure_organization(slug: str, name: str) -> Organization:
    """The organization of that slug, made if it is not there."""
    row, _ = Organization.objects.get_or_create(slug=slug, defaults={"name": name})
    return row


@scope.trusted
@transaction.atomic
def ensure_person(email: str, name: str, organization: Organization) -> Person:
    """The person of that address as a member of the organization, made if need be."""
    person = Person.objects.filter(email=email.lower()).first()
    if person is None:
        person = Person.objects.create_user(email, name)
    Membership.objects.get_or_create(person=person, organization=organization)
    return person
