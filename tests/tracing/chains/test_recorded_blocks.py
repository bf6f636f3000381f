"""Completeness on real blocks: what we decode is what the node's own state says happened."""

import json
from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.tracing.chains.recorded import ERIGON, needs_recordings, recorded, result
from tracing.chains.evm_checks import check_receipts
from tracing.chains.saved import decode_saved, transfer_rows
from tracing.core.types import BlockMovements, MovementKind

pytestmark = needs_recordings


def native_deltas(block: BlockMovements) -> dict[str, int]:
    deltas: Counter[str] = Counter()
    for tx in block.transactions:
        for movement in tx.movements:
            if "/slip44:" in movement.asset:
                if movement.frm is not None:
                    deltas[movement.frm] -= movement.amount
                if movement.to is not None:
                    deltas[movement.to] += movement.amount
    return {address: delta for address, delta in deltas.items() if delta}


def test_replayed_traces_say_the_same_as_the_blocks_traces() -> None:
    flat = decode_saved("ethereum", None, None, recorded("trace_block/test_26.json"))
    replayed = decode_saved(
        "ethereum", None, None, recorded("trace_replayBlockTransactions/test_37.json")
    )
    assert native_deltas(replayed) == native_deltas(flat)


def test_flat_call_tracer_decodes() -> None:
    block = decode_saved("ethereum", None, None, recorded("debug_traceBlockByNumber/test_45.json"))
    kinds = Counter(m.kind for tx in block.transactions for m in tx.movements)
    assert len(block.transactions) == 245
    assert kinds == {MovementKind.NATIVE: 107, MovementKind.INTERNAL: 112}


def test_block_of_august_2023_has_its_tokens_and_withdrawals() -> None:
    block = decode_saved(
        "ethereum",
        recorded("eth_getBlockByNumber/test_08.json"),
        recorded("eth_getBlockReceipts/test_02.json"),
        None,
    )
    rows = transfer_rows(block)
    assert Counter(row["kind"] for row in rows) == {
        "token": 141,
        "nft": 2,
        "native": 39,
        "withdrawal": 16,
    }
    assert [row["position"] for row in rows] == list(range(len(rows)))
    assert block.number == 18_000_000


def test_recorded_receipts_fill_the_recorded_blocks_bloom() -> None:
    header = result("eth_getBlockByNumber/test_08.json")
    receipts = result("eth_getBlockReceipts/test_02.json")
    check_receipts(header, receipts)


def test_command_prints_one_json_object() -> None:
    out = StringIO()
    traces = str(ERIGON / "trace_block" / "test_26.json")
    call_command("decode_block", chain="ethereum", traces=traces, json=True, stdout=out)
    rows = json.loads(out.getvalue())["transfers"]
    assert Counter(row["kind"] for row in rows) == {"native": 52, "internal": 53}
    assert rows[0] == {
        "kind": "native",
        "tx": "0x4d295076922308a35cbe59aef6945469bb0799f9946aafb1d63c471437f23962",
        "position": 0,
        "from": "0xae2fc483527b8ef99eb5d9b44875f005ba1fae13",
        "to": "0x6b75d8af000000e20b7a7ddf000ba900b4009a80",
        "asset": "eip155:1/slip44:60",
        "amount": "136563131",
        "token_id": None,
    }


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "at least one"),
        ({"traces": "/nowhere.json"}, "No such file"),
        ({"block": str(ERIGON / "LICENSE")}, "not JSON"),
        ({"block": str(ERIGON / "trace_block/test_26.json")}, "not an object"),
        ({"traces": str(ERIGON / "trace_block/test_25.json")}, "needed, found 0"),
    ],
)
def test_command_says_what_is_wrong_with_its_files(options: dict[str, str], reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        call_command("decode_block", chain="ethereum", **options)


def test_command_refuses_a_chain_that_is_none() -> None:
    traces = str(ERIGON / "trace_block" / "test_26.json")
    with pytest.raises(CommandError, match="namespace:reference"):
        call_command("decode_block", chain="narnia", traces=traces)
    with pytest.raises(CommandError, match="Only blocks of EVM"):
        call_command("decode_block", chain="solana:5eykt4UsFv8P8NJdTREpY1vz", traces=traces)
