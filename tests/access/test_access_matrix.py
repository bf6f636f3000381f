"""Surfaces x actors x markings x relations: what is there is found, and every cell is asked.

A surface without a line in `matrix/declared` fails; so does a line without a surface.
"""

import logging
import time
from collections.abc import Iterator

import pytest
from django.db import transaction

from tests.access.matrix import checks, sockets, surfaces
from tests.access.matrix.asking import watched
from tests.access.matrix.declared import DECLARED
from tests.access.matrix.lines import Apart, Does, Line, Shows, Through
from tests.access.matrix.world import World, build

AT_LEAST = 10_000  # here, and as many in test_access_matrix_acts.py


def is_act(name: str, line: Line) -> bool:
    """Whether a surface changes something: those run in a file, and a worker, of their own."""
    return isinstance(line, Does) or name.startswith(("POST ", "PUT ", "DELETE "))


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:
    """Both rooms, built once; nothing of it is ever committed."""
    logging.disable(logging.WARNING)  # thousands of refusals
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        transaction.Atomic._ensure_durability = False
        try:
            with transaction.atomic():
                yield build()
                transaction.set_rollback(True)
        finally:
            transaction.Atomic._ensure_durability = True
            logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def tally() -> checks.Tally:
    """What this run asserted."""
    return checks.Tally(began=time.monotonic())


def test_every_surface_has_its_line_and_every_line_its_surface() -> None:
    there = surfaces.discovered()
    assert sorted(there - set(DECLARED)) == [], "not declared: see docs/how-to/add-a-surface.md"
    assert sorted(set(DECLARED) - there) == [], "declared, and not there any more"


READS = sorted(name for name, line in DECLARED.items() if not is_act(name, line))


@pytest.mark.matrix
@pytest.mark.parametrize("surface", READS)
def test_everybody_sees_what_the_policy_says(
    tally: checks.Tally, world: World, surface: str
) -> None:
    check(world, tally, surface)


@pytest.mark.matrix
def test_no_look_is_left_out_and_every_deny_has_its_twin(
    tally: checks.Tally, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tally.surfaces == set(READS), "run the whole file"
    check_whole(tally, world, capsys)


def check(world: World, tally: checks.Tally, surface: str) -> None:
    """All cells of one surface."""
    line = DECLARED[surface]
    tally.surfaces.add(surface)
    if isinstance(line, Shows | Does) and line.of:
        checks.check_one(world, tally, surface, line)
        return
    with watched():
        check_rest(world, tally, surface, line)


def check_rest(world: World, tally: checks.Tally, surface: str, line: Line) -> None:
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
        checks.check_apart(world, tally, surface, line)
    else:
        assert isinstance(line, Through)
        assert set(line.surfaces) <= set(DECLARED)


def check_whole(tally: checks.Tally, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing was skipped, nothing only denied; say how much that was."""
    one_sided = {
        (surface, what)
        for surface, what, allowed in tally.outcomes
        if not tally.outcomes[surface, what, not allowed]
    }
    assert one_sided == set(), "only allowed, or only denied"
    for surface in tally.surfaces:
        line, asked = DECLARED[surface], {cell for cell in tally.cells if cell[0] == surface}
        if isinstance(line, Shows | Apart) or (isinstance(line, Does) and line.of):
            everything = 0 if surface.startswith("MAIL ") else len(world.company.everybody) * 15
            assert len(asked) == everything, surface
    assert len(world.company.everybody) >= 18
    assert len(tally.cells) >= AT_LEAST
    about_items = sum(not isinstance(DECLARED[cell[0]], Apart) for cell in tally.cells)
    seconds = time.monotonic() - tally.began
    with capsys.disabled():
        print(
            f"\nAccess matrix: {len(tally.cells)} cells on {len(tally.surfaces)} surfaces, "
            f"{about_items} of them about things of a room, {len(world.company.everybody)} kinds "
            f"of actor, {seconds:.0f} s ({len(tally.cells) / seconds:.0f} a second)."
        )
