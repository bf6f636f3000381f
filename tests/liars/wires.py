"""Faults in the answering itself: down, slow, huge, garbled, limited. Honest nodes are too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.liars.faults import Call, Fault, Reply, RpcError, told_of

if TYPE_CHECKING:
    from tests.liars.operators import Operator

Json = Any


class Down(Fault):
    """Nobody answers: the connection ends, or a proxy says 503."""

    slug = "down"

    def __init__(self, *, by_proxy: bool = False) -> None:
        self.by_proxy = by_proxy

    def reply(self, operator: Operator, request: Json, reply: Reply) -> Reply:
        if self.by_proxy:
            return told_of(reply, status=503, raw=b"<html>503 Service Unavailable</html>")
        return told_of(reply, hangs_up=True)


class SlowBytes(Fault):
    """One byte at a time: there is always something, and never enough."""

    slug = "slow-bytes"

    def __init__(self, seconds: float = 0.05) -> None:
        self.seconds = seconds

    def reply(self, operator: Operator, request: Json, reply: Reply) -> Reply:
        return told_of(reply, drip=self.seconds)


class HugeBody(Fault):
    """An answer that nobody can hold; ``claimed`` bytes are announced, or just come."""

    slug = "huge-body"

    def __init__(self, claimed: int = 2**23) -> None:
        self.claimed = claimed

    def reply(self, operator: Operator, request: Json, reply: Reply) -> Reply:
        return told_of(reply, announced=self.claimed)


class InvalidJson(Fault):
    """A page, half an answer, or a depth that no reader should follow."""

    slug = "invalid-json"
    SHAPES = (
        b"<html><body>Bad gateway</body></html>",
        b'{"jsonrpc":"2.0","id":1,"result":',
        b"[" * 100_000,
        b'{"jsonrpc":"2.0","id":1,"result":\xff\xfe}',
        b"",
    )

    def __init__(self, shape: int = 0) -> None:
        self.raw = self.SHAPES[shape]

    def reply(self, operator: Operator, request: Json, reply: Reply) -> Reply:
        return told_of(reply, raw=self.raw)


class ErrorAsSuccess(Fault):
    """What went wrong stands where the result should be."""

    slug = "error-as-success"
    SHAPES: tuple[Json, ...] = (
        {"error": {"code": -32000, "message": "execution timeout"}},
        "internal error",
        {"code": -32603, "message": "upstream unreachable"},
        [],
    )

    def __init__(self, shape: int = 0) -> None:
        self.result_sent = self.SHAPES[shape]

    def result(self, call: Call, result: Json) -> Json:
        return self.result_sent


class TooManyRequests(Fault):
    """HTTP 429, with a time to wait."""

    slug = "http-429"

    def reply(self, operator: Operator, request: Json, reply: Reply) -> Reply:
        body = {"jsonrpc": "2.0", "id": None, "error": {"code": 429, "message": "rate limited"}}
        return told_of(reply, body=body, status=429, headers={"Retry-After": "1"})


class LimitExceeded(Fault):
    """HTTP 200, and in every entry JSON-RPC's own way to say that it was too much."""

    slug = "rpc-limit"

    def result(self, call: Call, result: Json) -> Json:
        operator = call.operator
        operator.served.note_lie(self.slug)
        raise RpcError(-32005, "daily request count exceeded, request rate limited")


class LaggingIndex(Fault):
    """The node has the block, and not yet what belongs to it: no receipts, no logs, no traces."""

    slug = "lagging-index"
    _EMPTY = frozenset(
        {"eth_getBlockReceipts", "eth_getLogs", "trace_block", "debug_traceBlockByHash"}
    )

    def __init__(self, *, nothing: bool = False) -> None:
        self.nothing = nothing  # null instead of an empty list

    def result(self, call: Call, result: Json) -> Json:
        if call.method == "eth_getTransactionReceipt":
            return None
        if call.method not in self._EMPTY or not result:
            return result
        return None if self.nothing else []


# What an honest node may be, and never be quarantined for.
UNWELL: tuple[type[Fault], ...] = (
    Down,
    SlowBytes,
    HugeBody,
    InvalidJson,
    ErrorAsSuccess,
    TooManyRequests,
    LimitExceeded,
    LaggingIndex,
)
