"""Whole blocks in one request: the same as one by one, and as web3's own formatters give them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hexbytes import HexBytes
from web3 import HTTPProvider, Web3

from config.embedded.node import Node
from tests.tracing.chains.test_evm_adapter import CHAIN, TOKEN, A, B, program, send
from tests.tracing.watch.liar import Liar, replacing
from tracing.chains.base import RawBlock
from tracing.chains.errors import ChainError, RetryableChainError
from tracing.chains.evm import EvmAdapter

pytestmark = pytest.mark.node
BLOCKS = 12


@pytest.fixture(scope="module")
def first(node: Node) -> int:
    """The first of some blocks with transfers, calls, and nothing."""
    node.call("anvil_setCode", TOKEN, program())
    height = int(node.call("eth_blockNumber"), 16)
    for at in range(BLOCKS):
        for _ in range(at % 3):
            send(node, B, 10**15 + at)
            send(node, TOKEN, 5, "0xa9059cbb" + B[2:].rjust(64, "0") + f"{at:064x}")
        node.call("evm_mine")
    return height + 1


@pytest.fixture
def endpoint(node: Node) -> Iterator["Counter"]:
    endpoint = Counter(node.url)
    yield endpoint
    endpoint.close()


class Counter(Liar):
    """Counts what it was asked: one number for each HTTP request, of the calls in it."""

    def honest(self) -> None:
        super().honest()
        self.sizes: list[int] = []
        self.most = 1_000

    def ask(self, body: bytes) -> bytes:
        asked = json.loads(body)
        self.sizes.append(len(asked) if isinstance(asked, list) else 1)
        if self.sizes[-1] > self.most:
            return b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"too many"}}'
        return super().ask(body)


def whole(found: list[RawBlock | ChainError]) -> list[RawBlock]:
    assert [one for one in found if isinstance(one, ChainError)] == []
    return [one for one in found if isinstance(one, RawBlock)]


def test_many_blocks_take_one_request_and_are_the_same_as_one_by_one(
    endpoint: Counter, first: int
) -> None:
    adapter = EvmAdapter(CHAIN, endpoint.url)
    numbers = range(first, first + BLOCKS)
    learnt = adapter.read_block(first)
    endpoint.sizes.clear()
    together = whole(adapter.read_blocks(numbers))
    assert endpoint.sizes == [3 * BLOCKS]
    endpoint.sizes.clear()
    assert together == [EvmAdapter(CHAIN, endpoint.url).read_block(n) for n in numbers]
    assert together[0] == learnt
    assert sum(len(raw.receipts or ()) for raw in together) == 24
    # from the second block on a block by itself is one request, too
    endpoint.sizes.clear()
    adapter.read_block(first)
    assert endpoint.sizes == [3]


def test_an_endpoint_that_refuses_many_is_asked_for_fewer(endpoint: Counter, first: int) -> None:
    adapter = EvmAdapter(CHAIN, endpoint.url)
    adapter.read_block(first)
    endpoint.most = 10
    numbers = range(first, first + BLOCKS)
    assert [raw.head.number for raw in whole(adapter.read_blocks(numbers))] == list(numbers)
    endpoint.sizes.clear()
    whole(adapter.read_blocks(numbers))
    assert max(endpoint.sizes) <= endpoint.most


def test_an_endpoint_without_batches_is_asked_one_by_one(endpoint: Counter, first: int) -> None:
    adapter = EvmAdapter(CHAIN, endpoint.url)
    endpoint.most = 1
    numbers = range(first, first + 4)
    assert [raw.head.number for raw in whole(adapter.read_blocks(numbers))] == list(numbers)
    endpoint.sizes.clear()
    whole(adapter.read_blocks(numbers))
    assert set(endpoint.sizes) == {1}


def test_what_is_of_another_block_is_asked_for_again(endpoint: Counter, first: int) -> None:
    """As while a chain is reorganised: in one request, the answers are of two branches."""
    adapter = EvmAdapter(CHAIN, endpoint.url)
    right = adapter.read_block(first + 2)
    other = replacing(f'"blockHash":"{right.head.hash}"', f'"blockHash":"0x{"ab" * 32}"')
    endpoint.mood = lambda answer: other(answer) if answer.startswith(b"[") else answer
    endpoint.sizes.clear()
    assert whole(adapter.read_blocks([first + 2])) == [right]
    assert endpoint.sizes == [3, 1, 1, 1]


def test_a_block_that_is_not_there_fails_alone(endpoint: Counter, node: Node, first: int) -> None:
    adapter = EvmAdapter(CHAIN, endpoint.url)
    head = int(node.call("eth_blockNumber"), 16)
    adapter.read_block(first)
    *there, missing = adapter.read_blocks([head - 1, head, head + 1])
    assert [raw.head.number for raw in whole(there)] == [head - 1, head]
    assert isinstance(missing, RetryableChainError)


def as_wire(value: Any) -> Any:
    """What web3 made of an answer, back in the form of the wire."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return hex(value)
    if isinstance(value, bytes):
        return HexBytes(value).to_0x_hex()
    if hasattr(value, "items"):
        return {name: as_wire(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_wire(part) for part in value]
    return value


def test_results_are_those_of_web3s_formatters(node: Node, first: int) -> None:
    """The hot path reads JSON itself: web3's formatters take most of the time, and add nothing."""
    adapter = EvmAdapter(CHAIN, node.url)
    web3 = Web3(HTTPProvider(node.url))
    for number in range(first, first + BLOCKS):
        raw = adapter.read_block(number)
        header = web3.eth.get_block(number, full_transactions=True)
        receipts = [web3.eth.get_transaction_receipt(tx["hash"]) for tx in header["transactions"]]  # type: ignore[index]
        theirs = RawBlock(raw.head, as_wire(header), as_wire(receipts), raw.traces)
        assert adapter.decode(theirs) == adapter.decode(raw)
        assert adapter.logs(theirs) == adapter.logs(raw)
        assert adapter.digest(theirs) == adapter.digest(raw)
    assert A in {tx.sender for tx in adapter.decode(raw).transactions}
