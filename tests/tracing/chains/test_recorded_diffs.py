"""Done-when 3: for every recorded block that has traces and a state diff of the node's, what we
decode is what the diff says, on all accounts but senders and the fee recipient. The blocks are
found here, not listed: a new recording is checked by being there."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson

from tests.tracing.chains.recorded import ERIGON, needs_recordings, recorded
from tracing.chains.evm_decode import assemble, to_movements
from tracing.core.types import BlockMovements

pytestmark = needs_recordings

FOLDERS = (
    "trace_block",
    "trace_filter",
    "debug_traceBlockByNumber",
    "trace_replayBlockTransactions",
)
Deltas = list[dict[str, int]]  # per transaction: account, change


@dataclass
class Recorded:
    """What the recordings say of one block, by file. ``beyond``: what a diff says happened outside
    of transactions, where it says anything of that."""

    traces: dict[str, Any] = field(default_factory=dict)
    diffs: dict[str, Deltas] = field(default_factory=dict)
    beyond: dict[str, Deltas] = field(default_factory=dict)


def parity(answer: list[dict[str, Any]]) -> Deltas:
    """trace_replayBlockTransactions with stateDiff."""
    found: Deltas = []
    for tx in answer:
        deltas: Counter[str] = Counter()
        for address, change in tx["stateDiff"].items():
            match change["balance"]:
                case {"*": {"from": before, "to": after}}:
                    deltas[address] += int(after, 16) - int(before, 16)
                case {"+": after}:
                    deltas[address] += int(after, 16)
                case {"-": before}:
                    deltas[address] -= int(before, 16)
        found.append(dict(deltas))
    return found


def prestate(answer: list[dict[str, Any]]) -> Deltas:
    """prestateTracer with diffMode: ``post`` holds what changed, and lacks what was removed."""
    found: Deltas = []
    for tx in answer:
        pre, post = tx["result"]["pre"], tx["result"]["post"]
        deltas = {}
        for address in {*pre, *post}:
            before = int(pre.get(address, {}).get("balance", "0x0"), 16)
            after = before if address in post else 0
            if "balance" in post.get(address, {}):
                after = int(post[address]["balance"], 16)
            deltas[address] = after - before
        found.append(deltas)
    return found


@cache
def blocks() -> dict[int, Recorded]:
    found: dict[int, Recorded] = {}
    for folder in FOLDERS:
        for path in sorted((ERIGON / folder).iterdir()):
            name = f"{folder}/{path.name}"
            (entry,) = orjson.loads(recorded(name))[:1]
            answer = entry["response"].get("result")
            if answer:
                _sort(name, entry["request"]["params"], answer, found)
    return found


def _sort(name: str, params: list[Any], answer: list[Any], found: dict[int, Recorded]) -> None:
    if isinstance(params[0], dict):  # trace_filter: a whole block, or parts of several
        first, last = (params[0].get(edge) for edge in ("fromBlock", "toBlock"))
        if first != last or not set(params[0]) <= {"fromBlock", "toBlock"}:
            return
        params = [first]
    block = found.setdefault(int(params[0], 16), Recorded())
    if "stateDiff" in answer[0]:
        block.diffs[name] = parity([tx for tx in answer if tx.get("transactionHash")])
        block.beyond[name] = parity([tx for tx in answer if not tx.get("transactionHash")])
        for tx in answer:
            tx.pop("vmTrace", None)
    elif "pre" in (answer[0].get("result") or {}):
        block.diffs[name] = prestate(answer)
        return
    block.traces[name] = answer


def total(deltas: Deltas) -> dict[str, int]:
    found: Counter[str] = Counter()
    for entry in deltas:
        found.update(entry)
    return {address: change for address, change in found.items() if change}


def fee_recipient(deltas: Deltas, senders: set[str]) -> str:
    """Who gains in most transactions and signs none of them."""
    gained = Counter(who for entry in deltas for who, n in entry.items() if n > 0)
    return max((who for who in gained if who not in senders), key=gained.__getitem__)


def decoded(traces: Any, *, whole: bool) -> tuple[BlockMovements, dict[str, int]]:
    """The native changes of a block; ``whole``: with what no transaction moves (withdrawals)."""
    block = to_movements("eip155:1", assemble(None, None, traces), fees=False)
    found: Counter[str] = Counter()
    for tx in block.transactions:
        for move in tx.movements:
            if "/slip44:" not in move.asset or (tx.tx.startswith("block:") and not whole):
                continue
            for address, sign in ((move.frm, -1), (move.to, 1)):
                if address is not None:
                    found[address] += sign * move.amount
    return block, {address: change for address, change in found.items() if change}


def pairs() -> Iterator[tuple[int, str, str]]:
    if ERIGON.is_dir():
        for number, block in sorted(blocks().items()):
            for diff in block.diffs:
                for traces in block.traces:
                    yield number, traces, diff


def without(deltas: Mapping[str, int], apart: set[str]) -> dict[str, int]:
    return {address: change for address, change in deltas.items() if address not in apart}


def test_every_recorded_block_with_traces_and_a_diff_is_explained() -> None:
    accounts: dict[int, set[int]] = {}
    for number, traces, diff in pairs():
        recording = blocks()[number]
        deltas = recording.diffs[diff]
        told = recording.traces[traces]
        whole = bool(recording.beyond.get(diff)) and any(t.get("type") == "reward" for t in told)
        block, ours = decoded(told, whole=whole)
        senders = {tx.sender for tx in block.transactions if tx.sender is not None}
        apart = senders | {fee_recipient(deltas, senders)}
        theirs = without(total(deltas + (recording.beyond[diff] if whole else [])), apart)
        assert without(ours, apart) == theirs, (number, traces, diff)
        accounts.setdefault(number, set()).add(len(theirs))
    assert accounts == {4_417_198: {22}, 6_452_017: {33}, 17_073_191: {46, 47}}
