"""Logs of a range through endpoints that limit it, each in its own words: the windows join to what
was asked for, no log is lost or doubled, and what was learnt is kept."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.effort import LONG
from tests.tracing.chains.test_evm_bad_endpoint import ADDRESS, OTHER, TX, Endpoint
from tracing.chains.errors import BadAnswer, ChainError, NotYet, RetryableChainError
from tracing.chains.evm_rpc import JsonRpc
from tracing.chains.evm_windows import Windows

# From the window that was asked for and the limit (of blocks, or of logs) to an error. Words and
# codes: ../shared/research/tracing.md 3.2.
Shape = Callable[[int, int, int], dict[str, Any]]


def error(code: int, message: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "message": message, **more}


def should_work(first: int, limit: int) -> str:
    return f"[{hex(first)}, {hex(first + limit - 1)}]"


BY_RANGE: list[Shape] = [
    lambda f, t, n: error(
        -32602,
        f"You can make eth_getLogs requests with up to a {n} block range. "
        f"Based on your parameters, this block range should work: {should_work(f, n)}",
    ),
    lambda f, t, n: error(-32602, f"range {t - f + 1} exceeds limit of {n}"),
    lambda f, t, n: error(-32614, f"eth_getLogs is limited to a {n:,} range"),
    lambda f, t, n: error(-32600, "block range is too wide"),
    lambda f, t, n: error(-32602, f"Max range: {n}"),
    lambda f, t, n: error(-32602, f"Maximum allowed number of requested blocks is {n}"),
    lambda f, t, n: error(-32701, f"exceed maximum block range: {n}"),
    lambda f, t, n: error(-32000, f"eth_getLogs is limited to {n} block range"),
    lambda f, t, n: error(35, f"ranges over {n} blocks are not supported on freetier"),
    lambda f, t, n: error(-32000, f"too many blocks from {f} to {t}, maximum is set to {n}"),
    lambda f, t, n: error(-32600, f"exceeds the range for your plan ({t - f + 1} > {n})"),
    lambda f, t, n: error(-32000, f"please limit the query to at most {n} blocks"),
    lambda f, t, n: error(-32000, f"block range is too wide (maximum {n})"),
    lambda f, t, n: error(-32602, "Block range limit exceeded."),
    lambda f, t, n: error(-32602, "invalid params: block range too large"),
    lambda f, t, n: error(-32603, "internal error"),
]
BY_RESULTS: list[Shape] = [
    lambda f, t, n: error(
        -32602,
        "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range,"
        f" or any number of blocks with a cap of {n} logs. this block range should work: "
        f"{should_work(f, max(1, (t - f) // 3))}",
    ),
    lambda f, t, n: error(
        -32005,
        f"query returned more than {n} results",
        data={"from": hex(f), "limit": n, "to": hex(f + max(0, (t - f) // 2))},
    ),
    lambda f, t, n: error(
        -32005,
        f"query returned more than {n} results. Try with this block range "
        f"{should_work(f, max(1, (t - f) // 2))}.",
    ),
    lambda f, t, n: error(
        -32000, f"query exceeds max results {n}, retry with the range {f}-{f + (t - f) // 2}"
    ),
    lambda f, t, n: error(-32000, f"logs matched by query exceeds limit of {n}"),
    lambda f, t, n: error(-32008, "backend response too large"),
    lambda f, t, n: error(-32000, "response size should not greater than 10000000 bytes"),
    lambda f, t, n: error(-32000, "query timeout exceeded"),
]
HEAD = 3_000


class Provider:
    """An endpoint with ``logs`` per block, which takes windows of ``most_blocks`` and gives
    ``most_logs``, and says so in its shape."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.logs: dict[int, int] = {}
        self.most_blocks = self.most_logs = 10**9
        self.by_range, self.by_results = BY_RANGE[0], BY_RESULTS[0]
        self.head = HEAD
        self.windows: list[tuple[int, int]] = []
        self.refused = 0
        endpoint.answer = self.answer

    def answer(self, body: Any) -> tuple[int, bytes]:
        import json

        replies = [self.one(r) for r in (body if isinstance(body, list) else [body])]
        return 200, json.dumps(replies if isinstance(body, list) else replies[0]).encode()

    def one(self, request: Any) -> dict[str, Any]:
        reply = {"jsonrpc": "2.0", "id": request["id"]}
        if request["method"] == "eth_blockNumber":
            return reply | {"result": hex(self.head)}
        asked = request["params"][0]
        first, last = int(asked["fromBlock"], 16), int(asked["toBlock"], 16)
        found = [log(n, at) for n in range(first, last + 1) for at in range(self.logs.get(n, 0))]
        if last - first + 1 > self.most_blocks:
            self.refused += 1
            return reply | {"error": self.by_range(first, last, self.most_blocks)}
        if len(found) > self.most_logs and last > first:
            self.refused += 1
            return reply | {"error": self.by_results(first, last, self.most_logs)}
        self.windows.append((first, last))
        return reply | {"result": found}


def log(number: int, index: int) -> dict[str, Any]:
    return {
        "address": ADDRESS,
        "topics": [OTHER],
        "data": "0x",
        "blockHash": OTHER,
        "blockNumber": hex(number),
        "transactionHash": TX,
        "logIndex": hex(index),
    }


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    yield endpoint
    endpoint.server.shutdown()
    endpoint.server.server_close()


def places(logs: list[Any]) -> list[tuple[int, int]]:
    return [(int(one["blockNumber"], 16), int(one["logIndex"], 16)) for one in logs]


@settings(
    max_examples=60 if LONG else 20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    first=st.integers(0, HEAD),
    length=st.integers(1, 2_500),
    logs=st.dictionaries(st.integers(0, HEAD), st.integers(1, 5), max_size=60),
    most_blocks=st.integers(1, 3_000),
    most_logs=st.integers(1, 40),
    by_range=st.sampled_from(BY_RANGE),
    by_results=st.sampled_from(BY_RESULTS),
    remembers=st.booleans(),
)
def test_windows_join_to_the_range_whatever_the_limits(
    endpoint: Endpoint,
    first: int,
    length: int,
    logs: dict[int, int],
    most_blocks: int,
    most_logs: int,
    by_range: Shape,
    by_results: Shape,
    remembers: bool,
) -> None:
    last = min(HEAD, first + length - 1)
    most_blocks = max(most_blocks, length // 25)  # a bound on the requests of one example
    provider = Provider(endpoint)
    provider.logs, provider.most_blocks, provider.most_logs = logs, most_blocks, most_logs
    provider.by_range, provider.by_results = by_range, by_results
    windows = Windows(JsonRpc(endpoint.url, timeout=5))
    if remembers:
        windows.remember({"range": most_blocks})
    found = windows.get_logs(first, last, {"topics": [OTHER]})
    wanted = [(n, at) for n in range(first, last + 1) for at in range(logs.get(n, 0))]
    assert places(found) == wanted
    assert [a for a, _ in provider.windows[1:]] == [b + 1 for _, b in provider.windows[:-1]]
    assert (provider.windows[0][0], provider.windows[-1][1]) == (first, last)

    provider.windows.clear()
    newest, since = windows.newest_logs(first, last, {"topics": [OTHER]}, most=400)
    assert places(newest) == [place for place in wanted if place[0] >= since]
    assert since == first
    again = Windows(JsonRpc(endpoint.url, timeout=5))
    for told in again.newest_told(first, last, [{"topics": [OTHER]}] * 3):
        found, since = again.newest_logs(first, last, {"topics": [OTHER]}, most=400, told=told)
        assert (places(found), since) == (places(newest), first)


@pytest.mark.parametrize("shape", BY_RANGE[:13])
def test_a_limit_that_is_told_is_learnt_from_one_refusal_and_remembered(
    endpoint: Endpoint, shape: Shape
) -> None:
    provider = Provider(endpoint)
    provider.by_range, provider.most_blocks = shape, 1_024
    windows = Windows(JsonRpc(endpoint.url, timeout=5))
    windows.get_logs(1, HEAD, {})
    assert provider.refused <= 2
    refused = provider.refused
    again = Windows(JsonRpc(endpoint.url, timeout=5))
    again.remember(windows.learnt)
    again.get_logs(1, HEAD, {})
    assert provider.refused == refused


def test_what_was_remembered_must_make_sense(endpoint: Endpoint) -> None:
    Provider(endpoint)
    windows = Windows(JsonRpc(endpoint.url, timeout=5))
    windows.remember({"range": -4, "results": "many"})
    assert windows.learnt == {}
    windows.remember({"range": True, "results": 7})
    assert windows.learnt == {"results": 7}


def test_a_block_that_cannot_be_given_is_an_error_and_no_gap(endpoint: Endpoint) -> None:
    provider = Provider(endpoint)
    provider.most_blocks = 0
    windows = Windows(JsonRpc(endpoint.url, timeout=5))
    with pytest.raises(RetryableChainError, match="eth_getLogs"):
        windows.get_logs(5, 40, {})
    provider.most_blocks = 1
    assert windows.get_logs(5, 40, {}) == []


def test_a_node_that_lags_has_no_logs_and_that_is_no_answer(endpoint: Endpoint) -> None:
    provider = Provider(endpoint)
    provider.logs, provider.head = {40: 1}, 39
    windows = Windows(JsonRpc(endpoint.url, timeout=5))
    with pytest.raises(NotYet):
        windows.get_logs(5, 40, {})
    beyond = error(-32602, "block range extends beyond current head block")
    provider.most_blocks, provider.by_range = 1, lambda *_: beyond
    with pytest.raises(NotYet):
        windows.get_logs(5, 40, {})
    provider.head, provider.most_blocks = 40, 100
    assert places(windows.get_logs(5, 40, {})) == [(40, 0)]


def test_an_answer_that_may_have_been_cut_is_asked_for_in_parts(endpoint: Endpoint) -> None:
    provider = Provider(endpoint)
    provider.logs = dict.fromkeys(range(100, 300), 10)
    honest = provider.one

    def cut(request: Any) -> dict[str, Any]:
        reply = honest(request)
        if isinstance(reply.get("result"), list):
            reply["result"] = reply["result"][:1_000]
        return reply

    provider.one = cut  # type: ignore[method-assign]
    found = Windows(JsonRpc(endpoint.url, timeout=5)).get_logs(0, HEAD, {})
    assert places(found) == [(n, at) for n in range(100, 300) for at in range(10)]


@pytest.mark.parametrize("number", [4, 41])
def test_a_log_of_another_block_is_refused(endpoint: Endpoint, number: int) -> None:
    provider = Provider(endpoint)
    provider.one = lambda request: {  # type: ignore[method-assign]
        "jsonrpc": "2.0",
        "id": request["id"],
        "result": hex(HEAD) if request["method"] == "eth_blockNumber" else [log(number, 0)],
    }
    with pytest.raises(BadAnswer):
        Windows(JsonRpc(endpoint.url, timeout=5)).get_logs(5, 40, {})


def test_first_windows_of_many_are_asked_for_in_few_requests(endpoint: Endpoint) -> None:
    provider, requests = Provider(endpoint), []
    provider.logs = {100: 3, 2_999: 1}
    honest = provider.answer

    def count(body: Any) -> tuple[int, bytes]:
        requests.append(body)
        return honest(body)

    endpoint.answer = count
    windows = Windows(JsonRpc(endpoint.url, timeout=5))
    told = windows.newest_told(50, HEAD, [{}] * 25)
    assert len(requests) == 3
    for one in told:
        logs, _ = windows.newest_logs(50, HEAD, {}, most=2, told=one)
        assert places(logs) == [(100, 0), (100, 1), (100, 2), (2_999, 0)]
    assert len(requests) == 3
    # of another window than is asked for then it is no answer
    assert places(windows.newest_logs(101, HEAD, {}, most=2, told=told[0])[0]) == [(2_999, 0)]
    assert len(requests) == 4
    provider.most_blocks = 1_000
    assert windows.newest_told(50, HEAD, [{}] * 25) == [None] * 25
    endpoint.answer = lambda _: (503, b"")
    assert windows.newest_told(50, HEAD, [{}] * 25) == [None] * 25


def test_what_a_node_that_lags_told_before_is_no_answer(endpoint: Endpoint) -> None:
    provider = Provider(endpoint)
    provider.head = 2_000
    windows = Windows(JsonRpc(endpoint.url, timeout=5))
    (told,) = windows.newest_told(50, HEAD, [{}])
    with pytest.raises(NotYet):
        windows.newest_logs(50, HEAD, {}, most=2, told=told)
    (told,) = windows.newest_told(50, 2_000, [{}])
    assert windows.newest_logs(50, 2_000, {}, most=2, told=told) == ([], 50)


def test_too_many_requests_are_no_matter_of_size(endpoint: Endpoint) -> None:
    provider = Provider(endpoint)
    provider.most_blocks, provider.by_range = 1, lambda *_: error(429, "too many requests")
    windows = Windows(JsonRpc(endpoint.url, timeout=5))
    with pytest.raises(ChainError):
        windows.get_logs(5, 40, {})
    assert provider.refused <= 2
    assert windows.learnt == {}
