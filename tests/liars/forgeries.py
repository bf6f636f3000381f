"""Lies about what is in a block. The block's hash stays what it was: only its contents change."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from tests.liars.faults import Call, Fault
from tests.liars.people import KEEPERS, MULE_A, STRANGER, THIEF

Json = Any
LIAR = "0x" + "6b" * 20  # where a liar says that the money went
BLOCK = frozenset({"eth_getBlockByNumber", "eth_getBlockByHash"})
RECEIPTS = frozenset({"eth_getBlockReceipts", "eth_getTransactionReceipt"})
TRACES = frozenset({"trace_block", "debug_traceBlockByHash", "debug_traceBlockByNumber"})
LOGS = frozenset({"eth_getLogs"})
# Changes an answer in place (receipts always as a list); False: there was nothing to change.
Change = Callable[[Call, Json], bool]


class Forgery(Fault):
    """One kind of lie, in the parts of a block that it takes."""

    def __init__(self, slug: str, changes: dict[frozenset[str], Change]) -> None:
        self.slug = slug
        self.changes = changes

    def result(self, call: Call, result: Json) -> Json:
        if result is None or call.block is None:
            return result
        for methods, change in self.changes.items():
            if call.method in methods and not (methods is BLOCK and not call.params[1]):
                is_single = call.method == "eth_getTransactionReceipt"
                forged = copy.deepcopy([result] if is_single else result)
                if change(call, forged):
                    return forged[0] if is_single else forged
        return result


def _logs(receipts: Json) -> Iterator[Json]:
    for receipt in receipts:
        yield from receipt["logs"]


def _other_amount(call: Call, receipts: Json) -> bool:
    """The first transfer is of twice as much: the bloom filter does not see it."""
    for log in _logs(receipts):
        log["data"] = f"0x{2 * int(log['data'], 16) + 1:064x}"
        return True
    return False


def _other_status(call: Call, receipts: Json) -> bool:
    """The last transaction failed, or did not."""
    for receipt in receipts[-1:]:
        receipt["status"] = "0x0" if receipt["status"] == "0x1" else "0x1"
        return True
    return False


def _other_price(call: Call, receipts: Json) -> bool:
    """Gas cost a thousand times as much. No receipt's root says anything of the price."""
    for receipt in receipts:
        receipt["effectiveGasPrice"] = hex(1000 * int(receipt["effectiveGasPrice"], 16))
    return bool(receipts)


def _drop_log(call: Call, receipts: Json) -> bool:
    """The first log is not there; the others are numbered as if it never had been."""
    for receipt in receipts:
        if receipt["logs"]:
            receipt["logs"].pop(0)
            for number, log in enumerate(_logs(receipts)):
                log["logIndex"] = hex(number)
            return True
    return False


def _add_log(call: Call, receipts: Json) -> bool:
    """The last log once more, with another amount: the bloom filter does not see it."""
    for receipt in reversed(receipts):
        if receipt["logs"]:
            more = copy.deepcopy(receipt["logs"][-1])
            more["data"] = f"0x{int(more['data'], 16) + 7:064x}"
            receipt["logs"].append(more)
            for number, log in enumerate(_logs(receipts)):
                log["logIndex"] = hex(number)
            return True
    return False


def _other_sender(call: Call, answer: Json) -> bool:
    """The thief's transactions are somebody else's, and somebody else's are the thief's."""
    bodies = answer["transactions"] if isinstance(answer, dict) else answer
    for body in bodies:
        body["from"] = STRANGER if body["from"] == THIEF else THIEF
    return bool(bodies)


def _other_value(call: Call, block: Json) -> bool:
    """The first transaction carried twice as much."""
    for tx in block["transactions"]:
        tx["value"] = hex(2 * int(tx["value"], 16) + 1)
        return True
    return False


def _hide_transaction(call: Call, answer: Json) -> bool:
    """The last transaction never was: neither its body, nor its receipt, nor its traces."""
    found = answer["transactions"] if isinstance(answer, dict) else answer
    if call.block is None or not call.block.transactions:
        return False
    if call.method == "trace_block":
        last = len(call.block.transactions) - 1
        answer[:] = [entry for entry in answer if entry["transactionPosition"] != last]
    elif call.method != "eth_getTransactionReceipt":
        found.pop()
    return True


def _other_withdrawal(call: Call, block: Json) -> bool:
    for entry in block["withdrawals"]:
        entry["address"], entry["amount"] = MULE_A, hex(10 * int(entry["amount"], 16))
        return True
    return False


def _other_time(call: Call, block: Json) -> bool:
    block["timestamp"] = hex(int(block["timestamp"], 16) + 86_400)
    return True


def _other_parent(call: Call, block: Json) -> bool:
    block["parentHash"] = "0x" + "77" * 32
    return True


# -- traces --------------------------------------------------------------------------------------


def _inner(traces: Json) -> Iterator[tuple[Json, str]]:
    """Frames beneath a transaction's own that moved value, with the name of the value's field. What
    failed moved none, nor did code that was borrowed: to lie about that is to say the same."""
    undone: list[tuple[int, list[int]]] = []
    for entry in traces:
        if "action" in entry:
            place = entry["transactionPosition"], entry["traceAddress"]
            if "error" in entry:
                undone.append(place)
            if any(tx == place[0] and place[1][: len(at)] == at for tx, at in undone):
                continue
            key = "balance" if entry["type"] == "suicide" else "value"
            is_borrowed = entry["action"].get("callType") == "delegatecall"
            if place[1] and not is_borrowed and int(entry["action"][key], 16):
                yield entry["action"], key
        elif "error" not in entry["result"]:
            stack = list(entry["result"].get("calls", ()))
            while stack:
                frame = stack.pop()
                if "error" in frame:
                    continue
                stack += frame.get("calls", ())
                if frame["type"] != "DELEGATECALL" and int(frame["value"], 16):
                    yield frame, "value"


def _other_inner(call: Call, traces: Json) -> bool:
    """The first internal movement is of twice as much."""
    for frame, key in _inner(traces):
        frame[key] = hex(2 * int(frame[key], 16))
        return True
    return False


def _drop_inner(call: Call, traces: Json) -> bool:
    """No internal movement carried anything."""
    found = list(_inner(traces))
    for frame, key in found:
        frame[key] = "0x0"
    return bool(found)


def _add_inner(call: Call, traces: Json) -> bool:
    """The first transaction made one more call, which brought the liar a million ether."""
    value, to = hex(10**24), LIAR
    if not traces:
        return False
    entry = traces[0]
    if "action" not in entry:
        call_made = {"type": "CALL", "from": THIEF, "to": to, "value": value, "input": "0x"}
        entry["result"].setdefault("calls", []).append(call_made)
        return True
    action = {"callType": "call", "from": THIEF, "to": to, "value": value, "input": "0x"}
    more = {**entry, "type": "call", "action": action, "traceAddress": [99], "subtraces": 0}
    own = [at for at, one in enumerate(traces) if one["transactionPosition"] == 0]
    traces.insert(own[-1] + 1, {**more, "result": {"gasUsed": "0x0", "output": "0x"}})
    return True


def _other_top(call: Call, traces: Json) -> bool:
    """The trace of the transaction itself says that somebody else was paid, and more."""
    for entry in traces:
        frame = entry.get("action", entry.get("result"))
        if entry.get("traceAddress", []) == [] and "to" in frame and int(frame["value"], 16):
            frame["to"], frame["value"] = LIAR, hex(10 * int(frame["value"], 16))
            return True
    return False


def _add_reward(call: Call, traces: Json) -> bool:
    """The protocol itself pays the liar."""
    if call.method != "trace_block" or call.block is None:
        return False
    action = {"author": KEEPERS[2], "rewardType": "external", "value": hex(10**24)}
    traces.append(
        {
            "type": "reward",
            "action": action,
            "blockHash": call.block.name,
            "blockNumber": call.block.number,
            "traceAddress": [],
            "subtraces": 0,
            "result": None,
        }
    )
    return True


def _without_logs(call: Call, logs: Json) -> bool:
    logs.clear()
    return True


FORGERIES: dict[str, dict[frozenset[str], Change]] = {
    "forged-receipt": {RECEIPTS: _other_amount},
    "forged-status": {RECEIPTS: _other_status},
    "forged-fee": {RECEIPTS: _other_price},
    "missing-log": {RECEIPTS: _drop_log, LOGS: _without_logs},
    "extra-log": {RECEIPTS: _add_log},
    "forged-from": {BLOCK: _other_sender, RECEIPTS: _other_sender},
    "forged-value": {BLOCK: _other_value},
    "hidden-transaction": {
        BLOCK: _hide_transaction,
        RECEIPTS: _hide_transaction,
        TRACES: _hide_transaction,
    },
    "forged-withdrawal": {BLOCK: _other_withdrawal},
    "forged-time": {BLOCK: _other_time},
    "forged-parent": {BLOCK: _other_parent},
    "forged-trace": {TRACES: _other_inner},
    "missing-trace": {TRACES: _drop_inner},
    "extra-trace": {TRACES: _add_inner},
    "forged-top": {TRACES: _other_top},
    "forged-reward": {TRACES: _add_reward},
}
TRACE_LIES = frozenset(
    {"forged-trace", "missing-trace", "extra-trace", "forged-top", "forged-reward"}
)


def forgery(slug: str) -> Forgery:
    """One of FORGERIES."""
    return Forgery(slug, FORGERIES[slug])


class ForgedState(Fault):
    """Blocks are true; balances, nonces and code at them are not. No header is asked about them."""

    slug = "forged-state"

    def result(self, call: Call, result: Json) -> Json:
        if call.method in ("eth_getBalance", "eth_getTransactionCount"):
            return hex(2 * int(result, 16) + 1)
        if call.method == "eth_getCode":
            return "0x6001" if result == "0x" else "0x"
        if call.method == "eth_call" and len(result) == 66:
            return f"0x{2 * int(result, 16) + 1:064x}"
        return result
