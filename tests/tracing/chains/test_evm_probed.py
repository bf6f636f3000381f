"""How an endpoint traces is found out once and remembered; nodes that change are found out anew."""

from collections.abc import Iterator

import pytest

from config.embedded.node import Node
from tests.tracing.chains.pools import CHAIN, Crowd, crowd_of, untraced
from tests.tracing.watch.liar import Refusal
from tracing.chains.evm import EvmAdapter

pytestmark = pytest.mark.node

TRACERS = {"trace_block", "debug_traceBlockByHash"}


@pytest.fixture
def one(node: Node) -> Iterator[Crowd]:
    with crowd_of(node, 1) as crowd:
        yield crowd


def asked_for_traces(crowd: Crowd, learnt: dict[str, object]) -> tuple[list[str], EvmAdapter]:
    """What an adapter that remembers this asks for the traces of a block."""
    adapter = EvmAdapter(CHAIN, crowd.liars[0].url)
    adapter.remember(learnt)
    crowd.liars[0].asked.clear()
    adapter.read_block(crowd.pay())
    return [method for method in crowd.liars[0].asked if method in TRACERS], adapter


def test_the_method_is_probed_once_and_remembered(one: Crowd) -> None:
    asked, adapter = asked_for_traces(one, {})
    assert (asked, adapter.learnt["traces"]) == (["trace_block"], "trace_block")

    one.liars[0].lies["trace_block"] = lambda *_: Refusal(-32601, "Method not found")
    asked, adapter = asked_for_traces(one, {})
    assert asked == ["trace_block", "debug_traceBlockByHash"]
    learnt = adapter.learnt
    assert learnt["traces"] == "debug_traceBlockByHash"
    asked, adapter = asked_for_traces(one, learnt)
    assert (asked, adapter.learnt) == (["debug_traceBlockByHash"], learnt)


def test_an_endpoint_without_traces_is_tried_again_later(one: Crowd) -> None:
    untraced(one.liars[0])
    asked, adapter = asked_for_traces(one, {})
    assert (len(asked), adapter.learnt["traces"]) == (2, "none")
    assert asked_for_traces(one, adapter.learnt)[0] == []
    assert len(asked_for_traces(one, adapter.learnt | {"probed_at": 7})[0]) == 2
    one.liars[0].honest()
    asked, adapter = asked_for_traces(one, adapter.learnt | {"probed_at": 7})
    assert adapter.learnt["traces"] == "trace_block"


def test_a_method_that_is_gone_gives_way_to_the_other(one: Crowd) -> None:
    _, adapter = asked_for_traces(one, {})
    one.liars[0].lies["trace_block"] = lambda *_: Refusal(-32601, "Method not found")
    asked, again = asked_for_traces(one, adapter.learnt)
    assert again.learnt["traces"] == "debug_traceBlockByHash"
    assert "debug_traceBlockByHash" in asked


def test_what_makes_no_sense_is_not_remembered(one: Crowd) -> None:
    for learnt in ({"traces": "all"}, {"traces": 7, "probed_at": 7}, {"traces": "none"}):
        adapter = EvmAdapter(CHAIN, one.liars[0].url)
        adapter.remember(learnt)
        assert "traces" not in adapter.learnt
