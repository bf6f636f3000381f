"""What moves value in unusual ways, on a real node: decoded from either kind of traces it is what
the node's own state says happened, on all accounts but senders and the fee recipient."""

from collections.abc import Callable
from typing import Any

import pytest
from eth_account import Account

from config.embedded.node import Node, NodeOptions
from tests.tracing.chains.test_recorded_diffs import prestate, total, without
from tracing.chains.base import RawBlock
from tracing.chains.evm import EvmAdapter
from tracing.chains.evm_checks import read_head
from tracing.chains.evm_decode import assemble, to_movements
from tracing.chains.evm_digest import digest
from tracing.chains.evm_traces import Untold
from tracing.core.types import BlockMovements

pytestmark = pytest.mark.node

A = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"  # anvil's first account, and its third
PERSON = Account.from_key("0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a")
SPONSOR = "0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6"  # its fourth
HEIR = "0x" + "11" * 20
FAILING, LIBRARY, LEAVING = ("0x" + pair * 20 for pair in ("fa", "fb", "fc"))
PAID = 1_000  # wei, sent along with each call
HELD = 50_000  # wei, of each contract before

OPCODES = {
    **{"STOP": 0x00, "ADDRESS": 0x30, "CALLVALUE": 0x34, "POP": 0x50, "MSTORE8": 0x53},
    **{"GAS": 0x5A, "DUP6": 0x85, "CREATE": 0xF0, "CALL": 0xF1, "CALLCODE": 0xF2},
    **{"DELEGATECALL": 0xF4, "CREATE2": 0xF5, "REVERT": 0xFD, "INVALID": 0xFE},
    "SELFDESTRUCT": 0xFF,
}


def code(*parts: str | int) -> str:
    """Opcodes by name; numbers and addresses are pushed."""
    found = b""
    for part in parts:
        if isinstance(part, str) and not part.startswith("0x"):
            found += bytes((OPCODES[part],))
            continue
        number = part if isinstance(part, int) else int(part, 16)
        size = max(1, (number.bit_length() + 7) // 8)
        found += bytes((0x5F + size,)) + number.to_bytes(size)
    return found.hex()


def call(to: str | int, value: int, gas: int | str = "GAS", how: str = "CALL") -> str:
    return code(0, 0, 0, 0, value, to, gas, how, "POP")


def make(init: str, value: int, salt: int | None = None) -> str:
    """CREATE, or CREATE2 with a salt, of what ``init`` does; leaves the address on the stack."""
    body = bytes.fromhex(init)
    stored = "".join(code(byte, at, "MSTORE8") for at, byte in enumerate(body))
    if salt is None:
        return stored + code(len(body), 0, value, "CREATE")
    return stored + code(salt, len(body), 0, value, "CREATE2")


LEAVES = code(HEIR, "SELFDESTRUCT")
VANISHES = code("ADDRESS", "SELFDESTRUCT")
PAYS_LAST = code(0, 0, 0, 0, 19, "DUP6", "GAS", "CALL")  # whatever is on top of the stack

CASES: dict[str, str] = {
    "leaves its ether to an heir": LEAVES,
    "leaves its ether to itself": VANISHES,
    "makes a contract with ether": make(code(0, 0, "REVERT"), 3) + make("", 7),
    "makes one that leaves all to an heir": make(LEAVES, 11),
    "makes one that leaves all to itself": make(VANISHES, 13, salt=1),
    "pays one that has just vanished": make(VANISHES, 17, salt=2) + PAYS_LAST,
    "pays one that has just left": make(LEAVES, 17, salt=2) + PAYS_LAST + call(HEIR, 1),
    "pays an old one that leaves, twice": call(LEAVING, 21) + call(LEAVING, 22),
    "catches what fails": call(FAILING, 9) + call(HEIR, 2),
    "fails on the way": call(HEIR, 2) + code("INVALID"),
    "starves a callee": call(FAILING, 3, gas=10),
    "sends more than it has": call(HEIR, 10**30) + call(HEIR, 1),
    "calls the code of another": call(LIBRARY, 4, how="CALLCODE")
    + code(0, 0, 0, 0, LIBRARY, "GAS", "DELEGATECALL"),
    "pays precompiled contracts": call(2, 6) + call(4, 1),
    "pays itself": code(0, 0, 0, 0, 8, "ADDRESS", "GAS", "CALL"),
}
OTHERS = {FAILING: call(HEIR, 5) + code(0, 0, "REVERT"), LIBRARY: call(HEIR, 5), LEAVING: LEAVES}


def place(at: int) -> str:
    return "0x" + f"{0xC0DE00 + at:040x}"


@pytest.fixture(scope="module", params=["prague", "shanghai"])
def chain(request: pytest.FixtureRequest, start_a_node: Callable[..., Node]) -> tuple[Node, str]:
    """A node after and one before EIP-6780; Ethereum's own number, by which that is known."""
    hardfork = request.param
    node = start_a_node(NodeOptions(base_fee=0, chain_id=1, hardfork=hardfork))
    return node, "eip155:31337" if hardfork == "prague" else "eip155:1"


def block_of(node: Node, chain: str) -> tuple[dict[str, Any], dict[str, BlockMovements]]:
    """What the node says changed in its newest block, and what we decode by each tracer."""
    header = node.call("eth_getBlockByNumber", "latest", True)
    receipts = node.call("eth_getBlockReceipts", header["hash"])
    traces = {
        "flat": node.call("trace_block", header["number"]),
        "nested": node.call("debug_traceBlockByHash", header["hash"], {"tracer": "callTracer"}),
    }
    raws = [RawBlock(read_head(header), header, receipts, each) for each in traces.values()]
    assert digest(raws[0]) == digest(raws[1])
    decoded = {
        name: to_movements(chain, assemble(header, receipts, each), fees=False)
        for name, each in traces.items()
    }
    decoded["no header"] = to_movements(chain, assemble(None, None, traces["flat"]), fees=False)
    asked = {"tracer": "prestateTracer", "tracerConfig": {"diffMode": True}}
    diff = node.call("debug_traceBlockByHash", header["hash"], asked)
    senders = {tx["from"] for tx in header["transactions"]}
    return without(total(prestate(diff)), senders | {header["miner"]}), decoded


def changes(block: BlockMovements) -> dict[str, int]:
    found: dict[str, int] = {}
    for tx in block.transactions:
        for move in tx.movements:
            for address, sign in ((move.frm, -1), (move.to, 1)):
                if "/slip44:" in move.asset and address is not None:
                    found[address] = found.get(address, 0) + sign * move.amount
    senders = {tx.sender for tx in block.transactions}
    return {who: change for who, change in found.items() if change and who not in senders}


def send(node: Node, to: str | None, value: int = PAID, data: str = "0x") -> None:
    cost = {"gas": "0x4c4b40", "gasPrice": "0x1"}
    there = {} if to is None else {"to": to}
    node.call(
        "eth_sendTransaction", {"from": A, "value": hex(value), "data": data, **cost, **there}
    )


def prepare(node: Node) -> None:
    bodies = {place(at): body for at, body in enumerate(CASES.values())} | OTHERS
    for at, body in bodies.items():
        node.call("anvil_setCode", at, "0x" + body)
        node.call("anvil_setBalance", at, hex(HELD))
    node.call("evm_mine")


def test_every_unusual_way_alone(chain: tuple[Node, str]) -> None:
    node, name = chain
    for at, case in enumerate(CASES):
        prepare(node)
        send(node, place(at))
        node.call("evm_mine")
        theirs, ours = block_of(node, name)
        for told, block in ours.items():
            assert changes(block) == theirs, (case, told)


def test_selfdestruct_that_this_node_does_not_tell_is_not_guessed(
    chain: tuple[Node, str],
) -> None:
    """After EIP-6780 this node tells the payment once more, as what the contract left."""
    node, name = chain
    node.call("anvil_setCode", LIBRARY, "0x" + call(HEIR, 5) + VANISHES)
    node.call("anvil_setBalance", LIBRARY, hex(HELD))
    node.call("evm_mine")
    send(node, LIBRARY)
    node.call("evm_mine")
    head = EvmAdapter("eip155:1", node.url).head()
    assert head is not None
    raw = EvmAdapter("eip155:1", node.url).read_block(head.number)
    if name == "eip155:1":
        theirs, ours = block_of(node, name)
        assert changes(ours["flat"]) == theirs
        assert raw.traces is not None
    else:
        assert raw.traces is None
        with pytest.raises(Untold):
            block_of(node, name)


def test_all_in_one_block_and_by_accounts_that_run_code(chain: tuple[Node, str]) -> None:
    """EIP-7702: a person's account pays an heir by a contract's code, sent for by another."""
    node, name = chain
    prepare(node)
    for at in range(len(CASES)):
        send(node, place(at))
    send(node, None, 31, "0x" + make("", 7))
    send(node, None, 33, "0x" + LEAVES)
    send(node, None, 35, "0x" + code(0, 0, "REVERT"))
    send(node, HEIR, 37)
    if name != "eip155:1":
        person = PERSON.address
        signed = PERSON.sign_authorization({"chainId": 1, "address": LIBRARY, "nonce": 0})
        sponsor = Account.from_key(SPONSOR)
        fields = {
            "type": 4,
            "chainId": 1,
            "nonce": 0,
            "gas": 300_000,
            "maxFeePerGas": 10,
            "maxPriorityFeePerGas": 1,
            "to": person,
            "value": 41,
            "data": "0x",
            "authorizationList": [signed],
        }
        raw = sponsor.sign_transaction(fields).raw_transaction
        node.call("eth_sendRawTransaction", "0x" + raw.hex())
    node.call("evm_mine")
    theirs, ours = block_of(node, name)
    for told, block in ours.items():
        assert changes(block) == theirs, told
    assert len(block.transactions) == len(CASES) + (5 if name != "eip155:1" else 4)
    assert theirs[HEIR] > 37
    if name != "eip155:1":
        assert theirs[PERSON.address.lower()] == 41 - 5
