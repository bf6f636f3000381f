"""The surfaces that change something: x actors x markings x relations (see test_access_matrix)."""

import pytest

from tests.access.matrix import checks
from tests.access.matrix.declared import DECLARED
from tests.access.matrix.world import World
from tests.access.test_access_matrix import check, check_whole, is_act, tally, world

__all__ = ["tally", "world"]  # fixtures
ACTS = sorted(name for name, line in DECLARED.items() if is_act(name, line))


@pytest.mark.matrix
@pytest.mark.parametrize("surface", ACTS)
def test_everybody_does_what_the_policy_says(
    tally: checks.Tally,
    world: World,
    surface: str,
) -> None:
    check(world, tally, surface)


@pytest.mark.matrix
def test_no_act_is_left_out_and_every_deny_has_its_twin(
    tally: checks.Tally,
    world: World,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert tally.surfaces == set(ACTS), "run the whole file"
    check_whole(tally, world, capsys)
