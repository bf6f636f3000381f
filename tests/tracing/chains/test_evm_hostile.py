"""JSON that is well formed and meant to break whoever reads it: always a typed error."""

import json
from contextlib import closing
from typing import Any

import pytest

from tests.tracing.chains.test_evm_bad_endpoint import (
    LOG,
    Endpoint,
    adapter,
    endpoint,
    header,
    receipt,
    trace,
)
from tracing.chains import evm_json
from tracing.chains.base import Head
from tracing.chains.errors import BadAnswer, ChainError
from tracing.chains.evm import EvmAdapter
from tracing.chains.evm_checks import HIGHEST, LATEST
from tracing.chains.evm_rpc import JsonRpc
from tracing.chains.pool import Pool
from tracing.chains.pool_member import Member

__all__ = ["adapter", "endpoint"]


def nested(depth: int) -> Any:
    found: Any = []
    for _ in range(depth):
        found = [found]
    return found


class Broken(EvmAdapter):
    """Whose answers break the reader in a way that nobody foresaw."""

    def head(self, tag: str = "latest") -> Head | None:
        raise KeyError("https://node.example/v2/s3cr3t-key")


class Whole(EvmAdapter):
    def head(self, tag: str = "latest") -> Head | None:
        return Head(5, "0x" + "1" * 64, "0x" + "2" * 64, 1)

    def check_chain(self) -> None:
        """It serves the chain."""


def test_what_nobody_foresaw_of_one_member_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    adapters = [Broken("eip155:1", "http://127.0.0.1:1"), Whole("eip155:1", "http://127.0.0.1:1")]
    adapters[0].check_chain = lambda: None  # type: ignore[method-assign]
    members = [Member(key, "ab"[key], adapter) for key, adapter in enumerate(adapters)]
    with closing(Pool("eip155:1", members, quorum=2)) as pool:
        assert [(one.operator, one.head.number) for one in pool.heads()] == [("b", 5)]
    with closing(Pool("eip155:1", members[:1])) as pool, pytest.raises(BadAnswer) as refusal:
        pool.head()
    assert str(refusal.value) == "the endpoint's answer cannot be read (KeyError)"
    assert refusal.value.__context__ is None
    assert "an answer of a could not be read: KeyError in head" in caplog.text
    assert "s3cr3t" not in caplog.text


def body(answer: dict[str, Any]) -> bytes:
    return json.dumps({"jsonrpc": "2.0"} | answer).encode()


@pytest.mark.parametrize(
    "answer",
    [
        {"id": [], "result": "0x1"},
        {"id": {"a": 1}, "result": "0x1"},
        {"id": None, "error": {"code": 1, "message": "rate limit", "data": "backoff_seconds: ."}},
        {"id": None, "error": {"code": 10**30, "message": nested(900)}},
        {"id": None, "error": {"code": [], "message": "", "data": nested(900)}},
        {
            "id": None,
            "error": {"code": 1, "message": "rate limit", "data": "backoff_seconds:.1."},
        },
    ],
)
def test_an_envelope_that_is_meant_to_break_us_is_a_typed_error(
    endpoint: Endpoint, adapter: EvmAdapter, answer: dict[str, Any]
) -> None:
    endpoint.answer = lambda _: (200, body(answer))
    with pytest.raises(ChainError):
        adapter.check_chain()


@pytest.mark.parametrize(
    "said", ["inf", "nan", "1e999", "Mon, 9999999999999 Jan 99999999999999 0:0:0"]
)
def test_a_time_to_come_back_that_is_none_is_a_typed_error(
    endpoint: Endpoint, adapter: EvmAdapter, said: str
) -> None:
    endpoint.headers["Retry-After"] = said
    endpoint.answer = lambda _: (429, b"")
    with pytest.raises(ChainError):
        adapter.check_chain()


@pytest.mark.parametrize(
    "over",
    [
        {"number": hex(HIGHEST + 1)},
        {"timestamp": hex(LATEST + 1)},
        {"timestamp": "0x" + "f" * 64},
    ],
)
def test_a_number_that_fits_no_column_is_no_blocks(
    endpoint: Endpoint, adapter: EvmAdapter, over: dict[str, str]
) -> None:
    endpoint.results(eth_getBlockByNumber=header(**over))
    with pytest.raises(BadAnswer, match="no block has"):
        adapter.head()


def test_the_highest_number_and_the_latest_time_are_read(
    endpoint: Endpoint, adapter: EvmAdapter
) -> None:
    found = header(number=hex(HIGHEST), timestamp=hex(LATEST))
    endpoint.results(eth_getBlockByNumber=found)
    head = adapter.head()
    assert head is not None
    assert (head.number, head.timestamp) == (HIGHEST, LATEST)


@pytest.mark.parametrize("address", [nested(900), "0x" + "ab" * 1000, None, 7])
def test_a_log_of_no_address_is_refused_before_anything_of_it_is_kept(
    endpoint: Endpoint, adapter: EvmAdapter, address: Any
) -> None:
    logs = [LOG | {"address": address, "topics": [nested(900)]}]
    endpoint.results(
        eth_getBlockByNumber=header(), eth_getBlockReceipts=[receipt(logs=logs)], trace_block=[]
    )
    with pytest.raises(BadAnswer, match="not an address"):
        adapter.read_block(5)


def test_a_hash_that_nobody_can_be_asked_for_is_refused_in_a_run_too(
    endpoint: Endpoint, adapter: EvmAdapter
) -> None:
    tree = {"type": "CALL", "from": receipt()["from"], "to": receipt()["to"], "value": "0x1"}
    parts = {"eth_getBlockReceipts": [receipt()], "debug_traceBlockByHash": [{"result": tree}]}
    endpoint.results(eth_getBlockByNumber=header(), **parts)
    assert adapter.read_block(5).traces is not None
    endpoint.results(eth_getBlockByNumber=header(hash=nested(400)), **parts)
    found = adapter.read_blocks([5, 6])
    assert [type(one) for one in found] == [BadAnswer, BadAnswer]


@pytest.mark.parametrize(
    ("status", "traces", "reason"),
    [
        ("0x0", [trace()], "disagree"),
        ("0x1", [trace(error="Reverted")], "disagree"),
        ("0x1", [trace(transactionPosition=1)], "does not have"),
        ("0x1", [trace(transactionPosition=-1)], "does not have"),
    ],
)
def test_traces_that_cannot_be_joined_are_the_endpoints_fault(
    endpoint: Endpoint, adapter: EvmAdapter, status: str, traces: Any, reason: str
) -> None:
    """Refused where it is read: a view that can be counted but not decoded would stop the chain."""
    endpoint.results(
        eth_getBlockByNumber=header(),
        eth_getBlockReceipts=[receipt(status=status)],
        trace_block=traces,
    )
    with pytest.raises(BadAnswer, match=reason):
        adapter.read_block(5)


@pytest.mark.parametrize("index", ["0x1", "0x" + "f" * 64])
def test_a_receipt_at_a_place_that_the_block_does_not_have_is_refused(
    endpoint: Endpoint, adapter: EvmAdapter, index: str
) -> None:
    """No root commits to the place: a failed transaction's value would count as paid."""
    failed = receipt(status="0x0", transactionIndex=index)
    endpoint.results(eth_getBlockByNumber=header(), eth_getBlockReceipts=[failed])
    with pytest.raises(BadAnswer, match="does not have"):
        adapter.decode(adapter.read_block(5))
    endpoint.results(eth_getBlockByNumber=header(), eth_getBlockReceipts=[receipt(status="0x0")])
    (tx,) = adapter.decode(adapter.read_block(5)).transactions
    assert [movement.kind.value for movement in tx.movements] == ["fee"]


@pytest.mark.parametrize(
    ("over", "paid"),
    [
        ({"gasUsed": "0x" + "f" * 64, "effectiveGasPrice": "0x2"}, None),
        ({"l1Fee": "0x" + "f" * 64}, None),
        ({"gasUsed": "0x7fff", "effectiveGasPrice": "0x2"}, 0xFFFE),
    ],
)
def test_a_fee_that_fits_no_column_is_refused_before_it_is_compared(
    endpoint: Endpoint, adapter: EvmAdapter, over: dict[str, str], paid: int | None
) -> None:
    endpoint.results(eth_getBlockByNumber=header(), eth_getBlockReceipts=[receipt(**over)])
    raw = adapter.read_block(5)
    if paid is None:
        with pytest.raises(BadAnswer, match="no account"):
            adapter.digest(raw)
    else:
        assert adapter.digest(raw).hash == raw.head.hash
        assert adapter.decode(raw).transactions[0].movements[0].amount == paid


def test_a_withdrawal_that_fits_no_column_is_refused_before_it_is_compared(
    endpoint: Endpoint, adapter: EvmAdapter
) -> None:
    paid = {"index": "0x0", "validatorIndex": "0x0", "address": receipt()["to"]}
    parts = {"eth_getBlockReceipts": [receipt()], "trace_block": [trace()]}
    for amount, is_fine in (("0x" + "f" * 64, False), ("0x1", True)):
        told = header(withdrawals=[paid | {"amount": amount}])
        endpoint.results(eth_getBlockByNumber=told, **parts)
        raw = adapter.read_block(5)
        if is_fine:
            assert adapter.digest(raw).contents
        else:
            with pytest.raises(BadAnswer, match="no account"):
                adapter.digest(raw)


def test_an_answer_of_more_values_than_anybody_needs_is_not_read(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty bytes of memory for each of its own: a list of empty lists would end the worker."""
    monkeypatch.setattr(evm_json, "MOST_VALUES", 1000)
    rpc = JsonRpc(endpoint.url, timeout=5.0)
    for count, is_fine in ((450, True), (1100, False)):
        endpoint.results(eth_many=[[]] * count)
        if is_fine:
            assert len(rpc.call("eth_many")) == count
        else:
            with pytest.raises(BadAnswer, match="too large"):
                rpc.call("eth_many")
    endpoint.results(eth_many="0x" + "ab" * 5000)  # long, and one value
    assert rpc.call("eth_many") == "0x" + "ab" * 5000
