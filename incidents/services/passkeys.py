"""How many passkeys a person has, and how many it takes."""

from allauth.mfa.models import Authenticator
from django.db.models import Count, QuerySet

from incidents.models import Membership, Person

# One that is lost must not lock its owner out: nobody reaches anything with fewer.
NEEDED = 2


def count(person: Person) -> int:
    """How many passkeys the person can sign in with."""
    rows = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN)
    return int(rows.count())


def counts(members: QuerySet[Membership]) -> dict[int, int]:
    """How many each person of these memberships has, by primary key; who has none is left out."""
    rows = Authenticator.objects.filter(
        type=Authenticator.Type.WEBAUTHN, user__in=members.values("person")
    )
    counted = rows.values_list("user").annotate(Count("pk")).order_by("user")
    return {int(person): int(number) for person, number in counted}


def has_enough(person: Person) -> bool:
    """Whether the person may go on to anything but adding another one."""
    return count(person) >= NEEDED
