"""Canaries: 128 random bits that stand in exactly one text, and who may read that text.

They are hexadecimal, so that they fit into addresses and hashes too, and begin with the same six
digits, so that they are found whatever stands around them.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from incidents.access import Actor
from incidents.models import Incident, Person

MAGIC = "ca4a7e"
# Enough of one to know it by: pages shorten addresses, and cut long names.
_FOUND = re.compile(MAGIC + r"[0-9a-f]{10,32}")
_KNOWN_BY = len(MAGIC) + 10


@dataclass(frozen=True)
class Viewer:
    """Somebody who reads. ``actor``: their seat in an incident, by its key; absent: none."""

    role: str
    person: Person | None
    actors: dict[int, Actor] = field(default_factory=dict, hash=False)
    is_administrator: bool = False

    def actor(self, incident: Incident) -> Actor | None:
        """Their seat in a room."""
        return self.actors.get(incident.pk)


Rule = Callable[[Viewer], bool]


@dataclass(frozen=True)
class Canary:
    """``place``: the model's field, with whose it is and how it is marked, for people."""

    text: str
    place: str
    may_read: Rule


@dataclass
class Aviary:
    """Every canary that was let loose."""

    by_start: dict[str, Canary] = field(default_factory=dict)

    def mint(self, place: str, may_read: Rule) -> str:
        """A new canary for one text. 38 characters."""
        text = MAGIC + secrets.token_hex(16)
        assert text[:_KNOWN_BY] not in self.by_start
        self.by_start[text[:_KNOWN_BY]] = Canary(text, place, may_read)
        return text

    def address(self, place: str, may_read: Rule) -> str:
        """A canary that is an EVM address."""
        return f"0x{self.mint(place, may_read)}00"

    def within(self, text: str) -> Iterator[Canary]:
        """The canaries in some text, whatever their case."""
        for found in set(_FOUND.findall(text.lower())):
            if canary := self.by_start.get(found[:_KNOWN_BY]):
                yield canary
