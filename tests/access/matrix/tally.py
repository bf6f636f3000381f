"""Which cells a run has to ask, and which it asked."""

from __future__ import annotations

import os
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product

from incidents.choices import Marking
from tests.access.matrix.actors import Somebody
from tests.access.matrix.lines import Apart, Does, Line, Shows, Through
from tests.access.matrix.things import Relation
from tests.access.matrix.world import World

MARKINGS: tuple[str, ...] = tuple(Marking.values)
Cell = tuple[str, str, str, str]  # surface, kind of actor, marking, relation
# Of surfaces about one thing `make test` asks a third of the cells, and `make matrix` all.
ALL = bool(os.environ.get("HOLDFAST_MATRIX"))


def is_asked(surface: str, who: Somebody, marking: str, relation: Relation) -> bool:
    """Whether this run asks a cell of a surface about one thing.

    On each surface every pair of actor and marking, of actor and relation, of marking and relation
    is asked; every cell of the three is, on one surface of three.
    """
    place = MARKINGS.index(marking) + tuple(Relation).index(relation)
    return ALL or (zlib.crc32(surface.encode()) + who.number + place) % 3 == 0


def due(world: World, surface: str, line: Line) -> set[Cell]:
    """The cells of a surface that this run has to ask."""
    if surface.startswith("MAIL ") or isinstance(line, Through):
        return set()
    one_by_one = isinstance(line, Shows | Does) and bool(line.of)
    cells = set()
    for who, marking, relation in product(world.company.everybody, MARKINGS, Relation):
        is_there = True
        if isinstance(line, Does) and not line.of:
            is_there = marking in stated(line) and relation in rooms_of(world, who)
        elif isinstance(line, Apart):
            is_there = not line.asked or who.name in line.asked
        if is_there and (not one_by_one or is_asked(surface, who, marking, relation)):
            cells.add((surface, who.name, marking, relation.value))
    return cells


def stated(line: Does) -> tuple[str, ...]:
    """The markings that an act on a room can state."""
    return MARKINGS if callable(line.body) else (str(Marking.AMBER),)


def rooms_of(world: World, who: Somebody) -> tuple[Relation, Relation]:
    """Whose the two rooms are, for somebody: the main one is its first party's."""
    first = world.company.cast.lead.organization
    return (Relation.OWN if first == who.home else Relation.OTHER), Relation.ELSEWHERE


@dataclass
class Tally:
    """What was asserted."""

    began: float = 0.0
    cells: set[Cell] = field(default_factory=set)
    outcomes: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    surfaces: set[str] = field(default_factory=set)

    def count(
        self, surface: str, who: Somebody, markings: Iterable[str], relations: Iterable[Relation]
    ) -> None:
        """These cells were asserted."""
        relations = tuple(relations)
        for marking in markings:
            self.cells |= {(surface, who.name, marking, one.value) for one in relations}

    def decided(self, surface: str, what: str, *, allowed: bool) -> None:
        """Somebody was allowed or denied something there."""
        self.outcomes[surface, what, allowed] += 1
