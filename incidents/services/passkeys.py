"""How many passkeys a person has, and how many it takes."""

from allauth.mfa.models import Authenticator
from django.db.models import Count, QuerySet
from django.utils.crypto import salted_hmac

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


def handle_of(passkey: Authenticator) -> str:
    """What names a passkey in its owner's addresses. allauth gives it nothing but a row number,
    which would tell how many there are here, and when."""
    return salted_hmac("incidents.passkey", str(passkey.pk)).hexdigest()[:32]


def by_handle(passkeys: QuerySet[Authenticator], handle: str) -> Authenticator | None:
    """That one of somebody's passkeys."""
    return next((one for one in passkeys if handle_of(one) == handle), None)
