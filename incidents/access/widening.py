"""Whether another marking or audience lets somebody see an item who could not before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from incidents.choices import Marking
from incidents.models import Membership
from incidents.models.marked import Marked

# From the narrowest to the widest; what is unstated or unknown is narrower still.
_ORDER: tuple[str | None, ...] = tuple(Marking.values)


@dataclass(frozen=True)
class Mark:
    """A marking with its audience, apart from any item."""

    marking: str | None
    organizations: tuple[int, ...] | None = None
    people: tuple[int, ...] | None = None

    @classmethod
    def of(cls, item: Marked) -> Self:
        """The item's own."""
        return cls(item.marking, _tuple(item.audience_organizations), _tuple(item.audience_people))

    @property
    def is_room_wide(self) -> bool:
        """Whether every party of the room sees what carries it."""
        return self.rank > 0 and self.organizations is None and self.people is None

    def at_most(self, marking: str) -> Mark:
        """The same audience, never wider than ``marking``."""
        return self if self.rank <= _ORDER.index(marking) else replace(self, marking=marking)

    @property
    def fields(self) -> dict[str, Any]:
        """As the columns of a Marked row."""
        return {
            "marking": self.marking,
            "audience_organizations": _list(self.organizations),
            "audience_people": _list(self.people),
        }

    @property
    def rank(self) -> int:
        """How many surfaces it may reach."""
        return _ORDER.index(self.marking) if self.marking in _ORDER else -1


def widens(item: Marked, new: Mark) -> bool:
    """Whether ``new`` would show ``item`` to anybody who does not see it now, or on any surface
    where it is not shown now. Everything else narrows, or changes nothing."""
    old = Mark.of(item)
    if new.rank > old.rank:
        return True
    before, named_before = _reach(item, old)
    after, named_after = _reach(item, new)
    if before is None:
        return False
    if after is None or after - before:
        return True
    gained = named_after - named_before - {item.author_id}
    covered = Membership.objects.filter(
        person__in=gained, organization__in=before, ended_at__isnull=True
    )
    return bool(gained - set(covered.values_list("person_id", flat=True)))


def _reach(item: Marked, mark: Mark) -> tuple[frozenset[int] | None, frozenset[int | None]]:
    """Organizations of the room (None: all of them) and people by name that a mark lets see."""
    people: frozenset[int | None] = frozenset(mark.people or ())
    if mark.rank < 0:
        return frozenset(), frozenset()
    if mark.marking == Marking.RED or (mark.organizations is None and mark.people is not None):
        return frozenset(), people
    if mark.organizations is None:
        return None, people
    owner = () if item.owner_id is None else (item.owner_id,)
    return frozenset((*mark.organizations, *owner)), people


def _tuple(value: list[int] | None) -> tuple[int, ...] | None:
    return None if value is None else tuple(value)


def _list(value: tuple[int, ...] | None) -> list[int] | None:
    return None if value is None else list(value)
