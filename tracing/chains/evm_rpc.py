"""JSON-RPC over HTTP: batches, time limits, typed errors, and nothing that web3.py does by itself.

web3's provider carries the bytes; its retries, formatters and CCIP-Read are off. A contract that
an attacker chose could otherwise make this server fetch an address of the attacker's.
"""

from __future__ import annotations

import itertools
import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlsplit

import orjson
import requests
from requests.adapters import HTTPAdapter
from web3 import HTTPProvider
from web3.exceptions import TimeExhausted
from web3.types import RPCEndpoint

from tracing.chains.errors import BadAnswer, ChainError, RetryableChainError, Unsupported

# py_ecc, which web3 brings along, raises the limit to 100,000 for the whole process: a deeply
# nested text, read by anybody here, would then run over the end of the C stack.
sys.setrecursionlimit(1000)

BATCH = 100  # requests per HTTP request; common limits of providers are 100 to 1,000
MAX_ANSWER = 256 * 2**20  # bytes

_UNSUPPORTED_WORDS = (
    "method not found",
    "method not supported",
    "does not exist/is not available",
    "not whitelisted",
    "unsupported method",
    "unknown method",
)
_NO_STATE_WORDS = (
    "missing trie node",
    "state is not available",
    "state not available",
    "historical state",
    "required historical state",
    "state histories haven't been fully indexed",
    "required data unavailable",
    "pruned",
)
_PASSING_WORDS = (
    "header not found",
    "hash not found",
    "unknown block",
    "block not found",
    "rate limit",
    "request limit",
    "too many requests",
    "capacity",
    "busy",
    "try again",
)
_PASSING_CODES = frozenset({429, -32005, -32001, -32016})
_ids = itertools.count(1)


@dataclass(frozen=True, slots=True)
class CallFailed:
    """One entry of a batch that the node answered with an error.

    ``no_state``: the node no longer has the state of that block. ``passing``: it may work later.
    """

    code: int
    message: str
    no_state: bool
    passing: bool


class _Quiet(HTTPProvider):
    """web3's transport; its own debug log would write the endpoint's address down."""

    logger = logging.getLogger("tracing.chains.transport")

    def post(self, body: bytes) -> bytes:
        return self._make_request(RPCEndpoint("raw"), body)


class JsonRpc:
    """A connection to one endpoint. Its address appears in no message and no repr."""

    def __init__(self, url: str, *, timeout: float) -> None:
        session = requests.Session()
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=8, max_retries=0)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        self._provider = _Quiet(
            url,
            request_kwargs={"timeout": timeout, "allow_redirects": False},
            session=session,
            exception_retry_configuration=None,
        )
        self._provider.global_ccip_read_enabled = False
        self._session = session
        self._timeout = timeout

    def __repr__(self) -> str:
        return "JsonRpc(<endpoint>)"

    def call(self, method: str, *params: Any) -> Any:
        """One result. Raises RetryableChainError, Unsupported or BadAnswer."""
        (answer,) = self.batch([(method, params)])
        if isinstance(answer, CallFailed):
            _raise(method, answer)
        return answer

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Results in the order of the calls, a CallFailed in the place of each that failed."""
        answers: list[Any] = []
        for start in range(0, len(calls), BATCH):
            answers += self._post(calls[start : start + BATCH])
        return answers

    def close(self) -> None:
        self._session.close()

    def _post(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        ids = [next(_ids) for _ in calls]
        body = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
            for number, (method, params) in zip(ids, calls, strict=True)
        ]
        # A single call goes as an object: some nodes refuse or bill a batch of one.
        raw = self._send(orjson.dumps(body if len(body) > 1 else body[0]))
        try:
            decoded = orjson.loads(raw)
        except orjson.JSONDecodeError:
            raise BadAnswer("the endpoint's answer is not JSON") from None
        if isinstance(decoded, dict) and len(calls) > 1:
            _raise("batch", _failure(decoded))
        entries = decoded if isinstance(decoded, list) else [decoded]
        by_id = {entry.get("id"): entry for entry in entries if isinstance(entry, dict)}
        if len(by_id) != len(ids) or len(entries) != len(ids) or set(by_id) != set(ids):
            raise BadAnswer("the endpoint answered other requests than were asked")
        return [_result(by_id[number]) for number in ids]

    def _send(self, body: bytes) -> bytes:
        started = time.monotonic()
        try:
            raw = self._provider.post(body)
        except requests.HTTPError as error:
            status = error.response.status_code if error.response is not None else 0
            raise RetryableChainError(f"the endpoint answered HTTP {status}") from None
        except (requests.Timeout, TimeExhausted):
            waited = time.monotonic() - started
            raise RetryableChainError(f"the endpoint did not answer in {waited:.0f} s") from None
        except requests.ConnectionError:
            raise RetryableChainError("the endpoint cannot be reached") from None
        except (requests.RequestException, ValueError):
            raise RetryableChainError("the request to the endpoint failed") from None
        if len(raw) > MAX_ANSWER:
            raise BadAnswer("the endpoint's answer is too large")
        return raw


def host_of(url: str) -> str:
    """What may be shown of an endpoint: its host, without path, user or query."""
    return urlsplit(url).hostname or "?"


def _result(entry: dict[str, Any]) -> Any:
    if "error" in entry and entry["error"] is not None:
        return _failure(entry)
    if "result" not in entry:
        raise BadAnswer("the endpoint's answer has neither result nor error")
    return entry["result"]


def _failure(entry: dict[str, Any]) -> CallFailed:
    error = entry.get("error")
    if not isinstance(error, dict):
        raise BadAnswer("the endpoint's error is not an error object")
    code = error.get("code")
    message = str(error.get("message", ""))
    lowered = message.lower()
    return CallFailed(
        code if isinstance(code, int) else 0,
        "".join(c for c in message if c.isascii() and c.isprintable())[:200],
        no_state=any(words in lowered for words in _NO_STATE_WORDS),
        passing=code in _PASSING_CODES or any(words in lowered for words in _PASSING_WORDS),
    )


def _raise(method: str, failure: CallFailed) -> NoReturn:
    """The node's words stay out of the message: they may repeat the endpoint's address."""
    lowered = failure.message.lower()
    kind: type[ChainError] = RetryableChainError
    if failure.code in (-32601, -32004) or any(w in lowered for w in _UNSUPPORTED_WORDS):
        kind = Unsupported
    raise kind(f"{method}: the endpoint answered with error {failure.code}")


def state_or_none(method: str, answer: Any) -> Any:
    """An answer about an account; None where the node no longer has that state, else it raises."""
    if isinstance(answer, CallFailed):
        if answer.no_state:
            return None
        _raise(method, answer)
    return answer


def output_or_none(answer: Any) -> Any:
    """What a contract answered; None where it refused, whatever it did to refuse.

    Only errors that are the node's own are raised: a contract that wastes all gas must not be able
    to keep the watcher waiting.
    """
    if isinstance(answer, CallFailed):
        if answer.passing:
            _raise("eth_call", answer)
        return None
    return answer
