"""One block, told by several tracers and clients: one digest. Another block: another digest."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracing.chains.recorded import DATA, needs_recordings, result
from tracing.chains.base import RawBlock
from tracing.chains.evm_checks import read_head
from tracing.chains.evm_digest import digest
from tracing.chains.evm_traces import Untold

A, B, C, D = ("0x" + digit * 40 for digit in "abcd")
HASH, PARENT, TX = ("0x" + digit * 64 for digit in "123")
HEADER = {"number": "0x1", "hash": HASH, "parentHash": PARENT, "timestamp": "0x5"}
ETL = DATA / "fixtures" / "ethereum_etl_fixtures" / "tests" / "resources"


def traces_of(traces: Any) -> str:
    header = HEADER | {"transactions": []}
    return digest(RawBlock(read_head(header), header, None, traces)).traces


def told(folder: str, block: str, name: str) -> Any:
    return json.loads((ETL / folder / block / f"web3_response.{name}.json").read_text())["result"]


@needs_recordings
@pytest.mark.parametrize(
    ("block", "number"),
    [
        ("block_with_create", "0xf44f2"),
        ("block_with_error", "0xf45bf"),
        ("block_with_subtraces", "0xf4240"),
    ],
)
def test_old_geth_and_parity_mean_the_same(block: str, number: str) -> None:
    flat = told("test_export_traces_job", block, f"trace_block_{number}")
    name = f"debug_traceBlockByNumber_{number}_tracer_calltracer"
    nested = told("test_extract_geth_traces_job", block, name)
    assert any(entry["type"] == "reward" for entry in flat)  # of which only one of them tells
    assert traces_of(nested) == traces_of(flat)
    nested[-1]["result"]["value"] = "0x77"
    assert traces_of(nested) != traces_of(flat)


@needs_recordings
def test_tracer_that_does_not_tell_what_a_selfdestruct_moved_is_no_tracer() -> None:
    name = "debug_traceBlockByNumber_0xf7105_tracer_calltracer"
    with pytest.raises(Untold):
        traces_of(told("test_extract_geth_traces_job", "block_with_suicide", name))
    assert traces_of(told("test_export_traces_job", "block_with_suicide", "trace_block_0xf7105"))


@needs_recordings
def test_answers_of_three_methods_on_block_17073191_give_one_digest() -> None:
    flat, whole = (result(f"trace_block/test_{number}.json") for number in (26, 28))
    replayed, more = (
        result(f"trace_replayBlockTransactions/test_{number}.json") for number in (37, 39)
    )
    wrapped = [
        {"txHash": tx, "result": [t for t in flat if t.get("transactionHash") == tx]}
        for tx in dict.fromkeys(t["transactionHash"] for t in flat)
    ]
    assert len({traces_of(each) for each in (flat, whole, replayed, more, wrapped)}) == 1


def flat(path: list[int], kind: str = "call", error: str | None = None, **action: Any) -> Any:
    entry = {"type": kind, "action": action, "traceAddress": path, "blockHash": HASH}
    entry |= {"transactionHash": TX, "transactionPosition": 0, "result": None}
    return entry | ({"error": error} if error else {"result": {"gasUsed": "0x1", "output": "0x"}})


def call(frm: str, to: str, value: int, how: str = "call") -> dict[str, str]:
    return {"from": frm, "to": to, "value": hex(value), "callType": how}


def parity_block() -> list[Any]:
    return [
        flat([], **call(A, B, 9)),
        flat([0], **call(B, C, 5)),
        flat([0, 0], **call(C, D, 0, "delegatecall")),
        flat([0, 1], "create", **{"from": C, "value": "0x2"})
        | {"result": {"address": D, "gasUsed": "0x1", "code": "0x"}},
        flat([0, 1, 0], "suicide", address=D, refundAddress=D, balance="0x2") | {"result": None},
        flat([1], error="Reverted", **call(B, D, 4)),
        flat([1, 0], **call(D, A, 3)),
        flat([2], **call(B, "0x" + "0" * 39 + "1", 0)),
    ]


def geth_block() -> list[Any]:
    """The same as trees: upper case, absent where null, gas of another kind."""

    def node(kind: str, frm: str, to: str, value: int | None, *calls: Any, **over: Any) -> Any:
        found = {"type": kind, "from": frm.upper().replace("X", "x"), "to": to, "gasUsed": "0x9"}
        found |= {} if value is None else {"value": hex(value)}
        return found | ({"calls": list(calls)} if calls else {}) | over

    made = node("CREATE2", C, D, 2, node("SELFDESTRUCT", D, D, 2))
    inner = node("CALL", B, C, 5, node("DELEGATECALL", C, D, None), made, output="0x")
    failed = node("CALL", B, D, 4, node("CALL", D, A, 3), error="execution reverted", output="0x08")
    return [{"txHash": TX, "result": node("CALL", A, B, 9, inner, failed, gasUsed="0x5208")}]


def test_quirks_of_clients_do_not_count() -> None:
    honest = traces_of(parity_block())
    assert traces_of(geth_block()) == honest
    reward = {"author": A, "rewardType": "block", "value": "0x1"}
    entry = {"type": "reward", "action": reward, "blockHash": HASH, "traceAddress": []}
    assert traces_of([*parity_block(), entry]) == honest
    withdrawn = entry | {"action": reward | {"rewardType": "withdrawal"}}
    assert traces_of([*parity_block(), withdrawn]) == honest
    assert traces_of(parity_block()[::-1]) == honest
    without_precompiled = parity_block()[:-1]
    assert traces_of(without_precompiled) == honest
    bridged = entry | {"action": reward | {"rewardType": "external"}}
    assert traces_of([*parity_block(), bridged]) != honest


@st.composite
def trees(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Calls that all move something, each under one that was before it."""
    paths: list[list[int]] = [[]]
    for _ in range(draw(st.integers(1, 6))):
        parent = draw(st.sampled_from(paths))
        paths.append([*parent, sum(path[:-1] == parent and path != [] for path in paths)])
    who = st.sampled_from([A, B, C, D])
    return [flat(path, **call(draw(who), draw(who), draw(st.integers(1, 99)))) for path in paths]


@settings(deadline=None)
@given(trees(), st.data())
def test_whatever_is_changed_in_traces_changes_their_digest(
    traces: list[dict[str, Any]], data: st.DataObject
) -> None:
    honest = traces_of(traces)
    lie = copy.deepcopy(traces)
    entry = lie[data.draw(st.integers(0, len(lie) - 1))]
    match data.draw(st.sampled_from(["value", "from", "to", "error", "drop", "add"])):
        case "value":
            entry["action"]["value"] = hex(int(entry["action"]["value"], 16) + 1)
        case "from" | "to" as side:
            entry["action"][side] = "0x" + "e" * 40
        case "error":
            entry["error"] = "Reverted"
        case "drop":
            lie.remove(entry)
        case "add":
            lie.append(flat([99], **call(A, B, 1)))
    assert traces_of(lie) != honest
    assert traces_of(copy.deepcopy(traces)) == honest


def receipt(*logs: dict[str, Any], **over: Any) -> dict[str, Any]:
    found = {"transactionHash": TX, "transactionIndex": "0x0", "blockHash": HASH, "from": A}
    found |= {"blockNumber": "0x1", "to": B, "status": "0x1", "gasUsed": "0x9", "logs": list(logs)}
    return found | {"effectiveGasPrice": "0x2"} | over


def log(**over: Any) -> dict[str, Any]:
    found = {"address": C, "topics": [PARENT], "data": "0x01", "blockHash": HASH, "logIndex": "0x0"}
    return found | {"blockNumber": "0x1", "transactionHash": TX} | over


def contents_of(receipts: list[Any], **over: Any) -> str:
    tx = {"hash": TX, "from": A, "to": B, "value": "0x7"} | over.pop("tx", {})
    header = HEADER | {"transactions": [tx], "withdrawals": []} | over
    return digest(RawBlock(read_head(header), header, receipts, None)).contents


def test_contents_do_not_depend_on_what_a_client_adds_leaves_out_or_spells_otherwise() -> None:
    honest = contents_of([receipt(log())])
    assert contents_of([receipt(log(removed=False, blockTimestamp="0x5"))]) == honest
    assert contents_of([receipt(log(), contractAddress=None, type="0x2", l1Fee="0x0")]) == honest
    assert contents_of([receipt(log(address=C.upper().replace("X", "x")))]) == honest
    assert contents_of([receipt(log())], size="0x9", totalDifficulty="0x0", uncles=[]) == honest
    assert contents_of([receipt(log())], tx={"chainId": "0x1", "yParity": "0x0"}) == honest


@pytest.mark.parametrize(
    ("receipts", "over"),
    [
        ([receipt()], {}),
        ([receipt(log(), log(logIndex="0x1"))], {}),
        ([receipt(log(data="0x02"))], {}),
        ([receipt(log(address=D))], {}),
        ([receipt(log(topics=[]))], {}),
        ([receipt(log(logIndex="0x1"))], {}),
        ([receipt(log(), status="0x0")], {}),
        ([receipt(log(), gasUsed="0x8")], {}),
        ([receipt(log(), effectiveGasPrice="0x3")], {}),
        ([receipt(log(), contractAddress=D)], {}),
        ([receipt(log())], {"tx": {"value": "0x8"}}),
        ([receipt(log())], {"tx": {"from": D}}),
        ([receipt(log())], {"tx": {"to": D}}),
        ([receipt(log())], {"tx": {"mint": "0x8"}}),
        ([receipt(log())], {"timestamp": "0x6"}),
        ([receipt(log())], {"parentHash": TX}),
        ([receipt(log())], {"withdrawals": [{"address": A, "amount": "0x1"}]}),
    ],
)
def test_whatever_counts_in_contents_changes_their_digest(
    receipts: list[Any], over: dict[str, Any]
) -> None:
    assert contents_of(receipts, **over) != contents_of([receipt(log())])
