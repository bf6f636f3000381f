"""Parties: who they are. Consent to the terms is in services/terms.py."""

import hashlib
import secrets

from django.utils.text import slugify

from incidents import access, scope
from incidents.access import Actor
from incidents.models import (
    Incident,
    Organization,
    Person,
)
from incidents.services import revocation


def digest(secret: str) -> str:
    """What is stored of a link's token or a code: hex SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()


@scope.trusted
def bump_epoch(incident: Incident) -> None:
    """What the policy reads of this room has changed: nobody's cached decision holds any longer."""
    revocation.reaches(incidents=[incident])


def people_of(viewer: Actor, incident: Incident) -> list[Person]:
    """The people of the parties that the viewer can see: whom an item can be narrowed to."""
    parties = access.parties(viewer, incident).values("organization")
    people = Person.objects.filter(
        is_active=True, memberships__organization__in=parties, memberships__ended_at__isnull=True
    )
    return list(people.distinct().order_by("name", "email"))


def new_organization(name: str) -> Organization:
    """An organization under a slug of its own, made of the name."""
    stem = slugify(name)[:50] or "organization"
    # Drawn by lot: one that counts would tell that an organization of this name is here already.
    slug = f"{stem}-{secrets.token_hex(3)}"
    return Organization.objects.create(slug=slug, name=name)
