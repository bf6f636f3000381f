"""Blocks of the made-up chain as nodes tell them over JSON-RPC. Each answer is made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.liars.blocks import BASE_FEE, TIP, Block, Signed, Withdrawal, bloom
from tests.liars.ledger import Frame
from tests.liars.people import CHAIN_ID

Json = Any
_HEADER = (
    "parentHash",
    "sha3Uncles",
    "miner",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
    "difficulty",
    "number",
    "gasLimit",
    "gasUsed",
    "timestamp",
    "extraData",
    "mixHash",
    "nonce",
    "baseFeePerGas",
    "withdrawalsRoot",
    "blobGasUsed",
    "excessBlobGas",
    "parentBeaconBlockRoot",
    "requestsHash",
)


def as_hex(value: bytes | int) -> str:
    return hex(value) if isinstance(value, int) else "0x" + value.hex()


def _once(name: str, block: Block, build: Callable[[], Json]) -> Json:
    if name not in block.told:
        block.told[name] = build()
    return block.told[name]


def whole_block(block: Block) -> Json:
    """eth_getBlockByNumber with the transactions. Not to be changed: it is shared."""
    return _once(
        "whole", block, lambda: _block(block, [_transaction(block, at) for at in _at(block)])
    )


def light_block(block: Block) -> Json:
    """The same with hashes in the transactions' place."""
    return _once(
        "light", block, lambda: _block(block, ["0x" + tx.hash.hex() for tx in block.transactions])
    )


def receipts(block: Block) -> list[Json]:
    """eth_getBlockReceipts."""
    return _once("receipts", block, lambda: _receipts(block))  # type: ignore[no-any-return]


def flat_traces(block: Block) -> list[Json]:
    """trace_block: every frame of the block in one list, parents first."""
    return _once("flat", block, lambda: list(_flat(block)))  # type: ignore[no-any-return]


def nested_traces(block: Block) -> list[Json]:
    """debug_traceBlockByHash with callTracer: one tree for each transaction."""
    return _once(  # type: ignore[no-any-return]
        "nested",
        block,
        lambda: [
            {"txHash": as_hex(tx.hash), "result": _tree(tx.outcome.root, tx.outcome.gas)}
            for tx in block.transactions
        ],
    )


def _at(block: Block) -> range:
    return range(len(block.transactions))


def _block(block: Block, transactions: list[Json]) -> Json:
    header = {name: as_hex(value) for name, value in zip(_HEADER, block.fields, strict=True)}
    return {
        **header,
        "hash": block.name,
        "uncles": [],
        "size": "0x400",
        "totalDifficulty": "0x0",
        "transactions": transactions,
        "withdrawals": [_withdrawal(entry) for entry in block.withdrawals],
    }


def _withdrawal(entry: Withdrawal) -> Json:
    return {
        "index": hex(entry.index),
        "validatorIndex": hex(entry.index % 7),
        "address": entry.address,
        "amount": hex(entry.amount),
    }


def _place(block: Block, at: int) -> Json:
    return {"blockHash": block.name, "blockNumber": hex(block.number), "transactionIndex": hex(at)}


def _transaction(block: Block, at: int) -> Json:
    tx = block.transactions[at]
    v, r, s = tx.signature
    told = {
        **_place(block, at),
        "hash": as_hex(tx.hash),
        "type": hex(tx.kind),
        "nonce": hex(tx.nonce),
        "from": tx.sender,
        "to": tx.outcome.to,
        "value": hex(tx.outcome.value),
        "input": as_hex(tx.outcome.data),
        "gas": hex(2 * tx.outcome.gas),
        "gasPrice": hex(BASE_FEE + TIP),
        "chainId": hex(CHAIN_ID),
        "v": hex(v),
        "r": hex(r),
        "s": hex(s),
    }
    if tx.kind == 2:
        told |= {"maxFeePerGas": hex(3 * BASE_FEE), "maxPriorityFeePerGas": hex(TIP)}
        told |= {"accessList": [], "yParity": hex(v)}
    return told


def _receipts(block: Block) -> list[Json]:
    found, gas, index = [], 0, 0
    for at, tx in enumerate(block.transactions):
        gas += tx.outcome.gas
        logs = []
        for event in tx.outcome.logged:
            logs.append(
                {
                    **_place(block, at),
                    "transactionHash": as_hex(tx.hash),
                    "logIndex": hex(index),
                    "address": event.address,
                    "topics": [as_hex(topic) for topic in event.topics],
                    "data": as_hex(event.data),
                    "removed": False,
                }
            )
            index += 1
        found.append(_receipt(block, at, tx, gas, logs))
    return found


def _receipt(block: Block, at: int, tx: Signed, gas: int, logs: list[Json]) -> Json:
    return {
        **_place(block, at),
        "transactionHash": as_hex(tx.hash),
        "type": hex(tx.kind),
        "from": tx.sender,
        "to": tx.outcome.to,
        "contractAddress": tx.outcome.created if tx.outcome.ok else None,
        "status": hex(int(tx.outcome.ok)),
        "gasUsed": hex(tx.outcome.gas),
        "cumulativeGasUsed": hex(gas),
        "effectiveGasPrice": hex(BASE_FEE + TIP),
        "logs": logs,
        "logsBloom": as_hex(bloom(tx.outcome.logged).to_bytes(256)),
    }


def _frames(frame: Frame, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Frame]]:
    yield path, frame
    for place, call in enumerate(frame.calls):
        yield from _frames(call, (*path, place))


def _flat(block: Block) -> Iterator[Json]:
    for at, tx in enumerate(block.transactions):
        for path, frame in _frames(tx.outcome.root):
            yield {
                **_parity(frame),
                "blockHash": block.name,
                "blockNumber": block.number,
                "transactionHash": as_hex(tx.hash),
                "transactionPosition": at,
                "traceAddress": list(path),
                "subtraces": len(frame.calls),
            }


def _parity(frame: Frame) -> Json:
    outcome: Json = {"error": "Reverted", "result": None}
    if frame.kind == "SELFDESTRUCT":
        action = {"address": frame.frm, "refundAddress": frame.to, "balance": hex(frame.value)}
        return {"type": "suicide", "action": action, "result": None}
    if frame.kind == "CREATE":
        if not frame.error:
            outcome = {"result": {"address": frame.to, "code": "0x6005", "gasUsed": "0x5208"}}
        action = {"from": frame.frm, "value": hex(frame.value), "init": "0x6000", "gas": "0xffff"}
        return {"type": "create", "action": {**action, "creationMethod": "create"}, **outcome}
    if not frame.error:
        outcome = {"result": {"gasUsed": "0x10" if frame.calls else "0x0", "output": "0x"}}
    action = {
        "callType": frame.kind.lower(),
        "from": frame.frm,
        "to": frame.to,
        "value": hex(frame.value),
        "gas": "0xffff",
        "input": "0x",
    }
    return {"type": "call", "action": action, **outcome}


def _tree(frame: Frame, gas: int | None = None) -> Json:
    told = {
        "type": frame.kind,
        "from": frame.frm,
        "to": frame.to,
        "value": hex(frame.value),
        "gas": "0xffff",
        "gasUsed": hex(gas if gas is not None else 0x10 if frame.calls else 0),
        "input": "0x",
    }
    if frame.error:
        told["error"] = frame.error
    if frame.calls:
        told["calls"] = [_tree(call) for call in frame.calls]
    return told
