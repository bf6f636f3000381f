"""The town, for these tests."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from config.embedded.node import Node, NodeOptions
from tests.liars.conftest import server

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.tracing.watch.strait import Strait
    from tests.tracing.watch.town import Town

__all__ = ["server"]  # a fixture: made-up nodes, without operators yet


@pytest.fixture
def town(cast: "Cast", node: Node) -> "Town":
    """A fresh chain with a theft to come, and a watcher that is stepped by hand."""
    from tests.tracing.watch.town import found  # models load only after the set-up of Django

    return found(node, cast)


@pytest.fixture(scope="module")
def nodes(start_a_node: Callable[..., Node]) -> tuple[Node, Node]:
    """Two chains, with the numbers of Ethereum and Base."""
    return (
        start_a_node(NodeOptions(base_fee=0, chain_id=1)),
        start_a_node(NodeOptions(base_fee=0, chain_id=8453)),
    )


@pytest.fixture
def strait(cast: "Cast", nodes: tuple[Node, Node]) -> "Strait":
    """Both fresh, with bridges between them and one room that follows both."""
    from tests.tracing.watch.strait import build

    return build(*nodes, cast)
