"""Shared items with a canary each: one for every kind x owner x marking, and what may see it.

Rows are written as they lie in the database, without services: a party may own what its capacity
would not let it make, and the cross product has no holes.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from incidents.models import Incident, Organization, Person
from tests.access.matrix import reference
from tests.access.matrix.reference import Item, Viewer


class Kind(StrEnum):
    """What is shared. One canary each, in a field that people read."""

    NOTE = "note"
    ADDRESS = "address"
    FREEZE = "freeze"  # sent to the exchange
    ANSWER = "answer"  # of a desk, on the host's target
    STATEMENT = "statement"
    PUBLICATION = "publication"  # a statement that was published
    TRACE = "trace"
    LEAD = "lead"  # carries its trace's marking, as do the next two
    CROSSING = "crossing"
    HOP = "hop"
    FLOW = "flow"  # a table on the host's trace
    LABEL = "label"
    LOOKBACK = "lookback"


class Relation(StrEnum):
    """Whose thing it is, for somebody."""

    OWN = "own party's"
    OTHER = "other party's"
    ELSEWHERE = "other incident's"


@dataclass(frozen=True)
class Party:
    """An organization of a room, and who speaks first for it."""

    organization: Organization
    chief: Person
    is_confidential: bool = False


@dataclass(frozen=True)
class Thing:
    """One item. ``within``: what one must see as well. ``ids``: what addresses call it."""

    kind: Kind
    canary: str
    marking: str
    incident: Incident
    owner: Organization
    item: Item
    within: tuple[Thing, ...] = ()
    desk: int | None = None  # of a freeze request: the only desk that sees it
    is_sent: bool = True
    ids: dict[str, str] = field(default_factory=dict)
    row: Any = None

    def is_seen_by(self, viewer: Viewer | None, surface: str = "room") -> bool:
        """What the text says of this thing, its surroundings included."""
        if not all(one.is_seen_by(viewer, surface) for one in self.within):
            return False
        is_desk = viewer is not None and viewer.capacity in reference.DESKS
        if self.desk is not None and viewer is not None and is_desk:
            mine = viewer.party == self.desk and self.is_sent
            return mine and reference.sees(viewer, self.item, surface)
        return reference.sees(viewer, self.item, surface)

    def goes_out_for(self, viewer: Viewer) -> bool:
        """Whether the text lets ``viewer``, who sees it, hand it to a recipient."""
        if reference.sees(None, self.item, "recipient"):
            return True
        column = "recipient" in reference.COLUMNS.get(self.marking, ())
        return column and viewer.party == self.item.owner


@dataclass(frozen=True)
class Shared:
    """Marking, owner, author and audience of a thing to be."""

    incident: Incident
    party: Party
    marking: str
    people: tuple[int, ...] | None
    parties: tuple[int, ...] | None

    @property
    def columns(self) -> dict[str, Any]:
        """As a Marked row has them."""
        return {
            "marking": self.marking,
            "owner": self.party.organization,
            "author": self.party.chief,
            "audience_people": None if self.people is None else list(self.people),
            "audience_organizations": None if self.parties is None else list(self.parties),
        }

    @property
    def item(self) -> Item:
        """As the reference reads them."""
        return Item(
            self.marking,
            self.party.organization.pk,
            self.party.chief.pk,
            None if self.parties is None else frozenset(self.parties),
            None if self.people is None else frozenset(self.people),
        )

    def thing(self, kind: Kind, canary: str, row: Any, **more: Any) -> Thing:
        """The thing that was made of it."""
        return Thing(
            kind,
            canary,
            self.marking,
            self.incident,
            self.party.organization,
            self.item,
            row=row,
            **more,
        )


def new_canary() -> str:
    """128 bits that nothing else contains, as letters that no page shortens or escapes."""
    return f"c{secrets.token_hex(16)}"


def new_tx() -> str:
    """A transaction of its own, as hash: 256 bits."""
    return f"0x{secrets.token_hex(32)}"


Maker = Callable[[Shared], Thing]


def with_canary(thing: Thing, kind: Kind, canary: str, **more: Any) -> Thing:
    """Something that carries the marking of another."""
    return replace(thing, kind=kind, canary=canary, **more)
