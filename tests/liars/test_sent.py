"""Every fault is really sent, and one endpoint's answers are refused where they can be checked.

Each test asks the same before, while and after the fault is on: before and after is its twin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.liars import people
from tests.liars.blocks import Block
from tests.liars.chain import World
from tests.liars.faults import (
    FakeBranch,
    Fault,
    FrozenHead,
    HonestUntil,
    MixedForks,
    StaleHead,
    TwoFaced,
    WrongChainId,
)
from tests.liars.forgeries import FORGERIES, TRACE_LIES, forgery
from tests.liars.operators import Operator
from tests.liars.served import Served
from tests.liars.server import WATCHER, Server
from tests.liars.wires import (
    Down,
    ErrorAsSuccess,
    HugeBody,
    InvalidJson,
    LaggingIndex,
    LimitExceeded,
    SlowBytes,
    TooManyRequests,
)
from tracing.chains.errors import BadAnswer, ChainError, Contradicted, WrongChain
from tracing.chains.evm import EvmAdapter
from tracing.chains.evm_commitments import NAMES


class Stand:
    """One node, its rich newest block, and an adapter that reads it."""

    def __init__(self, server: Server, tracer: str = "flat", by_block: bool = True) -> None:
        self.world = World(11)
        self.world.mine(4)
        self.rich: Block = self.world.mine_rich()
        self.node = Operator("one", self.world, Served(), tracer, by_block)
        server.operators = {"one": self.node}
        self.url = server.url("one")
        self.adapter = EvmAdapter(people.CHAIN, self.url, timeout=0.4, commitments=NAMES)

    def digest(self) -> Any:
        """What the adapter makes of the rich block."""
        return self.adapter.digest(self.adapter.read_block(self.rich.number))

    def movements(self) -> Any:
        return self.adapter.decode(self.adapter.read_block(self.rich.number))


@pytest.fixture(params=[("flat", True), ("nested", False)], ids=["flat", "nested"])
def stand(server: Server, request: pytest.FixtureRequest) -> Iterator[Stand]:
    found = Stand(server, *request.param)
    yield found
    found.adapter.close()


@pytest.fixture
def flat(server: Server) -> Iterator[Stand]:
    found = Stand(server)
    yield found
    found.adapter.close()


# What the recomputation of the header's commitments says of a forgery; "" where they are silent
# and only a comparison of operators can help.
REFUSED_AS = {
    "forged-receipt": "receipts-root",
    "forged-status": "receipts-root",
    "forged-fee": "",
    "missing-log": "receipts-root",
    "extra-log": "receipts-root",
    "forged-from": "sender",
    "forged-value": "transaction-hash",
    "hidden-transaction": "transactions-root",
    "forged-withdrawal": "withdrawals-root",
    "forged-time": "header-hash",
    "forged-parent": "header-hash",
}


def _or_error(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except BadAnswer as error:
        return error


@pytest.mark.parametrize("slug", sorted(set(FORGERIES) - TRACE_LIES))
def test_a_forged_block_is_refused_by_what_its_header_commits_to(stand: Stand, slug: str) -> None:
    honest = stand.digest()
    stand.node.do(forgery(slug))
    told = _or_error(stand.digest)
    if isinstance(told, Contradicted):
        assert told.contradiction.kind == REFUSED_AS[slug]
    elif isinstance(told, BadAnswer):
        # A part that lacks is no proof of a lie: it is refused, and counts for nobody.
        weak = ("missing-log", "extra-log", "hidden-transaction", "forged-status", "forged-fee")
        assert slug in weak
    else:
        assert REFUSED_AS[slug] == ""
        assert told.hash == honest.hash
        assert told.contents != honest.contents
    assert stand.node.served.lies[slug] > 0
    stand.node.stop(slug)
    assert stand.digest() == honest


@pytest.mark.parametrize("slug", sorted(TRACE_LIES))
def test_a_forged_trace_is_refused_or_makes_another_digest(stand: Stand, slug: str) -> None:
    """No header commits to traces: a lie about them must show when operators are compared."""
    honest, moved = stand.digest(), stand.movements()
    stand.node.do(forgery(slug))
    if slug == "forged-reward" and stand.node.tracer == "nested":
        assert stand.digest() == honest  # only trace_block tells of rewards
        return
    told, said = _or_error(stand.digest), _or_error(stand.movements)
    if not isinstance(told, BadAnswer):
        assert said == moved or told.traces != honest.traces
        assert (told.hash, told.contents) == (honest.hash, honest.contents)
    assert stand.node.served.lies[slug] > 0
    stand.node.stop(slug)
    assert (stand.digest(), stand.movements()) == (honest, moved)


def _stale(world: World) -> Fault:
    return StaleHead(3)


def _frozen(world: World) -> Fault:
    return FrozenHead()


def _fake(world: World) -> Fault:
    return FakeBranch(depth=2, more=3)


def _mixed(world: World) -> Fault:
    return MixedForks(world.sprout(world.head.line[-3], 4, "other"))


def _until(world: World) -> Fault:
    return HonestUntil(world.head.number, FakeBranch(depth=2, more=3))


@pytest.mark.parametrize("make", [_stale, _frozen, _fake, _mixed, _until])
def test_another_head_is_told_of(flat: Stand, make: Callable[[World], Fault]) -> None:
    fault = make(flat.world)
    flat.node.do(fault)
    flat.world.mine(3)
    true = flat.world.head.name
    assert {flat.adapter.head().hash for _ in range(2)} != {true}
    if fault.slug == "fake-branch":  # nothing in it can be found out by computing again
        for number in range(flat.rich.number - 2, flat.world.head.number + 2):
            assert flat.adapter.read_block(number).head.number == number
    assert flat.node.served.lies[fault.slug] > 0
    flat.node.stop()
    assert flat.adapter.head().hash == true


def test_trust_is_earned_first(flat: Stand) -> None:
    below, above = flat.rich.number - 1, flat.rich.number
    flat.node.do(HonestUntil(below, forgery("forged-receipt")))
    flat.adapter.read_block(below)
    with pytest.raises(Contradicted):
        flat.adapter.read_block(above)


def test_another_chain_is_named(flat: Stand) -> None:
    flat.adapter.check_chain()
    flat.node.do(WrongChainId())
    with pytest.raises(WrongChain):
        flat.adapter.check_chain()


def test_only_one_client_is_lied_to(flat: Stand) -> None:
    honest = flat.digest()
    flat.node.do(TwoFaced(forgery("forged-trace"), WATCHER))
    assert flat.digest() != honest
    other = EvmAdapter(people.CHAIN, flat.url.replace(WATCHER, "auditor"), timeout=1)
    assert other.digest(other.read_block(flat.rich.number)) == honest
    other.close()


WIRES: list[Callable[[], Fault]] = [
    Down,
    lambda: Down(by_proxy=True),
    lambda: SlowBytes(0.02),
    HugeBody,
    *(lambda shape=shape: InvalidJson(shape) for shape in range(len(InvalidJson.SHAPES))),
    *(lambda shape=shape: ErrorAsSuccess(shape) for shape in range(len(ErrorAsSuccess.SHAPES))),
    TooManyRequests,
    LimitExceeded,
    LaggingIndex,
    lambda: LaggingIndex(nothing=True),
]


@pytest.mark.parametrize("make", WIRES)
def test_what_cannot_be_used_is_refused_and_proves_nothing(
    flat: Stand, make: Callable[[], Fault], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracing.chains.evm_rpc.MAX_ANSWER", 2**21)
    honest = flat.digest()
    fault = make()
    flat.node.do(fault)
    with pytest.raises(ChainError) as caught:
        flat.digest()
    assert not isinstance(caught.value, Contradicted)
    assert flat.url not in str(caught.value)
    assert flat.node.served.lies[fault.slug] > 0
    flat.node.stop()
    assert flat.digest() == honest


def test_limits_are_told_in_both_shapes(flat: Stand) -> None:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []}
    flat.node.do(TooManyRequests())
    answer = requests.post(flat.url, json=asked, timeout=5)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    flat.node.stop()
    flat.node.do(LimitExceeded())
    answer = requests.post(flat.url, json=asked, timeout=5)
    assert (answer.status_code, answer.json()["error"]["code"]) == (200, -32005)
    flat.node.stop()
    answer = requests.post(flat.url, json=asked, timeout=5)
    assert answer.json()["result"] == hex(flat.world.head.number)
