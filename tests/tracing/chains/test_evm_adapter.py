"""The adapter against a real node: whole blocks, balances by block hash, prices, and what it says
about an endpoint that is not what it should be."""

from dataclasses import replace

import pytest

from config.embedded.node import Node
from tracing.chains.base import RawBlock
from tracing.chains.errors import Contradicted, RetryableChainError, WrongChain
from tracing.chains.evm import EvmAdapter
from tracing.chains.evm_commitments import NAMES, check
from tracing.core.types import AccountKey, MovementKind

pytestmark = pytest.mark.node

CHAIN = "eip155:31337"
ETH = f"{CHAIN}/slip44:60"
A = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"  # anvil's first two accounts
B = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"
FRESH = "0x" + "77" * 20
TOKEN = "0x" + "aa" * 20


def program() -> str:
    """A contract by hand. Called with a selector, an address and an amount, it logs a Transfer of
    that amount from its caller and sends the call's value on; otherwise it answers the word 6."""
    transfer = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
    act = (
        "5b"  # JUMPDEST
        "602435600052"  # MSTORE(0, amount)
        "600435"  # topic 3: to
        "33"  # topic 2: caller
        f"7f{transfer}"  # topic 1
        "60206000a3"  # LOG3(0, 32)
        "6000600060006000"  # no data in or out
        "34600435"  # value, to
        "5af1"  # GAS CALL
        "00"  # STOP
    )
    answer = "600660005260206000f3"  # return 6
    size = len(answer) // 2
    head = "6044361460" + f"{5 + 2 + size:02x}" + "57"  # EQ(CALLDATASIZE, 68) JUMPI
    return "0x" + head + answer + act


@pytest.fixture(scope="module")
def adapter(node: Node) -> EvmAdapter:
    node.call("anvil_setCode", TOKEN, program())
    return EvmAdapter(CHAIN, node.url)


def send(node: Node, to: str, value: int, data: str = "0x", frm: str = A) -> str:
    return str(node.call("eth_sendTransaction", request(to, value, data, frm)))


def request(to: str, value: int, data: str = "0x", frm: str = A) -> dict[str, str]:
    cost = {"gas": "0x30d40", "gasPrice": "0x3b9aca00"}
    return {"from": frm, "to": to, "value": hex(value), "data": data, **cost}


def test_block_is_read_and_decoded_whole(node: Node, adapter: EvmAdapter) -> None:
    adapter.check_chain()
    native = send(node, B, 10**18)
    body = "0xa9059cbb" + FRESH[2:].rjust(64, "0") + f"{77:064x}"
    call = send(node, TOKEN, 500, body)
    node.call("evm_mine")
    head = adapter.head()
    assert head is not None
    raw = adapter.read_block(head.number)
    block = adapter.decode(raw)
    assert (block.hash, block.parent_hash) == (head.hash, head.parent_hash)
    found = {
        tx.tx: [(m.kind, m.frm, m.to, m.amount) for m in tx.movements if m.kind != "fee"]
        for tx in block.transactions
    }
    assert found == {
        native: [(MovementKind.NATIVE, A, B, 10**18)],
        call: [
            (MovementKind.NATIVE, A, TOKEN, 500),
            (MovementKind.INTERNAL, TOKEN, FRESH, 500),
            (MovementKind.TOKEN, A, FRESH, 77),
        ],
    }
    assert TOKEN in block.transactions[1].contracts
    (log,) = adapter.logs(raw)
    assert (log.address, log.tx) == (TOKEN, call)


def test_both_kinds_of_traces_say_the_same(node: Node, adapter: EvmAdapter) -> None:
    send(node, TOKEN, 30, "0xa9059cbb" + B[2:].rjust(64, "0") + f"{1:064x}")
    send(node, B, 4)
    node.call("evm_mine")
    head = adapter.head()
    assert head is not None
    raw = adapter.read_block(head.number)
    tree = node.call("debug_traceBlockByHash", head.hash, {"tracer": "callTracer"})
    other = RawBlock(raw.head, raw.header, raw.receipts, tree)
    assert adapter.decode(other) == adapter.decode(raw)


def test_native_movements_explain_every_balance(node: Node, adapter: EvmAdapter) -> None:
    send(node, TOKEN, 9, "0xa9059cbb" + B[2:].rjust(64, "0") + f"{1:064x}")
    node.call("evm_mine")
    head = adapter.head()
    assert head is not None
    keys = [AccountKey(CHAIN, address, ETH) for address in (A, B, TOKEN)]
    before = adapter.balances(keys, head.parent_hash)
    after = adapter.balances(keys, head.hash)
    moved = dict.fromkeys(keys, 0)
    for tx in adapter.decode(adapter.read_block(head.number)).transactions:
        for m in tx.movements:
            for address, sign in ((m.frm, -1), (m.to, 1)):
                if m.asset == ETH and address is not None:
                    moved[AccountKey(CHAIN, address, ETH)] += sign * m.amount
    assert {key: after[key] - before[key] for key in keys} == moved  # type: ignore[operator]


def test_change_without_a_transaction_is_an_unexplained_delta(
    node: Node, adapter: EvmAdapter
) -> None:
    keys = [AccountKey(CHAIN, B, ETH), AccountKey(CHAIN, FRESH, ETH)]
    parent = adapter.head()
    assert parent is not None
    before = adapter.balances(keys, parent.hash)
    node.call("anvil_setBalance", B, hex(10**18))
    send(node, B, 5)
    node.call("evm_mine")
    block = adapter.decode(adapter.read_block(parent.number + 1))
    moved = 10**18 - (before[keys[0]] or 0)
    assert adapter.balance_deltas(keys, block, before) == {keys[0]: moved}
    assert adapter.balance_deltas(keys, block) == {}  # this node rewrote the parent's state


def test_balances_of_tokens_and_of_what_is_no_token(adapter: EvmAdapter) -> None:
    head = adapter.head()
    assert head is not None
    keys = [
        AccountKey(CHAIN, A, f"{CHAIN}/erc20:{TOKEN}"),
        AccountKey(CHAIN, A, f"{CHAIN}/erc20:{B}"),
        AccountKey("eip155:1", A, "eip155:1/slip44:60"),
    ]
    assert adapter.balances(keys, head.hash) == {keys[0]: 6, keys[1]: None}


def test_prices_are_values_of_one_base_unit(adapter: EvmAdapter) -> None:
    head = adapter.head()
    assert head is not None
    token = f"{CHAIN}/erc20:{TOKEN}"
    assert adapter.prices(TOKEN, [token, ETH], head.hash) == {token: 6 * 10**36 // 10**6}


def test_code_is_told_from_ordinary_accounts_and_delegations(
    node: Node, adapter: EvmAdapter
) -> None:
    node.call("anvil_setCode", FRESH, "0xef0100" + TOKEN[2:])
    node.call("evm_mine")
    head = adapter.head()
    assert head is not None
    assert adapter.has_code([TOKEN, B, FRESH], head.hash) == {TOKEN: True, B: False, FRESH: False}
    assert adapter.delegated([TOKEN, B, FRESH], head.hash) == {FRESH}


def test_reorganised_block_is_known_by_its_parent(node: Node, adapter: EvmAdapter) -> None:
    node.call("evm_mine")
    old = adapter.head()
    assert old is not None
    node.call("anvil_reorg", 1, [[request(B, 1), 0]])
    new = adapter.header(old.number)
    assert new is not None
    assert new.hash != old.hash
    assert new.parent_hash == old.parent_hash
    assert adapter.header_by_hash(new.hash) == new


def test_block_that_is_not_there_yet_is_asked_for_again(adapter: EvmAdapter) -> None:
    assert adapter.header(10**9) is None
    with pytest.raises(RetryableChainError, match="not there yet"):
        adapter.read_block(10**9)


def test_endpoint_of_another_chain_is_refused(node: Node) -> None:
    with pytest.raises(WrongChain) as refusal:
        EvmAdapter("eip155:1", node.url).check_chain()
    assert (refusal.value.expected, refusal.value.found) == ("eip155:1", CHAIN)


def test_what_a_hostile_contract_can_waste_is_bounded(node: Node, adapter: EvmAdapter) -> None:
    head = adapter.head()
    assert head is not None
    endless, huge, refuses, empty = ("0x" + f"{0xE0 + at:040x}" for at in range(4))
    for at, code in (
        (endless, "5b600056"),  # JUMPDEST; JUMP to it, for ever
        (huge, "62ffffff6000f3"),  # return 16 MiB
        (refuses, "60006000fd"),  # REVERT
    ):
        node.call("anvil_setCode", at, "0x" + code)
    asked = [(to, bytes(4)) for to in (TOKEN, endless, huge, refuses, empty)]
    answers = adapter.calls(asked, head.hash, gas=300_000)
    assert answers == [(6).to_bytes(32), None, None, None, b""]


def test_block_of_this_node_holds_together_and_a_false_header_does_not(node: Node) -> None:
    adapter = EvmAdapter(CHAIN, node.url, commitments=NAMES)
    send(node, TOKEN, 5, "0xa9059cbb" + B[2:].rjust(64, "0") + f"{1:064x}")
    send(node, B, 4)
    node.call("evm_mine")
    head = adapter.head()
    assert head is not None
    raw = adapter.read_block(head.number)
    assert len(raw.receipts or []) == 2
    assert adapter.header(head.number) == adapter.header_by_hash(head.hash) == head
    with pytest.raises(Contradicted):
        check(replace(raw, header={**raw.header, "gasLimit": "0x1"}), NAMES)


def test_adapter_refuses_commitments_that_are_none(node: Node) -> None:
    with pytest.raises(ValueError, match="trace"):
        EvmAdapter(CHAIN, node.url, commitments=["header", "trace"])
