"""The cast, for these tests."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cast import Cast


@pytest.fixture
def cast(db: None) -> "Cast":
    """A room with everybody in it."""
    from tests.cast import make_cast  # models load only after the set-up of Django

    return make_cast()
