"""The surfaces that change something: x actors x markings x relations (see test_access_matrix)."""

from collections.abc import Callable

import pytest

from tests.access.matrix.declared import DECLARED
from tests.access.matrix.tally import Tally
from tests.access.matrix.world import World
from tests.access.test_access_matrix import check, check_whole, is_act, tally, world

__all__ = ["tally", "world"]  # fixtures
AT_LEAST = 6_000  # cells about things of a room
ACTS = sorted(name for name, line in DECLARED.items() if is_act(name, line))


@pytest.mark.parametrize("surface", ACTS)
def test_everybody_does_what_the_policy_says(
    tally: Tally,
    world: World,
    surface: str,
) -> None:
    check(world, tally, surface)


def test_no_act_is_left_out_and_every_deny_has_its_twin(
    tally: Tally,
    world: World,
    record_property: Callable[[str, object], None],
) -> None:
    assert tally.surfaces == set(ACTS), "run the whole file"
    record_property("tally", "acting: " + check_whole(tally, world, AT_LEAST))
