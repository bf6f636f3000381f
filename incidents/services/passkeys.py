"""How many passkeys a person has, and how many it takes."""

from allauth.mfa.models import Authenticator

from incidents.models import Person

# One that is lost must not lock its owner out: nobody reaches anything with fewer.
NEEDED = 2


def count(person: Person) -> int:
    """How many passkeys the person can sign in with."""
    rows = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN)
    return int(rows.count())


def has_enough(person: Person) -> bool:
    """Whether the person may go on to anything but adding another one."""
    return count(person) >= NEEDED
