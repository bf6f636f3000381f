"""Balances proved against a block's state root: the node's own proofs hold, forged ones do not."""

import copy
import json
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
import rlp
from eth_utils.crypto import keccak
from trie import HexaryTrie

from config.embedded.node import Node
from tests.tracing.chains.pools import crowd_of
from tests.tracing.chains.recorded import DATA, needs_recordings
from tests.tracing.chains.test_evm_adapter import CHAIN, FRESH, TOKEN, A, B, program, send
from tests.tracing.watch.liar import Liar, Refusal
from tracing.chains.base import native_changes
from tracing.chains.errors import BadAnswer
from tracing.chains.evm import EvmAdapter
from tracing.chains.evm_proof import read_balance
from tracing.core.types import BlockMovements

PROOFS = DATA / "rpc" / "execution_apis" / "tests" / "eth_getProof"
ABSENT = "0x" + "de" * 20


def account(balance: int) -> bytes:
    return bytes(rlp.encode([1, balance, keccak(rlp.encode(b"")), keccak(b"")]))


@pytest.fixture(scope="module")
def state() -> HexaryTrie:
    """A state with a hundred accounts, account n with a balance of n."""
    trie = HexaryTrie({})
    for n in range(100):
        trie[keccak(n.to_bytes(20))] = account(n)
    return trie


def who(n: int) -> str:
    return "0x" + n.to_bytes(20).hex()


def proof(state: HexaryTrie, address: str, balance: int) -> dict[str, Any]:
    path = state.get_proof(keccak(bytes.fromhex(address[2:])))
    return {
        "balance": hex(balance),
        "accountProof": ["0x" + rlp.encode(node).hex() for node in path],
    }


def test_proofs_of_presence_and_absence_hold(state: HexaryTrie) -> None:
    for n in range(100):
        assert read_balance(proof(state, who(n), n), who(n), state.root_hash) == n
    assert read_balance(proof(state, ABSENT, 0), ABSENT, state.root_hash) == 0


def test_forged_proofs_do_not(state: HexaryTrie) -> None:
    root = bytes(state.root_hash)
    honest = proof(state, who(77), 77)
    changed = HexaryTrie(copy.copy(state.db), root)
    changed[keccak(bytes.fromhex(who(77)[2:]))] = account(1_000)
    path = honest["accountProof"]
    flipped = [path[0], path[1][:-1] + ("0" if path[1][-1] != "0" else "1"), *path[2:]]
    for forged in (
        honest | {"balance": "0x4e"},
        honest | {"balance": "0x0"},
        proof(state, who(76), 77),
        proof(changed, who(77), 1_000),
        proof(state, who(77), 77) | {"accountProof": path[:-1], "balance": "0x0"},
        honest | {"accountProof": path[1:]},
        honest | {"accountProof": flipped},
        honest | {"accountProof": [], "balance": "0x0"},
        honest | {"accountProof": path * 60},
        honest | {"accountProof": ["0xff", "0x"], "balance": "0x0"},
        honest | {"accountProof": ["0x" + "f8ff" * 3000, *path]},
        honest | {"accountProof": ["0x" + "c7c6c5c4c3c2c1c0", "0x80"]},
        honest | {"accountProof": "0x"},
        {"balance": "0x4d"},
    ):
        with pytest.raises(BadAnswer):
            read_balance(forged, who(77), root)
    with pytest.raises(BadAnswer):
        read_balance(honest, who(77), keccak(b"another root"))
    assert read_balance(honest, who(77), root) == 77


@needs_recordings
def test_conformance_proofs_hold() -> None:
    """The root is the hash of a proof's first node; the tests' block is not told beside it."""
    for path in sorted(PROOFS.glob("*.io")):
        line = next(row for row in path.read_text().splitlines() if row.startswith("<<"))
        answer = json.loads(line[2:])["result"]
        root = keccak(bytes.fromhex(answer["accountProof"][0][2:]))
        assert read_balance(answer, answer["address"], root) == int(answer["balance"], 16)
        with pytest.raises(BadAnswer):
            read_balance(answer | {"balance": "0x1"}, answer["address"], root)


@pytest.fixture
def adapter(node: Node) -> EvmAdapter:
    """The head is a block of this node's own making: its first does not commit to its state."""
    node.call("anvil_setCode", TOKEN, program())
    node.call("evm_mine")
    return EvmAdapter(CHAIN, node.url)


def mined(adapter: EvmAdapter, node: Node) -> BlockMovements:
    """A block in which A's 500 wei go through a contract to a fresh address, and B is paid."""
    send(node, TOKEN, 500, "0xa9059cbb" + FRESH[2:].rjust(64, "0") + f"{7:064x}")
    send(node, B, 10**18)
    node.call("evm_mine")
    head = adapter.head()
    assert head is not None
    return adapter.decode(adapter.read_block(head.number))


@pytest.mark.node
def test_balances_of_a_real_node_are_proved(node: Node, adapter: EvmAdapter) -> None:
    block = mined(adapter, node)
    parties = [A, B, FRESH, TOKEN, ABSENT]
    told = {who: int(node.call("eth_getBalance", who, "latest"), 16) for who in parties}
    assert adapter.proved_balances(parties, block.hash) == told
    assert told[FRESH] >= 500
    assert adapter.proved_balances([], block.hash) == {}
    assert adapter.proved_balances(parties, "0x" + "9" * 64) is None


@pytest.mark.node
def test_movements_are_proved_by_balances_and_forged_ones_are_not(
    node: Node, adapter: EvmAdapter
) -> None:
    block = mined(adapter, node)
    assert native_changes(block, [FRESH]).keys() == {A, TOKEN, FRESH, B} - {B}
    assert adapter.proves_native(block, [FRESH]) is True
    assert adapter.proves_native(block, [B]) is True
    assert adapter.proves_native(block, [ABSENT]) is True  # nothing of it moved
    silent = replace(block, transactions=block.transactions[1:])
    assert adapter.proves_native(silent, [FRESH]) is False  # and of this one something did
    assert adapter.proves_native(replace(block, parent_hash="0x" + "9" * 64), [FRESH]) is None
    first = block.transactions[0]
    inner = first.movements[2]
    assert (inner.frm, inner.to, inner.amount) == (TOKEN, FRESH, 500)
    for lie in (
        (),
        (replace(inner, amount=501),),
        (replace(inner, to=ABSENT),),
        (inner, replace(inner, frm=FRESH, to=ABSENT)),
    ):
        moves = (*first.movements[:2], *lie, *first.movements[3:])
        forged = replace(block, transactions=(replace(first, movements=moves),))
        assert adapter.proves_native(forged, [TOKEN]) is False


@pytest.mark.node
def test_pool_finds_whoever_proves_a_balance(node: Node, adapter: EvmAdapter) -> None:
    block = mined(adapter, node)
    with crowd_of(node, 3) as crowd:
        pool = crowd.pool()
        crowd.liars[0].lies["eth_getProof"] = lambda _, __: Refusal(-32601, "Method not found")
        crowd.liars[1].lies["eth_getProof"] = lambda _, proof: proof | {"balance": "0x1"}
        assert pool.proved_balances([FRESH], block.hash) == adapter.proved_balances(
            [FRESH], block.hash
        )
        assert pool.proves_native(block, [FRESH]) is True


@pytest.mark.node
def test_forged_or_missing_proof_of_an_endpoint_is_refused(node: Node, adapter: EvmAdapter) -> None:
    block = mined(adapter, node)
    with closing(Liar(node.url)) as liar:
        other = EvmAdapter(CHAIN, liar.url)
        assert other.proves_native(block, [FRESH]) is True
        liar.lies["eth_getProof"] = lambda _, proof: proof | {"balance": "0x1"}
        with pytest.raises(BadAnswer, match="not the one"):
            other.proved_balances([FRESH], block.hash)
        liar.lies["eth_getProof"] = lambda _, __: Refusal(-32000, "missing trie node")
        assert other.proved_balances([FRESH], block.hash) is None
        liar.honest()
        liar.lies["eth_getBlockByHash"] = lambda _, told: told | {"stateRoot": "0x" + "7" * 64}
        assert other.proved_balances([FRESH], block.hash) is None
