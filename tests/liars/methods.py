"""The methods of an honest node, on the chain that it tells of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from eth_utils import keccak

from tests.liars import shapes
from tests.liars.blocks import Block
from tests.liars.chain import World, account_proof, storage_trie
from tests.liars.faults import Call, RpcError
from tests.liars.people import CHAIN_ID, TOKEN

if TYPE_CHECKING:
    from tests.liars.operators import Operator

Json = Any
_BALANCE_OF = "0x70a08231"


def find(node: Operator, call: Call, which: Json) -> Block | None:
    """By tag, number, hash or {"blockHash": ...}; what a node has not seen it does not know."""
    line = call.line
    if isinstance(which, dict):
        which = which.get("blockHash", which.get("blockNumber"))
    found: Block | None = None
    if which in ("latest", "pending"):
        found = line[-1]
    elif which in ("safe", "finalized"):
        found = line[max(0, len(line) - 1 - (32 if which == "safe" else 64))]
    elif which == "earliest":
        found = line[0]
    elif isinstance(which, str) and len(which) == 66:
        found = node.world.blocks.get(bytes.fromhex(which[2:]))
        if found is not None and not _knows(node.world, line, found):
            found = None
    elif isinstance(which, str):
        number = int(which, 16)
        found = line[number] if number < len(line) else None
    call.block = found
    return found


def _state(node: Operator, call: Call, which: Json) -> Block:
    found = find(node, call, which)
    if found is None:
        raise RpcError(-32000, "header not found")
    return found


def _knows(world: World, line: tuple[Block, ...], block: Block) -> bool:
    """In its own chain, or a truth of the past that was as high as it is now."""
    if block.number >= len(line):
        return False
    return line[block.number] is block or block.name in world.true_hashes


def _block(node: Operator, call: Call) -> Json:
    found = find(node, call, call.params[0])
    if found is None:
        return None
    return shapes.whole_block(found) if call.params[1] else shapes.light_block(found)


def _receipts(node: Operator, call: Call) -> Json:
    if not node.has_block_receipts:
        raise RpcError(-32601, "the method eth_getBlockReceipts does not exist/is not available")
    found = find(node, call, call.params[0])
    return None if found is None else shapes.receipts(found)


def _mined(node: Operator, call: Call, tell: Callable[[Block], list[Json]]) -> Json:
    """What is told of one transaction, looked for from the newest block down."""
    for block in reversed(call.line):
        for at, tx in enumerate(block.transactions):
            if shapes.as_hex(tx.hash) == call.params[0]:
                call.block = block
                return tell(block)[at]
    return None


def _receipt(node: Operator, call: Call) -> Json:
    return _mined(node, call, shapes.receipts)


def _transaction(node: Operator, call: Call) -> Json:
    return _mined(node, call, lambda block: shapes.whole_block(block)["transactions"])


def _flat(node: Operator, call: Call) -> Json:
    if node.tracer != "flat":
        raise RpcError(-32601, "the method trace_block does not exist/is not available")
    found = find(node, call, call.params[0])
    return None if found is None else shapes.flat_traces(found)


def _nested(node: Operator, call: Call) -> Json:
    if node.tracer != "nested":
        raise RpcError(-32601, f"the method {call.method} does not exist/is not available")
    return shapes.nested_traces(_state(node, call, call.params[0]))


def _logs(node: Operator, call: Call) -> Json:
    asked = call.params[0]
    if "blockHash" in asked:
        blocks = [_state(node, call, asked["blockHash"])]
    else:
        first = find(node, call, asked.get("fromBlock", "latest"))
        last = find(node, call, asked.get("toBlock", "latest")) or call.line[-1]
        blocks = list(call.line[first.number : last.number + 1]) if first else []
    found = [log for block in blocks for one in shapes.receipts(block) for log in one["logs"]]
    return [log for log in found if _is_wanted(log, asked)]


def _is_wanted(log: Json, asked: Json) -> bool:
    if asked.get("address") is not None:
        wanted = asked["address"]
        if log["address"] not in (wanted if isinstance(wanted, list) else [wanted]):
            return False
    for place, topic in enumerate(asked.get("topics") or ()):
        some = topic if isinstance(topic, list) else [topic]
        if topic is not None and (place >= len(log["topics"]) or log["topics"][place] not in some):
            return False
    return True


def _balance(node: Operator, call: Call) -> Json:
    state = _state(node, call, call.params[1]).state
    return hex(state.native.get(call.params[0].lower(), 0))


def _nonce(node: Operator, call: Call) -> Json:
    state = _state(node, call, call.params[1]).state
    return hex(state.nonces.get(call.params[0].lower(), 0))


def _code(node: Operator, call: Call) -> Json:
    state = _state(node, call, call.params[1]).state
    return shapes.as_hex(state.code.get(call.params[0].lower(), b""))


def _call(node: Operator, call: Call) -> Json:
    state = _state(node, call, call.params[1]).state
    asked = call.params[0]
    body = asked.get("data", asked.get("input", "0x"))
    if asked["to"].lower() == TOKEN and body.startswith(_BALANCE_OF):
        return shapes.as_hex(state.token.get(f"0x{body[34:74]}", 0).to_bytes(32))
    if asked["to"].lower() in state.code:
        raise RpcError(3, "execution reverted")
    return "0x"


def _proof(node: Operator, call: Call) -> Json:
    block = _state(node, call, call.params[2])
    address = call.params[0].lower()
    state = block.state
    empty = storage_trie(type(state)()).root_hash
    storage = storage_trie(state).root_hash if address == TOKEN else empty
    return {
        "address": address,
        "accountProof": [shapes.as_hex(one) for one in account_proof(block, address)],
        "balance": hex(state.native.get(address, 0)),
        "nonce": hex(state.nonces.get(address, 0)),
        "codeHash": shapes.as_hex(keccak(state.code.get(address, b""))),
        "storageHash": shapes.as_hex(bytes(storage)),
        "storageProof": [],
    }


METHODS: dict[str, Callable[[Operator, Call], Json]] = {
    "eth_chainId": lambda node, call: hex(CHAIN_ID),
    "net_version": lambda node, call: str(CHAIN_ID),
    "web3_clientVersion": lambda node, call: "Liar/v1.0.0",
    "eth_syncing": lambda node, call: False,
    "eth_blockNumber": lambda node, call: hex(call.line[-1].number),
    "eth_getBlockByNumber": _block,
    "eth_getBlockByHash": _block,
    "eth_getBlockReceipts": _receipts,
    "eth_getTransactionReceipt": _receipt,
    "eth_getTransactionByHash": _transaction,
    "eth_getLogs": _logs,
    "trace_block": _flat,
    "debug_traceBlockByHash": _nested,
    "debug_traceBlockByNumber": _nested,
    "eth_getBalance": _balance,
    "eth_getTransactionCount": _nonce,
    "eth_getCode": _code,
    "eth_call": _call,
    "eth_getProof": _proof,
}
