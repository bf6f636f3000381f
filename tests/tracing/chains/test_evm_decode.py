"""Decoding, on small made blocks: what counts as a movement and what does not."""

from typing import Any

import pytest

from tracing.chains.errors import BadAnswer
from tracing.chains.evm_decode import assemble, to_movements
from tracing.chains.evm_logs import (
    DEPOSIT,
    ENTRY_POINTS,
    TRANSFER,
    TRANSFER_BATCH,
    TRANSFER_SINGLE,
    USER_OPERATION,
    WITHDRAWAL,
)
from tracing.core.types import Movement, MovementKind

BLOCK = "0x" + "b" * 64
TX = "0x" + "1" * 64
A, B, C, TOKEN = ("0x" + digit * 40 for digit in "abcd")
ZERO = "0x" + "0" * 40
CHAIN = "eip155:1"
ETH = f"{CHAIN}/slip44:60"


def word(value: str | int) -> str:
    number = int(value, 16) if isinstance(value, str) else value
    return f"{number:064x}"


def topic(value: str | int) -> str:
    return "0x" + word(value)


def log(topics: list[str], *words: str | int, address: str = TOKEN) -> dict[str, Any]:
    return {
        "address": address,
        "topics": topics,
        "data": "0x" + "".join(map(word, words)),
        "blockHash": BLOCK,
        "blockNumber": "0x1",
        "transactionHash": TX,
        "logIndex": "0x0",
    }


def receipt(*logs: dict[str, Any], **over: Any) -> dict[str, Any]:
    found = {
        "blockHash": BLOCK,
        "blockNumber": "0x1",
        "transactionHash": TX,
        "transactionIndex": "0x0",
        "from": A,
        "to": B,
        "status": "0x1",
        "gasUsed": "0x5208",
        "effectiveGasPrice": "0x2",
        "contractAddress": None,
        "logs": list(logs),
    }
    return found | over


def call(
    path: list[int],
    frm: str,
    to: str,
    value: int,
    call_type: str = "call",
    error: str | None = None,
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "type": "call",
        "action": {"callType": call_type, "from": frm, "to": to, "value": hex(value)},
        "result": None if error else {"gasUsed": "0x1", "output": "0x"},
        "traceAddress": path,
        "blockHash": BLOCK,
        "transactionHash": TX,
        "transactionPosition": 0,
    }
    if error:
        entry["error"] = error
    return entry


def movements(
    receipts: list[Any] | None = None, traces: list[Any] | None = None, header: Any = None
) -> tuple[Movement, ...]:
    block = to_movements(CHAIN, assemble(header, receipts, traces))
    return tuple(m for tx in block.transactions for m in tx.movements)


def brief(moves: tuple[Movement, ...]) -> list[tuple[str, str | None, str | None, int]]:
    return [(m.kind.value, m.frm, m.to, m.amount) for m in moves if m.kind is not MovementKind.FEE]


def test_fee_comes_first_and_counts_blobs_and_rollup_fees() -> None:
    over = {"blobGasUsed": "0xa", "blobGasPrice": "0x3", "l1Fee": "0x7"}
    (fee,) = movements([receipt(**over)])
    assert fee == Movement(0, MovementKind.FEE, ETH, A, None, 21000 * 2 + 30 + 7)


def test_failed_frame_cancels_its_subtree() -> None:
    traces = [
        call([], A, B, 10),
        call([0], B, C, 5, error="Reverted"),
        call([0, 0], C, A, 4),
        call([0, 0, 0], A, C, 3),
        call([1], B, C, 2),
    ]
    assert brief(movements(traces=traces)) == [("native", A, B, 10), ("internal", B, C, 2)]


def test_delegate_and_static_calls_move_nothing() -> None:
    traces = [call([], A, B, 0)]
    traces += [call([i], B, C, 9, kind) for i, kind in enumerate(("delegatecall", "callcode"))]
    assert brief(movements(traces=traces)) == []


def test_failed_transaction_moves_its_fee_only() -> None:
    transfer = log([TRANSFER, topic(A), topic(B)], 5)
    failed = receipt(transfer, status="0x0")
    found = movements([failed], [call([], A, B, 10, error="Reverted")])
    assert [m.kind for m in found] == [MovementKind.FEE]


def test_creation_and_selfdestruct_carry_value() -> None:
    common = {"blockHash": BLOCK, "transactionHash": TX, "transactionPosition": 0}
    traces = [
        {
            "type": "create",
            "action": {"from": A, "value": "0x5", "init": "0x"},
            "result": {"address": B, "gasUsed": "0x1", "code": "0x00"},
            "traceAddress": [],
            **common,
        },
        {
            "type": "suicide",
            "action": {"address": B, "refundAddress": C, "balance": "0x5"},
            "result": None,
            "traceAddress": [0],
            **common,
        },
    ]
    assert brief(movements(traces=traces)) == [("native", A, B, 5), ("internal", B, C, 5)]


def test_call_tracer_tree_says_the_same_as_flat_traces() -> None:
    tree = {
        "txHash": TX,
        "result": {
            "type": "CALL",
            "from": A,
            "to": B,
            "value": "0xa",
            "calls": [
                {
                    "type": "CALL",
                    "from": B,
                    "to": C,
                    "value": "0x5",
                    "error": "execution reverted",
                    "calls": [{"type": "CALL", "from": C, "to": A, "value": "0x4"}],
                },
                {"type": "DELEGATECALL", "from": B, "to": C, "value": "0xa"},
                {"type": "CREATE2", "from": B, "to": C, "value": "0x2"},
            ],
        },
    }
    assert brief(movements(traces=[tree])) == [("native", A, B, 10), ("internal", B, C, 2)]


def test_deep_tree_does_not_exhaust_the_stack() -> None:
    node: dict[str, Any] = {"type": "CALL", "from": A, "to": B, "value": "0x1"}
    for _ in range(5000):
        node = {"type": "CALL", "from": A, "to": B, "value": "0x0", "calls": [node]}
    assert brief(movements(traces=[{"txHash": TX, "result": node}])) == [("internal", A, B, 1)]


def test_tokens_of_every_standard() -> None:
    logs = [
        log([TRANSFER, topic(A), topic(B)], 7),
        log([TRANSFER, topic(ZERO), topic(B)], 8),
        log([TRANSFER, topic(A), topic(ZERO)], 9),
        log([TRANSFER, topic(A), topic(B), topic(42)]),
        log([TRANSFER_SINGLE, topic(C), topic(A), topic(B)], 3, 20),
        log([TRANSFER_BATCH, topic(C), topic(A), topic(B)], 64, 160, 2, 1, 2, 2, 10, 11),
    ]
    found = [m for m in movements([receipt(*logs)]) if m.kind is not MovementKind.FEE]
    assert [(m.kind.value, m.frm, m.to, m.amount, m.token_id) for m in found] == [
        ("token", A, B, 7, None),
        ("mint", None, B, 8, None),
        ("burn", A, None, 9, None),
        ("nft", A, B, 1, 42),
        ("nft", A, B, 20, 3),
        ("nft", A, B, 10, 1),
        ("nft", A, B, 11, 2),
    ]
    assert found[3].asset == f"{CHAIN}/erc721:{TOKEN}/42"
    assert found[4].asset == f"{CHAIN}/erc1155:{TOKEN}/3"


@pytest.mark.parametrize(
    "entry",
    [
        log([]),
        log([TRANSFER], 1, 2, 3),
        log([TRANSFER, topic(A), topic(B)]),
        log([TRANSFER, topic(A), topic(B)], 1, 2),
        log([TRANSFER, "0x" + "f" * 64, topic(B)], 1),
        log([TRANSFER, topic(A), topic(B), topic(1)], 1),
        log([TRANSFER_SINGLE, topic(C), topic(A)], 3, 20),
        log([TRANSFER_BATCH, topic(C), topic(A), topic(B)], 1 << 255, 160, 2, 1),
        log([TRANSFER_BATCH, topic(C), topic(A), topic(B)], 64, 64, 1 << 40, 1),
        log([TRANSFER, topic(A), topic(B)], 5, address="0x" + "f" * 39 + "e"),
    ],
    ids=str,
)
def test_log_that_does_not_fit_is_left_out(entry: dict[str, Any]) -> None:
    assert brief(movements([receipt(entry)])) == []


def test_wrapper_mints_and_burns_what_native_value_paid_for() -> None:
    deposit = log([DEPOSIT, topic(A)], 5)
    withdrawal = log([WITHDRAWAL, topic(A)], 4)
    traces = [call([], A, TOKEN, 5), call([0], TOKEN, A, 4)]
    assert brief(movements([receipt(deposit, withdrawal, to=TOKEN)], traces)) == [
        ("native", A, TOKEN, 5),
        ("internal", TOKEN, A, 4),
        ("mint", None, A, 5),
        ("burn", A, None, 4),
    ]


def test_deposit_log_without_native_value_is_no_wrapper() -> None:
    deposit = log([DEPOSIT, topic(A)], 5)
    assert brief(movements([receipt(deposit)], [call([], A, TOKEN, 0)])) == []
    assert brief(movements([receipt(deposit)], [call([], A, TOKEN, 6)])) == [
        ("native", A, TOKEN, 6)
    ]


def test_wrapper_that_logs_its_mint_as_a_transfer_counts_once() -> None:
    logs = [log([TRANSFER, topic(ZERO), topic(A)], 5), log([DEPOSIT, topic(A)], 5)]
    traces = [call([], A, TOKEN, 5)]
    assert brief(movements([receipt(*logs)], traces)) == [
        ("native", A, TOKEN, 5),
        ("mint", None, A, 5),
    ]


def test_contracts_are_those_that_ran() -> None:
    traces = [call([], A, B, 0), call([0], B, C, 1)]
    traces[1]["result"]["gasUsed"] = "0x0"
    block = to_movements(CHAIN, assemble(None, [receipt(log([]))], traces))
    assert block.transactions[0].contracts == {B, TOKEN}


@pytest.mark.parametrize(
    ("receipts", "traces"),
    [
        ([receipt(), receipt(transactionHash="0x" + "2" * 64)], None),
        ([receipt(log([]) | {"blockHash": "0x" + "c" * 64})], None),
        ([receipt(log([]) | {"transactionHash": "0x" + "2" * 64})], None),
        ([receipt()], [call([], A, B, 1, error="Reverted")]),
        ([receipt(**{"from": "nobody"})], None),
        ([receipt(gasUsed=21000)], None),
        (None, [call([], A, B, 1) | {"type": "mystery"}]),
        (None, [{"nonsense": 1}]),
    ],
)
def test_parts_that_contradict_one_another_are_refused(receipts: Any, traces: Any) -> None:
    with pytest.raises(BadAnswer):
        movements(receipts, traces)


def test_native_transfer_that_is_logged_too_counts_once() -> None:
    """EIP-7708 (a draft): the log looks like a token's, of an address that is none."""
    logged = log([TRANSFER, topic(A), topic(B)], 5, address="0x" + "f" * 39 + "e")
    inner = log([TRANSFER, topic(B), topic(C)], 2, address="0x" + "f" * 39 + "e")
    traces = [call([], A, B, 5), call([0], B, C, 2)]
    assert brief(movements([receipt(logged, inner)], traces)) == [
        ("native", A, B, 5),
        ("internal", B, C, 2),
    ]


def operation(account: str, address: str) -> dict[str, Any]:
    topics = [USER_OPERATION, topic(1), topic(account), topic(0)]
    return log(topics, 0, 1, 30, 3, address=address)


@pytest.mark.parametrize("entry", sorted(ENTRY_POINTS))
def test_account_of_a_user_operation_is_a_person_and_moves_value_in_inner_calls(
    entry: str,
) -> None:
    traces = [call([], A, entry, 0), call([0], entry, C, 0), call([0, 0], C, B, 7)]
    found = to_movements(
        CHAIN, assemble(None, [receipt(operation(C, entry), to=entry)], traces)
    ).transactions[0]
    assert brief(found.movements) == [("internal", C, B, 7)]
    assert found.people == {A, C}
    assert C in found.contracts


def test_only_an_entry_point_says_for_whom_it_ran() -> None:
    short = log([USER_OPERATION, topic(1), topic(C)], address=min(ENTRY_POINTS))
    unclean = log([USER_OPERATION, topic(1), "0x" + "f" * 64, topic(0)], address=min(ENTRY_POINTS))
    found = assemble(None, [receipt(operation(C, TOKEN), short, unclean)], None)
    assert to_movements(CHAIN, found).transactions[0].people == {A}
