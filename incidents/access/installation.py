"""The installation itself: its chains, and who is asked for them. It is no room.

The one right here is `Person.is_administrator`, which `enroll_administrator` gives from a console.
It gives no right to any room's content, and no right in a room gives it.
"""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from incidents.exceptions import NotFound
from incidents.models import Person


def administers(person: Person | AnonymousUser) -> bool:
    """Whether somebody runs this installation."""
    if not isinstance(person, Person):
        return False
    return person.is_active and person.is_administrator


def require_administrator(person: Person | AnonymousUser) -> Person:
    """The gate of every page and act of administration.

    :raises NotFound: to everybody else it does not exist.
    """
    if not isinstance(person, Person) or not administers(person):
        raise NotFound
    return person
