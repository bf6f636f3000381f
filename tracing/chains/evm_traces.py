"""Native value inside transactions, from any of the three shapes in which nodes give traces.

trace_block (Parity's: a flat list of the block), flatCallTracer (the same per transaction) and
callTracer (a tree per transaction). A failed frame cancels its whole subtree. Only CALL, CREATE,
CREATE2 and SELFDESTRUCT move value: a delegate call shows its caller's value again.

What is read is the same whatever tracer told it. So nothing is taken from where they differ: the
gas of a transaction's own frame (with or without what a transaction costs anyway), the gas and
output of failed frames, and calls of precompiled contracts, which some leave out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tracing.chains.errors import BadAnswer
from tracing.chains.evm_json import (
    address,
    hash32,
    items,
    mapping,
    objects,
    optional_address,
    optional_quantity,
)

LAST_PRECOMPILED = 0x1FF  # addresses up to here are no contracts (0x1 to 0x11, 0x100: RIP-7212)


class Untold(BadAnswer):
    """The tracer does not say for certain what a SELFDESTRUCT moved. Old geth tells no value. revm
    (reth, anvil) tells one that moves nothing (to itself, EIP-6780) as if it were the last transfer
    once more: where that was the same contract's, it cannot be told from a true one."""


@dataclass(slots=True)
class TxTrace:
    """What one transaction's frames say. ``top`` is the value of the transaction itself."""

    tx: str | None
    index: int
    ok: bool = True
    sender: str | None = None
    to: str | None = None
    top: tuple[str, str, int] | None = None
    inner: list[tuple[str, str, int]] = field(default_factory=list)  # from, to, value
    destroyed: list[Destruction] = field(default_factory=list)
    contracts: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Destruction:
    """A SELFDESTRUCT that took effect. ``after`` is how many inner movements there were with it;
    ``to_itself`` what the contract left to itself; ``fresh`` whether it was made in the same
    transaction (since EIP-6780 only such a one is removed)."""

    address: str
    after: int
    to_itself: int
    fresh: bool


@dataclass(slots=True)
class BlockTrace:
    """Traces of a block; ``rewards`` are what the protocol itself pays, with its kind."""

    transactions: list[TxTrace] = field(default_factory=list)
    rewards: list[tuple[str, int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Frame:
    """One call, in the order in which it ran. ``path`` is empty for the transaction itself."""

    path: tuple[int, ...]
    kind: str  # call, delegate, create, selfdestruct
    frm: str
    to: str | None
    value: int
    failed: bool
    runs_code: bool  # the callee has code for certain, by what every tracer tells


def read_traces(traces: Sequence[Mapping[str, Any]]) -> BlockTrace:
    """Any of the shapes above. Raises BadAnswer where it is none of them."""
    block = BlockTrace()
    flat: dict[tuple[int, str | None], list[Frame]] = {}
    for place, entry in enumerate(traces):
        if "action" in entry:
            if entry.get("type") == "reward":
                block.rewards.append(_reward(entry))
            else:
                tx = entry.get("transactionHash")
                index = entry.get("transactionPosition", 0)
                if not isinstance(index, int):
                    raise BadAnswer("a trace's transactionPosition is not a number")
                name = None if tx is None else hash32(tx, "a trace's transaction")
                flat.setdefault((index, name), []).append(_parity(entry))
            continue
        tx = entry.get("txHash", entry.get("transactionHash"))
        name = None if tx is None else hash32(tx, "a trace's transaction")
        flat[place, name] = list(_nested(entry))
    block.transactions = [_resolve(index, tx, frames) for (index, tx), frames in flat.items()]
    block.transactions.sort(key=lambda trace: trace.index)
    return block


def _nested(entry: Mapping[str, Any]) -> Iterator[Frame]:
    """Frames of one transaction's own entry: a list of Parity's, or a tree."""
    result = entry.get("result", entry.get("trace", entry))
    if isinstance(result, list):
        for item in objects(result, "a trace"):
            if item.get("type") != "reward":
                yield _parity(item)
    else:
        yield from _tree(mapping(result, "a trace"))


def _reward(entry: Mapping[str, Any]) -> tuple[str, int, str]:
    action = mapping(entry["action"], "a reward")
    value = optional_quantity(action.get("value"), "a reward's value")
    return address(action.get("author"), "a reward's author"), value, str(action.get("rewardType"))


def _parity(entry: Mapping[str, Any]) -> Frame:
    action = mapping(entry.get("action"), "a trace's action")
    result = entry.get("result")
    outcome: Mapping[str, Any] = {} if result is None else mapping(result, "a trace's result")
    path = tuple(items(entry.get("traceAddress"), "a traceAddress"))
    if not all(isinstance(at, int) for at in path):
        raise BadAnswer("a traceAddress is not a list of numbers")
    failed = entry.get("error") is not None
    match entry.get("type"):
        case "call":
            plain = action.get("callType", "call") == "call"
            return Frame(
                path,
                "call" if plain else "delegate",
                address(action.get("from"), "a call's from"),
                address(action.get("to"), "a call's to"),
                optional_quantity(action.get("value"), "a call's value"),
                failed,
                _ran(path, outcome.get("gasUsed"), outcome.get("output")),
            )
        case "create":
            return Frame(
                path,
                "create",
                address(action.get("from"), "a creation's from"),
                optional_address(outcome.get("address"), "a creation's address"),
                optional_quantity(action.get("value"), "a creation's value"),
                failed,
                True,
            )
        case "suicide" | "selfdestruct":
            return Frame(
                path,
                "selfdestruct",
                address(action.get("address"), "a selfdestruct's address"),
                optional_address(action.get("refundAddress"), "a selfdestruct's heir"),
                optional_quantity(action.get("balance"), "a selfdestruct's balance"),
                failed,
                False,
            )
    raise BadAnswer("a trace of an unknown type")


def _ran(path: tuple[int, ...], gas: Any, output: Any) -> bool:
    return output not in (None, "", "0x") or (bool(path) and gas not in (None, "0x0"))


_TREE_KINDS = {
    "CALL": "call",
    "CREATE": "create",
    "CREATE2": "create",
    "SELFDESTRUCT": "selfdestruct",
    "SUICIDE": "selfdestruct",
}


def _tree(root: Mapping[str, Any]) -> Iterator[Frame]:
    """Frames of a callTracer tree, parents before children; an own stack, since trees run deep."""
    stack: list[tuple[tuple[int, ...], Mapping[str, Any]]] = [((), root)]
    while stack:
        path, node = stack.pop()
        kind = _TREE_KINDS.get(str(node.get("type", "")).upper(), "delegate")
        calls = objects(node.get("calls") or [], "a frame's calls")
        if kind == "selfdestruct" and node.get("value") is None:
            raise Untold("the tracer does not tell what a SELFDESTRUCT moved")
        yield Frame(
            path,
            kind,
            address(node.get("from"), "a frame's from"),
            optional_address(node.get("to"), "a frame's to"),
            optional_quantity(node.get("value"), "a frame's value"),
            node.get("error") is not None,
            kind == "create" or _ran(path, node.get("gasUsed"), node.get("output")),
        )
        stack.extend(((*path, at), call) for at, call in reversed(list(enumerate(calls))))


def _resolve(index: int, tx: str | None, frames: Sequence[Frame]) -> TxTrace:
    trace = TxTrace(tx, index)
    failed: set[tuple[int, ...]] = set()
    made: set[str] = set()
    running: dict[tuple[int, ...], str | None] = {}  # whose ether a frame's code disposes of
    for told in sorted(frames, key=_path):  # parents before children, in the order of running
        frame = _as_it_was(told, running)
        running[frame.path] = frame.frm if frame.kind == "delegate" else frame.to
        if not frame.path:
            trace.sender, trace.to, trace.ok = frame.frm, frame.to, not frame.failed
        if frame.failed or (frame.path and frame.path[:-1] in failed):
            failed.add(frame.path)  # parents come before children, so this reaches all of them
            continue
        if frame.path:
            trace.contracts.add(frame.frm)
        if frame.runs_code and frame.to is not None and frame.kind in ("call", "create"):
            trace.contracts.add(frame.to)
        if frame.kind == "create" and frame.to is not None:
            made.add(frame.to)
        to_itself = frame.value if frame.kind == "selfdestruct" and frame.to == frame.frm else 0
        if frame.value and frame.kind != "delegate" and frame.to is not None:
            move = (frame.frm, frame.to, frame.value)
            if not frame.path:
                trace.top = move
            elif not to_itself:
                trace.inner.append(move)
        if frame.kind == "selfdestruct":
            if frame.value and not to_itself and trace.inner[-2:-1] == trace.inner[-1:]:
                raise Untold("a SELFDESTRUCT repeats the last transfer of its contract")
            ended = Destruction(frame.frm, len(trace.inner), to_itself, frame.frm in made)
            trace.destroyed.append(ended)
    trace.contracts = {who for who in trace.contracts if int(who, 16) > LAST_PRECOMPILED}
    return trace


def _as_it_was(frame: Frame, running: Mapping[tuple[int, ...], str | None]) -> Frame:
    """revm's SELFDESTRUCT that moves nothing (see `Untold`), where the last transfer was somebody
    else's: nobody can destroy another."""
    if frame.kind != "selfdestruct" or not frame.path:
        return frame
    who = running.get(frame.path[:-1])
    if who is None or who == frame.frm:
        return frame
    return replace(frame, frm=who, to=who, value=0)


def _path(frame: Frame) -> tuple[int, ...]:
    return frame.path
