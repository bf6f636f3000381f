"""The memory of a watcher goes on to the next turn, unless somebody wrote in between."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town

pytestmark = [pytest.mark.node, pytest.mark.django_db]


def test_next_turn_in_this_process_goes_on_with_what_is_known(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF

    trace = town.trace(town.steal(100 * ETHER))
    town.watcher.run(seconds=1)
    left = town.watcher.memory
    assert trace.pk in left.kept
    town.take_over()
    town.send(THIEF, MULE, ETHER)
    town.mine()
    town.watcher.run(seconds=1)
    assert town.watcher.memory is left
    assert town.held(trace)[MULE] == ETHER
    town.check()


def test_memory_is_not_believed_when_somebody_else_had_the_chain(town: "Town") -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF

    trace = town.trace(town.steal(100 * ETHER))
    town.watcher.run(seconds=1)
    left = town.watcher.memory
    town.take_over()  # as another process would: it knows nothing of what was left
    town.send(THIEF, MULE, ETHER)
    town.mine()
    town.follow()
    town.take_over()
    town.watcher.run(seconds=1)
    assert town.watcher.memory is not left
    assert town.held(trace)[MULE] == ETHER
    town.check()


def test_memory_of_an_older_epoch_is_dropped() -> None:
    from tracing.watch import memory

    kept = memory.Memory()
    memory.leave(-1, 5, kept)
    assert memory.take_up(-1, 7) is None
    memory.leave(-1, 5, kept)
    assert memory.take_up(-1, 6) is kept
    assert memory.take_up(-1, 6) is None
