"""What open sockets are told by the sessions that they were opened with, many at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from incidents.models import Person

SEATS = "seats"  # in the session: by room, the public id of the seat that the person takes


@dataclass(frozen=True)
class Signed:
    """What a session says: who signed in, under which secret, and the seats they chose."""

    person: str
    digest: str
    seats: tuple[tuple[str, str], ...]  # slug of a room, public id of a seat

    def seat(self, slug: str) -> str:
        """The seat that was chosen in a room; "" is the oldest."""
        return dict(self.seats).get(slug, "")

    def is_of(self, person: Person) -> bool:
        """Whether it is this person's, and not from before their secret was changed."""
        return self.person == str(person.pk) and constant_time_compare(
            self.digest, person.get_session_auth_hash()
        )


def signed(keys: Collection[str]) -> dict[str, Signed]:
    """Those of the sessions that were neither signed out nor ran out, by key. In one query."""
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return {key: _read(data) for key, data in rows.values_list("session_key", "session_data")}


@lru_cache(maxsize=4096)
def _read(data: str) -> Signed:
    """Read once for as long as it stays the same: open sockets are asked about every few
    seconds."""
    said = SessionStore().decode(data)
    seats = said.get(SEATS, {})
    return Signed(
        str(said.get(SESSION_KEY, "")),
        str(said.get(HASH_SESSION_KEY, "")),
        tuple((str(slug), str(seat)) for slug, seat in seats.items()),
    )
