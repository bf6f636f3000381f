"""An endpoint that is down, slow, secretive or lying: typed errors, nothing half-believed, and its
address in no message."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tracing.chains.errors import BadAnswer, ChainError, RetryableChainError, Unsupported
from tracing.chains.evm import EvmAdapter
from tracing.chains.evm_rpc import JsonRpc
from tracing.core.types import AccountKey

SECRET = "s3cr3t-key"
HASH, PARENT, OTHER = ("0x" + digit * 64 for digit in "123")
TX = "0x" + "a" * 64
ADDRESS = "0x" + "b" * 40
BLOOM = "0x" + "0" * 512

Answer = Callable[[Any], tuple[int, bytes]]


class Endpoint:
    """A server that answers with whatever ``answer`` makes of the request."""

    def __init__(self) -> None:
        self.answer: Answer = lambda _: (500, b"")
        self.headers: dict[str, str] = {}
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            wbufsize = -1  # headers and body in one packet: no 40 ms of waiting for each other

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = endpoint.answer(body)
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                for name, value in endpoint.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v2/{SECRET}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def results(self, **by_method: Any) -> None:
        """Answer each method with a result; an exception object stands for a JSON-RPC error."""

        def one(request: Any) -> dict[str, Any]:
            found = by_method.get(request["method"], KeyError(-32601, "Method not found"))
            reply = {"jsonrpc": "2.0", "id": request["id"]}
            if isinstance(found, KeyError):
                return reply | {"error": {"code": found.args[0], "message": found.args[1]}}
            return reply | {"result": found}

        def answer(body: Any) -> tuple[int, bytes]:
            reply = [one(r) for r in body] if isinstance(body, list) else one(body)
            return 200, json.dumps(reply).encode()

        self.answer = answer


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    yield endpoint
    endpoint.server.shutdown()
    endpoint.server.server_close()


@pytest.fixture
def adapter(endpoint: Endpoint) -> EvmAdapter:
    return EvmAdapter("eip155:1", endpoint.url, timeout=0.5)


def header(**over: Any) -> dict[str, Any]:
    tx = {"hash": TX, "from": ADDRESS, "to": ADDRESS, "value": "0x1"}
    found = {
        "number": "0x5",
        "hash": HASH,
        "parentHash": PARENT,
        "timestamp": "0x10",
        "logsBloom": BLOOM,
        "transactions": [tx],
    }
    return found | over


def receipt(**over: Any) -> dict[str, Any]:
    found = {
        "blockHash": HASH,
        "blockNumber": "0x5",
        "transactionHash": TX,
        "transactionIndex": "0x0",
        "from": ADDRESS,
        "to": ADDRESS,
        "status": "0x1",
        "gasUsed": "0x1",
        "effectiveGasPrice": "0x1",
        "logs": [],
    }
    return found | over


def trace(**over: Any) -> dict[str, Any]:
    found = {
        "type": "call",
        "action": {"from": ADDRESS, "to": ADDRESS, "value": "0x1", "callType": "call"},
        "result": {"gasUsed": "0x0", "output": "0x"},
        "traceAddress": [],
        "blockHash": HASH,
        "transactionHash": TX,
        "transactionPosition": 0,
    }
    return found | over


LOG = {
    "address": ADDRESS,
    "topics": [],
    "data": "0x",
    "blockHash": HASH,
    "blockNumber": "0x5",
    "transactionHash": TX,
    "logIndex": "0x0",
}


def test_honest_answers_make_a_block(endpoint: Endpoint, adapter: EvmAdapter) -> None:
    endpoint.results(
        eth_getBlockByNumber=header(), eth_getBlockReceipts=[receipt()], trace_block=[trace()]
    )
    raw = adapter.read_block(5)
    assert raw.head.hash == HASH
    assert len(adapter.decode(raw).transactions) == 1


@pytest.mark.parametrize(
    ("block", "receipts", "traces", "reason"),
    [
        (header(number="0x6"), [receipt()], [trace()], "another block"),
        (header(hash="0x12"), [receipt()], [trace()], "not a hash"),
        (header(timestamp=12), [receipt()], [trace()], "not a quantity"),
        ("block", [receipt()], [trace()], "not an object"),
        (header(transactions=None), [receipt()], [trace()], "not a list"),
        (header(), [], [trace()], "0 receipts for 1"),
        (header(), [receipt(blockHash=OTHER)], [trace()], "receipt of another block"),
        (header(), [receipt(transactionHash=OTHER)], [trace()], "order"),
        (header(), [receipt(logs=[LOG])], [trace()], "bloom"),
        (header(logsBloom="0x" + "f" * 512), [receipt()], [trace()], "bloom"),
        (header(), [receipt(logs=[LOG | {"blockHash": OTHER}])], [trace()], "another block"),
        (header(), [receipt(logs=[LOG | {"logIndex": "0x1"}])], [trace()], "gap"),
        (header(), [receipt()], [trace(blockHash=OTHER)], "trace of another block"),
        (header(), [receipt()], [], "traces are missing"),
        (header(), [receipt()], "traces", "not a list"),
    ],
)
def test_answers_that_do_not_belong_together_are_refused(
    endpoint: Endpoint, adapter: EvmAdapter, block: Any, receipts: Any, traces: Any, reason: str
) -> None:
    endpoint.results(eth_getBlockByNumber=block, eth_getBlockReceipts=receipts, trace_block=traces)
    with pytest.raises(BadAnswer, match=reason) as refusal:
        adapter.read_block(5)
    assert SECRET not in str(refusal.value)


def test_block_without_its_receipts_yet_is_asked_for_again(
    endpoint: Endpoint, adapter: EvmAdapter
) -> None:
    endpoint.results(eth_getBlockByNumber=header(), eth_getBlockReceipts=None)
    with pytest.raises(RetryableChainError, match="receipts"):
        adapter.read_block(5)


def test_endpoint_without_block_receipts_is_asked_for_each(
    endpoint: Endpoint, adapter: EvmAdapter
) -> None:
    endpoint.results(eth_getBlockByNumber=header(), eth_getTransactionReceipt=receipt())
    assert adapter.read_block(5).receipts == [receipt()]
    endpoint.results(eth_getBlockByNumber=header(), eth_getTransactionReceipt=None)
    with pytest.raises(RetryableChainError, match="receipts"):
        adapter.read_block(5)


def test_endpoint_without_traces_gives_blocks_without_them(
    endpoint: Endpoint, adapter: EvmAdapter
) -> None:
    endpoint.results(eth_getBlockByNumber=header(), eth_getBlockReceipts=[receipt()])
    assert adapter.read_block(5).traces is None


def test_endpoint_with_debug_traces_only_is_read_by_those(
    endpoint: Endpoint, adapter: EvmAdapter
) -> None:
    tree = {"type": "CALL", "from": ADDRESS, "to": OTHER[:42], "value": "0x1"}
    endpoint.results(
        eth_getBlockByNumber=header(),
        eth_getBlockReceipts=[receipt()],
        debug_traceBlockByHash=[{"txHash": TX, "result": tree}],
    )
    (tx,) = adapter.decode(adapter.read_block(5)).transactions
    assert [(m.frm, m.to, m.amount) for m in tx.movements[1:]] == [(ADDRESS, OTHER[:42], 1)]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, b"", RetryableChainError),
        (429, b"{}", RetryableChainError),
        (302, b"", BadAnswer),
        (200, b"<html>", BadAnswer),
        (200, b"[]", BadAnswer),
        (200, b"null", BadAnswer),
        (200, b'{"jsonrpc": "2.0", "id": 0, "result": "0x1"}', BadAnswer),
        (200, b'{"result": "0x1"}', BadAnswer),
    ],
)
def test_bad_transport_is_a_typed_error_without_the_address(
    endpoint: Endpoint, adapter: EvmAdapter, status: int, body: bytes, error: type[ChainError]
) -> None:
    endpoint.answer = lambda _: (status, body)
    with pytest.raises(error) as refusal:
        adapter.check_chain()
    assert SECRET not in f"{refusal.value!r} {refusal.value.__cause__!r}"
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


def test_error_that_repeats_the_address_does_not_show_it(
    endpoint: Endpoint, adapter: EvmAdapter
) -> None:
    endpoint.results(eth_chainId=KeyError(-32000, f"limit of {endpoint.url} reached"))
    with pytest.raises(RetryableChainError, match="error -32000") as refusal:
        adapter.check_chain()
    assert SECRET not in str(refusal.value)


def test_slow_endpoint_is_given_up(endpoint: Endpoint, adapter: EvmAdapter) -> None:
    def answer(_: Any) -> tuple[int, bytes]:
        time.sleep(2)
        return 200, b""

    endpoint.answer = answer
    started = time.monotonic()
    with pytest.raises(RetryableChainError, match="did not answer"):
        adapter.check_chain()
    assert time.monotonic() - started < 1.5


def test_endpoint_that_is_down_is_retryable() -> None:
    adapter = EvmAdapter("eip155:1", f"http://127.0.0.1:1/{SECRET}")
    with pytest.raises(RetryableChainError, match="cannot be reached"):
        adapter.head()
    assert SECRET not in f"{adapter!r}{vars(adapter)!r}"


def test_unknown_method_is_told_from_failure(endpoint: Endpoint) -> None:
    words = "the method eth_magic does not exist/is not available"
    for error in (KeyError(-32601, ""), KeyError(-32000, words)):
        endpoint.results(eth_magic=error)
        with pytest.raises(Unsupported):
            JsonRpc(endpoint.url, timeout=1).call("eth_magic")
    endpoint.results(eth_magic=KeyError(-32002, "requested resource is not available"))
    with pytest.raises(RetryableChainError):
        JsonRpc(endpoint.url, timeout=1).call("eth_magic")


def test_batch_keeps_the_order_of_its_calls(endpoint: Endpoint) -> None:
    def answer(body: Any) -> tuple[int, bytes]:
        replies = [{"jsonrpc": "2.0", "id": r["id"], "result": r["params"][0]} for r in body]
        return 200, json.dumps(replies[::-1]).encode()

    endpoint.answer = answer
    calls = [("echo", (number,)) for number in range(250)]
    assert JsonRpc(endpoint.url, timeout=5).batch(calls) == list(range(250))


def test_batch_with_an_answer_missing_is_refused(endpoint: Endpoint) -> None:
    endpoint.answer = lambda body: (
        200,
        json.dumps([{"jsonrpc": "2.0", "id": body[0]["id"], "result": 1}]).encode(),
    )
    with pytest.raises(BadAnswer, match="other requests"):
        JsonRpc(endpoint.url, timeout=5).batch([("a", ()), ("b", ())])


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (KeyError(3, "execution reverted"), None),
        (KeyError(-32000, "out of gas"), None),
        (KeyError(-32000, "missing trie node 1234"), None),
        (KeyError(-32005, "rate limit exceeded"), RetryableChainError),
        (KeyError(-32000, "header not found"), RetryableChainError),
    ],
)
def test_contract_that_refuses_is_told_from_a_node_that_is_busy(
    endpoint: Endpoint, adapter: EvmAdapter, error: KeyError, kind: type[ChainError] | None
) -> None:
    key = AccountKey("eip155:1", ADDRESS, f"eip155:1/erc20:{ADDRESS}")
    endpoint.results(eth_call=error)
    if kind is None:
        assert adapter.balances([key], HASH) == {key: None}
    else:
        with pytest.raises(kind):
            adapter.balances([key], HASH)


def test_block_whose_tracer_does_not_tell_all_is_as_good_as_untraced(
    endpoint: Endpoint, adapter: EvmAdapter
) -> None:
    ended = {"type": "SELFDESTRUCT"}  # old geth
    tree = {"type": "CALL", "from": ADDRESS, "to": OTHER[:42], "value": "0x1", "calls": [ended]}
    parts = {"eth_getBlockByNumber": header(), "eth_getBlockReceipts": [receipt()]}
    endpoint.results(**parts, debug_traceBlockByHash=[{"txHash": TX, "result": tree}])
    assert adapter.read_block(5).traces is None
    ended |= {"from": OTHER[:42], "to": ADDRESS, "value": "0x0"}
    endpoint.results(**parts, debug_traceBlockByHash=[{"txHash": TX, "result": tree}])
    assert adapter.read_block(5).traces is not None
