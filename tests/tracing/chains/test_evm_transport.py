"""Limits of endpoints: told in many shapes, learnt, kept to, and nothing is skipped for them. An
endpoint that drips, floods or hides an error in a success is refused in time."""

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.tracing.chains.test_evm_bad_endpoint import SECRET, Endpoint
from tracing.chains import evm_rpc
from tracing.chains.errors import BadAnswer, RateLimited, RetryableChainError, Unsupported
from tracing.chains.evm_rpc import CallFailed, JsonRpc
from tracing.chains.evm_transport import TooLarge


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    yield endpoint
    endpoint.server.shutdown()
    endpoint.server.server_close()


def reply(request: Any, **fields: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request["id"], **fields}


def echo(request: Any) -> dict[str, Any]:
    return reply(request, result=request["params"][0])


# What providers say of a batch that is too long: with a list of one, an object, a number or none.
REFUSALS: list[tuple[int, Any]] = [
    (200, {"code": -32600, "message": "batch too large"}),
    (200, {"code": -32005, "message": "batch limit of 10 exceeded"}),
    (500, {"code": 31, "message": "Batch of more than 3 requests are not allowed on free tier"}),
    (400, {"code": -32600, "message": "maximum 10 calls in 1 batch is allowed"}),
    (413, None),
]


@pytest.mark.parametrize(("status", "error"), REFUSALS)
def test_a_batch_that_is_too_long_is_halved_and_its_length_remembered(
    endpoint: Endpoint, status: int, error: Any
) -> None:
    most = 3 if error and "3 requests" in error["message"] else 10
    lengths = []

    def answer(body: Any) -> tuple[int, bytes]:
        lengths.append(len(body) if isinstance(body, list) else 1)
        if lengths[-1] > most:
            refusal = {"jsonrpc": "2.0", "id": None, "error": error} if error else "<html>"
            return status, json.dumps(refusal).encode()
        replies = [echo(r) for r in body] if isinstance(body, list) else echo(body)
        return 200, json.dumps(replies).encode()

    endpoint.answer = answer
    rpc = JsonRpc(endpoint.url, timeout=5)
    calls = [("echo", (number,)) for number in range(57)]
    assert rpc.batch(calls) == list(range(57))
    assert rpc.learnt["batch"] <= most
    lengths.clear()
    again = JsonRpc(endpoint.url, timeout=5)
    again.remember(rpc.learnt)
    assert again.batch(calls) == list(range(57))
    assert max(lengths) <= most


def test_an_endpoint_without_batches_is_asked_one_by_one(endpoint: Endpoint) -> None:
    def answer(body: Any) -> tuple[int, bytes]:
        if isinstance(body, list):
            error = {"code": -32700, "message": "parse error"}
            return 200, json.dumps({"jsonrpc": "2.0", "id": None, "error": error}).encode()
        return 200, json.dumps(echo(body)).encode()

    endpoint.answer = answer
    rpc = JsonRpc(endpoint.url, timeout=5)
    assert rpc.batch([("echo", (number,)) for number in range(9)]) == list(range(9))


def test_one_bad_entry_fails_alone(endpoint: Endpoint) -> None:
    bad = {
        1: {"error": {"code": -32000, "message": "boom"}},
        3: {},
        5: {"result": {"error": {"code": -32000, "message": "execution timeout"}}},
        7: {"result": {"code": -32603, "message": "upstream unreachable"}},
    }

    def answer(body: Any) -> tuple[int, bytes]:
        replies = [
            reply(r, **bad[place]) if place in bad else echo(r) for place, r in enumerate(body)
        ]
        return 200, json.dumps(replies).encode()

    endpoint.answer = answer
    found = JsonRpc(endpoint.url, timeout=5).batch([("echo", (number,)) for number in range(9)])
    failed = {place: one for place, one in enumerate(found) if isinstance(one, CallFailed)}
    assert failed.keys() == bad.keys()
    assert [one.is_malformed for one in failed.values()] == [False, True, True, True]
    assert [one for one in found if not isinstance(one, CallFailed)] == [0, 2, 4, 6, 8]


@pytest.mark.parametrize(
    "result",
    [
        {"error": {"code": -32000, "message": "execution timeout"}},
        {"code": -32603, "message": "upstream unreachable"},
    ],
)
def test_an_error_given_as_a_success_is_refused(endpoint: Endpoint, result: Any) -> None:
    endpoint.answer = lambda body: (200, json.dumps(reply(body, result=result)).encode())
    with pytest.raises(BadAnswer, match="error as a result"):
        JsonRpc(endpoint.url, timeout=5).call("eth_getBlockByNumber", "0x1", True)


@pytest.mark.parametrize(
    ("status", "headers", "error", "seconds"),
    [
        (429, {"Retry-After": "7"}, None, 7.0),
        (429, {}, None, 1.0),
        (429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, None, 0.0),
        (429, {"Retry-After": "soon"}, None, 1.0),
        (503, {"Retry-After": "3"}, None, 3.0),
        (200, {}, {"code": 429, "message": "Your app has exceeded its compute units"}, 1.0),
        (200, {}, {"code": -32005, "message": "daily request count exceeded"}, 1.0),
        (200, {}, {"code": -32007, "message": "50/second request limit reached"}, 1.0),
        (
            200,
            {},
            {
                "code": -32005,
                "message": "project ID request rate exceeded",
                "data": {"rate": {"allowed_rps": 1, "backoff_seconds": 30}},
            },
            30.0,
        ),
    ],
)
def test_too_many_requests_are_told_with_the_time_to_wait(
    endpoint: Endpoint, status: int, headers: dict[str, str], error: Any, seconds: float
) -> None:
    endpoint.headers = headers
    body = {"error": error} if error else {}
    endpoint.answer = lambda r: (status, json.dumps(reply(r, **body)).encode())
    rpc = JsonRpc(endpoint.url, timeout=5)
    with pytest.raises(RateLimited) as refusal:
        rpc.call("eth_chainId")
    assert refusal.value.seconds == seconds
    assert rpc.learnt["gap"] > 0
    endpoint.headers = {}
    endpoint.answer = lambda r: (200, json.dumps(reply(r, result="0x1")).encode())
    started = time.monotonic()
    for _ in range(4):
        assert rpc.call("eth_chainId") == "0x1"
    assert time.monotonic() - started > 0.05  # not as fast as before


def test_entries_that_came_too_fast_are_asked_once_more(endpoint: Endpoint) -> None:
    asked = []

    def answer(body: Any) -> tuple[int, bytes]:
        asked.append(len(body))
        error = {"code": 429, "message": "too many requests"}
        replies = [
            echo(r) if place < 3 or len(asked) > 1 else reply(r, error=error)
            for place, r in enumerate(body)
        ]
        return 200, json.dumps(replies).encode()

    endpoint.answer = answer
    rpc = JsonRpc(endpoint.url, timeout=5)
    assert rpc.batch([("echo", (number,)) for number in range(7)]) == list(range(7))
    assert asked == [7, 4]


def test_an_error_that_http_calls_a_failure_is_read(endpoint: Endpoint) -> None:
    error = {"code": -32601, "message": "Method not found"}
    endpoint.answer = lambda r: (400, json.dumps(reply(r, error=error)).encode())
    with pytest.raises(Unsupported):
        JsonRpc(endpoint.url, timeout=5).call("trace_block", "0x1")
    endpoint.answer = lambda r: (400, b"<html>")
    with pytest.raises(RetryableChainError, match="HTTP 400"):
        JsonRpc(endpoint.url, timeout=5).call("trace_block", "0x1")
    endpoint.answer = lambda r: (413, b"")
    with pytest.raises(TooLarge):
        JsonRpc(endpoint.url, timeout=5).call("trace_block", "0x1")


def test_an_answer_that_is_too_large_is_not_read_to_its_end(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evm_rpc, "MAX_ANSWER", 10_000)
    for length in (9_000, 11_000):
        body = b'{"jsonrpc":"2.0","id":null,"error":{"code":3,"message":""}}'.ljust(length)
        endpoint.answer = lambda _, body=body: (200, body)
        with pytest.raises(RetryableChainError if length == 9_000 else BadAnswer):
            JsonRpc(endpoint.url, timeout=5).call("eth_chainId")


@pytest.mark.parametrize("part", ["headers", "body"])
def test_one_byte_at_a_time_does_not_hold_whoever_waits(part: str) -> None:
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = server.accept()
        connection.recv(65536)
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
        with suppress(OSError):
            if part == "body":
                connection.sendall(head)
                head = b""
            for byte in head + b" " * 5000:
                connection.sendall(bytes([byte]))
                time.sleep(0.05)
        connection.close()

    threading.Thread(target=serve, daemon=True).start()
    url = f"http://127.0.0.1:{server.getsockname()[1]}/{SECRET}"
    started = time.monotonic()
    with pytest.raises(RetryableChainError, match="did not answer in") as refusal:
        JsonRpc(url, timeout=0.5).call("eth_chainId")
    assert time.monotonic() - started < 1.5
    assert SECRET not in str(refusal.value)
    server.close()


def test_the_address_is_in_no_log_and_in_no_chain_of_errors(
    endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("tests").debug("other debug lines are kept")
        endpoint.results(eth_chainId="0x1")
        rpc = JsonRpc(endpoint.url, timeout=1)
        rpc.call("eth_chainId")
        for status in (500, 429):
            endpoint.answer = lambda _, status=status: (status, b"")
            with pytest.raises(RetryableChainError) as refusal:
                rpc.call("eth_chainId")
            assert refusal.value.__context__ is None
        with pytest.raises(RetryableChainError, match="cannot be reached") as refusal:
            JsonRpc(f"http://127.0.0.1:1/{SECRET}", timeout=1).call("eth_chainId")
        assert (refusal.value.__context__, refusal.value.__cause__) == (None, None)
    assert SECRET not in caplog.text
    assert "other debug lines" in caplog.text
    assert SECRET not in f"{vars(rpc)}{vars(rpc._transport)}"


def test_the_environment_is_read_once_and_kept_to(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a proxy where there is one, also later when the variable is gone; not where the host
    is excepted."""
    endpoint.results(eth_chainId="0x1")
    monkeypatch.setenv("http_proxy", endpoint.url.removesuffix(f"/v2/{SECRET}"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    nowhere = f"http://node.invalid:1/{SECRET}"
    proxied = JsonRpc(nowhere, timeout=5)
    assert proxied.call("eth_chainId") == "0x1"
    monkeypatch.delenv("http_proxy")
    assert proxied.call("eth_chainId") == "0x1"
    assert SECRET not in f"{vars(proxied._transport)}"
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with pytest.raises(RetryableChainError, match="cannot be reached"):
        JsonRpc(nowhere, timeout=1).call("eth_chainId")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert JsonRpc(endpoint.url, timeout=1).call("eth_chainId") == "0x1"
