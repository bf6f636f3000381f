"""API tokens: made, used, revoked."""

import secrets
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from incidents import access
from incidents.choices import TokenScope
from incidents.exceptions import BadInput
from incidents.models import ApiToken, Person
from incidents.services.parties import digest

LONGEST_DAYS = 365


def create(
    person: Person,
    name: str,
    *,
    days: int = 90,
    scopes: Collection[TokenScope] = (TokenScope.READ, TokenScope.WRITE),
    room: str = "",
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is shown once. ``room``: the slug of the only one that it
    reaches; without it, all of the person's.

    :raises BadInput: no name, no scope, a life of more than a year, or a room that is not theirs.
    """
    if not name.strip():
        raise BadInput("Name the token after its use.", field="name")
    if not 1 <= days <= LONGEST_DAYS:
        raise BadInput(f"Between 1 and {LONGEST_DAYS} days.", field="days")
    if not scopes:
        raise BadInput("Say what it may do.", field="scopes")
    incident = None
    if room:
        seat = access.incidents_of(person).filter(incident__slug=room).first()
        if seat is None:
            raise BadInput("This is none of your rooms.", field="room")
        incident = seat.incident
    secret = f"hft_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        person=person,
        name=name.strip()[:80],
        scopes=sorted(set(scopes)),
        incident=incident,
        digest=digest(secret),
        expires_at=timezone.now() + timedelta(days=days),
    )
    return token, secret


def use(secret: str) -> ApiToken | None:
    """The live token behind a secret; notes its use."""
    now = timezone.now()
    token = (
        ApiToken.objects.filter(
            digest=digest(secret),
            revoked_at__isnull=True,
            expires_at__gt=now,
            person__is_active=True,
        )
        .select_related("person", "incident")
        .first()
    )
    if token is not None:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def revoke(person: Person, public_id: UUID) -> None:
    """End one of the person's own tokens; a repeat is harmless."""
    ApiToken.objects.filter(person=person, public_id=public_id, revoked_at__isnull=True).update(
        revoked_at=timezone.now()
    )


def of(person: Person) -> QuerySet[ApiToken]:
    """The person's tokens that still work, newest first."""
    rows = ApiToken.objects.filter(
        person=person, revoked_at__isnull=True, expires_at__gt=timezone.now()
    )
    return rows.select_related("incident").order_by("-pk")
