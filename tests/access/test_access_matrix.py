"""Surfaces x actors x markings x relations: what is there is found, and every cell is asked.

A surface without a line in `matrix/declared` fails; so does a line without a surface.
"""

import logging
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import transaction

from tests import standing
from tests.access.matrix import checks, checks_besides, sockets, surfaces
from tests.access.matrix.asking import watched
from tests.access.matrix.declared import DECLARED
from tests.access.matrix.lines import Apart, Does, Lets, Line, Shows, Through
from tests.access.matrix.tally import Tally, due
from tests.access.matrix.world import World, build

# Cells about things of a room that a run asks at least: 20,000 in both files together.
AT_LEAST = 14_000


def is_act(name: str, line: Line) -> bool:
    """Whether a surface changes something: those run in a file, and a worker, of their own."""
    return isinstance(line, Does) or name.startswith(("POST ", "PUT ", "DELETE "))


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:
    """Both rooms, built once; nothing of it is ever committed."""
    logging.disable(logging.WARNING)  # thousands of refusals
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        standing.give_up()
        transaction.Atomic._ensure_durability = False
        try:
            with transaction.atomic():
                yield build()
                transaction.set_rollback(True)
        finally:
            transaction.Atomic._ensure_durability = True
            logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def tally() -> Tally:
    """What this run asserted."""
    return Tally(began=time.monotonic())


def test_every_surface_has_its_line_and_every_line_its_surface() -> None:
    there = surfaces.discovered()
    assert sorted(there - set(DECLARED)) == [], "not declared: see docs/how-to/add-a-surface.md"
    assert sorted(set(DECLARED) - there) == [], "declared, and not there any more"


READS = sorted(name for name, line in DECLARED.items() if not is_act(name, line))


@pytest.mark.parametrize("surface", READS)
def test_everybody_sees_what_the_policy_says(tally: Tally, world: World, surface: str) -> None:
    check(world, tally, surface)


def test_no_look_is_left_out_and_every_deny_has_its_twin(
    tally: Tally, world: World, record_property: Callable[[str, object], None]
) -> None:
    assert tally.surfaces == set(READS), "run the whole file"
    record_property("tally", "looking: " + check_whole(tally, world, AT_LEAST))


def check(world: World, tally: Tally, surface: str) -> None:
    """All cells of one surface."""
    line = DECLARED[surface]
    tally.surfaces.add(surface)
    is_public = isinstance(line, Shows) and line.surface == "public"
    if "<slug:slug>" in surface and not surface.startswith("SOCKET ") and not is_public:
        with watched():
            checks_besides.check_absent(world, surface)
    if isinstance(line, Shows | Does) and line.of:
        checks.check_one(world, tally, surface, line)
        return
    if isinstance(line, Lets):
        checks_besides.check_lets(world, tally, surface, line)
        return
    with watched():
        check_rest(world, tally, surface, line)


def check_rest(world: World, tally: Tally, surface: str, line: Line) -> None:
    """All cells of one surface that is not about one thing."""
    if surface.startswith("FRAME ") and isinstance(line, Shows):
        sockets.check_frames(world, tally, surface, line)
    elif surface.startswith("MAIL "):
        assert isinstance(line, Apart)
    elif isinstance(line, Shows):
        checks.check_list(world, tally, surface, line)
    elif isinstance(line, Does):
        checks.check_room_act(world, tally, surface, line)
    elif isinstance(line, Apart):
        checks_besides.check_apart(world, tally, surface, line)
    else:
        assert isinstance(line, Through)
        assert set(line.surfaces) <= set(DECLARED)


def check_whole(tally: Tally, world: World, at_least: int) -> str:
    """Nothing was skipped, nothing only denied or only allowed; how much that was."""
    one_sided = {
        (surface, what)
        for surface, what, allowed in tally.outcomes
        if not tally.outcomes[surface, what, not allowed]
    }
    assert one_sided == set(), "only allowed, or only denied"
    for surface in tally.surfaces:
        asked = {cell for cell in tally.cells if cell[0] == surface}
        assert asked == due(world, surface, DECLARED[surface]), surface
    assert len(world.company.everybody) >= 18
    about_items = sum(isinstance(DECLARED[cell[0]], Shows | Does) for cell in tally.cells)
    assert about_items >= at_least
    seconds = time.monotonic() - tally.began
    return (
        f"{about_items} cells about things of a room and {len(tally.cells) - about_items} beside, "
        f"{len(tally.surfaces)} surfaces, {len(world.company.everybody)} kinds of actor, "
        f"{seconds:.0f} s"
    )
