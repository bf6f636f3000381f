"""The town, for these tests."""

from typing import TYPE_CHECKING

import pytest

from config.embedded.node import Node

if TYPE_CHECKING:
    from tests.tracing.watch.town import Town


@pytest.fixture
def town(db: None, node: Node) -> "Town":
    """A fresh chain with a theft to come, and a watcher that is stepped by hand."""
    from tests.tracing.watch.town import found  # models load only after the set-up of Django

    return found(node)
