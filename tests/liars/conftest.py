"""The made-up nodes, for these tests."""

from collections.abc import Iterator

import pytest

from tests.liars.server import Server


@pytest.fixture
def server() -> Iterator[Server]:
    """Without operators yet."""
    found = Server()
    yield found
    found.close()
