"""anvil as we start it: manual mining, no fee where asked, its chain kept over a restart."""

import http.client
from collections.abc import Callable
from pathlib import Path

import pytest

from config.embedded import ports
from config.embedded.errors import DidNotStartError, EmbeddedError
from config.embedded.node import Node, NodeOptions, start_node
from config.embedded.supervisor import Supervisor

pytestmark = pytest.mark.node

ALICE = "0x" + "a1" * 20
BOB = "0x" + "b0" * 20


def pay(node: Node, amount: int) -> str:
    """Send wei from Alice to Bob and mine one block; return the transaction's hash."""
    node.call("anvil_impersonateAccount", ALICE)
    payment = {
        "from": ALICE,
        "to": BOB,
        "value": hex(amount),
        "gas": hex(21_000),
        "gasPrice": "0x0",
    }
    sent = node.call("eth_sendTransaction", payment)
    node.call("evm_mine")
    return sent


def test_block_comes_only_when_asked_and_may_cost_nothing(node: Node) -> None:
    assert node.call("eth_chainId") == hex(31337)
    start = int(node.call("eth_blockNumber"), 16)
    node.call("anvil_setBalance", ALICE, hex(10**18))
    node.call("anvil_impersonateAccount", ALICE)
    payment = {"from": ALICE, "to": BOB, "value": "0x7", "gas": hex(21_000), "gasPrice": "0x0"}
    sent = node.call("eth_sendTransaction", payment)
    assert node.call("eth_getTransactionReceipt", sent) is None
    assert int(node.call("eth_blockNumber"), 16) == start
    node.call("evm_mine")
    assert int(node.call("eth_getTransactionReceipt", sent)["blockNumber"], 16) == start + 1
    assert int(node.call("eth_getBlockByNumber", "latest", False)["baseFeePerGas"], 16) == 0
    assert int(node.call("eth_getBalance", ALICE, "latest"), 16) == 10**18 - 7


def test_options_decide_where_the_chain_begins(start_a_node: Callable[..., Node]) -> None:
    options = NodeOptions(chain_id=1, number=24_000_000, timestamp=1_776_000_000, base_fee=5)
    node = start_a_node(options)
    block = node.call("eth_getBlockByNumber", "latest", False)
    assert node.call("eth_chainId") == "0x1"
    assert int(block["number"], 16) == 24_000_000
    assert int(block["timestamp"], 16) == 1_776_000_000


def test_chain_is_kept_over_a_stop(start_a_node: Callable[..., Node], tmp_path: Path) -> None:
    options = NodeOptions(base_fee=0, state=tmp_path / "chain" / "state.json")
    first = start_a_node(options)
    first.call("anvil_setBalance", ALICE, hex(100))
    hashes = [pay(first, 3), pay(first, 4)]
    head = first.call("eth_getBlockByNumber", "latest", True)
    first.stop()
    second = start_a_node(options)
    assert second.call("eth_getBlockByNumber", "latest", True) == head
    assert [second.call("eth_getTransactionByHash", sent)["hash"] for sent in hashes] == hashes
    # Past states too: the tracer reads the balance at the parent of a first exposure.
    assert int(second.call("eth_getBalance", BOB, "0x1"), 16) == 3
    assert int(second.call("eth_getBalance", BOB, "latest"), 16) == 7
    second.call("anvil_reorg", 1, [])
    assert int(second.call("eth_getBalance", BOB, "latest"), 16) == 3


def test_killed_node_comes_back_as_it_was_last_saved(
    start_a_node: Callable[..., Node], tmp_path: Path
) -> None:
    node = start_a_node(NodeOptions(base_fee=0, state=tmp_path / "state.json"))
    node.call("anvil_setBalance", ALICE, hex(100))
    pay(node, 3)
    saved = node.call("eth_getBlockByNumber", "latest", True)
    node.save()
    pay(node, 4)
    node.supervisor.wait_restarted(node.name, node.supervisor.kill(node.name))
    node.wait_until_ready()
    assert node.call("eth_getBlockByNumber", "latest", True) == saved
    assert int(node.call("eth_getBalance", BOB, "latest"), 16) == 3


def test_node_without_a_file_cannot_be_saved_and_begins_anew(node: Node) -> None:
    with pytest.raises(EmbeddedError, match="no file"):
        node.save()
    node.call("evm_mine")
    node.supervisor.wait_restarted(node.name, node.supervisor.kill(node.name))
    node.wait_until_ready()
    assert node.call("eth_blockNumber") == "0x0"


def test_web_pages_may_not_read_its_answers(node: Node) -> None:
    connection = http.client.HTTPConnection(ports.HOST, node.port, timeout=10)
    headers = {"Origin": "https://evil.example", "Content-Type": "application/json"}
    connection.request("POST", "/", '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}', headers)
    answer = connection.getresponse()
    connection.close()
    assert answer.status == 200
    assert "access-control-allow-origin" not in {name.lower() for name in answer.headers}


def test_error_of_the_node_is_raised_with_its_words(node: Node) -> None:
    with pytest.raises(EmbeddedError, match="no_such_method"):
        node.call("no_such_method")


def test_port_that_answers_as_another_chain_is_refused(
    start_a_node: Callable[..., Node], tmp_path: Path
) -> None:
    other = start_a_node(NodeOptions(chain_id=5))
    with (
        Supervisor(tmp_path, say=lambda _: None) as supervisor,
        pytest.raises(DidNotStartError, match="has chain id 5, not 31337"),
    ):
        start_node(supervisor, other.port)
    assert supervisor.names() == []
