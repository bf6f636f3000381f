"""The stage on which histories are played."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.access.worlds.play import Stage


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator["Stage"]:
    """A room with everybody in it, committed, under a frozen clock."""
    from tests import standing, truncation
    from tests.access.worlds import play

    with django_db_blocker.unblock():
        standing.give_up()
        try:
            with play.stage() as made:
                yield made
        finally:
            truncation.empty_database()
