"""JSON-RPC over HTTP: batches, typed errors, and the limits of an endpoint, learnt and remembered.

No retries, formatters or CCIP-Read of a library's: a contract that an attacker chose could
otherwise make this server fetch an address of the attacker's.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

import orjson

from tracing.chains.errors import BadAnswer, RateLimited
from tracing.chains.evm_failures import (
    CallFailed,
    failure,
    malformed,
    output_or_none,
    raise_for,
    state_or_none,
)
from tracing.chains.evm_json import read_json
from tracing.chains.evm_transport import TooLarge, Transport, host_of

__all__ = ["CallFailed", "JsonRpc", "host_of", "output_or_none", "state_or_none"]

BATCH = 100  # requests per HTTP request; common limits of providers are 100 to 1,000
MAX_ANSWER = 256 * 2**20  # bytes
_FIRST_GAP, _LONGEST_GAP = 0.02, 1.0  # seconds between two requests, once there were too many
_GAP_SHRINKS = 0.98  # with each that was not too many
_LONGEST_PAUSE = 0.5  # seconds, before entries that came too fast are asked once more
_NUMBER = re.compile(r"\d+")
# Parse error, invalid request, unknown method, invalid parameters: of a list, of this length.
_NOT_UNDERSTOOD = frozenset({-32700, -32600, -32601, -32602})
_ids = itertools.count(1)

Call = tuple[str, Sequence[Any]]


class JsonRpc:
    """A connection to one endpoint. Its address appears in no message and no repr.

    May be used by several threads at once.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        self._transport = Transport(url, timeout=timeout)
        self._most = BATCH  # requests of one batch
        self._gap = 0.0
        self._next_at = 0.0
        self._lock = Lock()

    def __repr__(self) -> str:
        return "JsonRpc(<endpoint>)"

    @property
    def learnt(self) -> dict[str, Any]:
        """Its limits: requests of one batch, and seconds between two, rounded up."""
        found: dict[str, Any] = {}
        if self._most < BATCH:
            found["batch"] = self._most
        if self._gap >= _FIRST_GAP:
            found["gap"] = next(gap for gap in _GAPS if gap >= self._gap)
        return found

    def remember(self, learnt: Mapping[str, Any]) -> None:
        """Begin with limits that were learnt before."""
        batch, gap = learnt.get("batch"), learnt.get("gap")
        if isinstance(batch, int) and 0 < batch < BATCH:
            self._most = batch
        if isinstance(gap, float) and 0 < gap <= _LONGEST_GAP:
            self._gap = gap

    def call(self, method: str, *params: Any) -> Any:
        """One result. Raises RetryableChainError, Unsupported or BadAnswer."""
        (answer,) = self.batch([(method, params)])
        if isinstance(answer, CallFailed):
            raise_for(method, answer)
        return answer

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        """Results in the order of the calls, a CallFailed in the place of each that failed."""
        answers: list[Any] = []
        while len(answers) < len(calls):
            answers += self._some(calls[len(answers) :][: self._most])
        self._once_more(calls, answers)
        return answers

    def close(self) -> None:
        """Give up connections."""
        self._transport.close()

    def _some(self, calls: Sequence[Call]) -> list[Any]:
        """One request; in halves, where the endpoint takes no batch of this length."""
        try:
            return self._post(calls)
        except _BatchRefusedError as refusal:
            half = max(1, len(calls) // 2)
            if refusal.most is not None:
                half = min(half, refusal.most)
            if refusal.is_limit:
                self._most = min(self._most, half)
        return self._some(calls[:half]) + self.batch(calls[half:])

    def _once_more(self, calls: Sequence[Call], answers: list[Any]) -> None:
        """What came too fast, while other entries of the same batch were answered."""
        fast = [at for at, found in enumerate(answers) if _is_too_fast(found)]
        if not fast or len(fast) == len(answers):
            return
        time.sleep(min(max(answers[at].rest or 0.0 for at in fast), _LONGEST_PAUSE))
        again = self._some([calls[at] for at in fast])
        for at, found in zip(fast, again, strict=True):
            answers[at] = found

    def _post(self, calls: Sequence[Call]) -> list[Any]:
        ids = [next(_ids) for _ in calls]
        body = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
            for number, (method, params) in zip(ids, calls, strict=True)
        ]
        # A single call goes as an object: some nodes refuse or bill a batch of one.
        try:
            asked = orjson.dumps(body if len(body) > 1 else body[0])
        except orjson.JSONEncodeError:  # an earlier answer of its own is part of the question
            raise BadAnswer("the endpoint named something that nobody can be asked for") from None
        raw = self._send(asked, len(calls))
        decoded = read_json(raw, "the endpoint's")
        if isinstance(decoded, dict) and len(calls) > 1:
            self._refused(failure(decoded.get("error")))
        entries = decoded if isinstance(decoded, list) else [decoded]
        if len(calls) == 1 and len(entries) == 1:
            entries = [_with_id(entries[0], ids[0])]
        by_id = {_id_of(entry): entry for entry in entries if isinstance(entry, dict)}
        if len(by_id) != len(ids) or len(entries) != len(ids) or set(by_id) != set(ids):
            raise BadAnswer("the endpoint answered other requests than were asked")
        answers = [_result(by_id[number]) for number in ids]
        self._pace(is_too_fast=any(_is_too_fast(answer) for answer in answers))
        return answers

    def _refused(self, failed: CallFailed) -> None:
        """An error instead of a list: of the batch's length, of too many requests, or unknown."""
        if failed.is_of_the_batch:
            numbers = [int(number) for number in _NUMBER.findall(failed.message)]
            fitting = [number for number in numbers if 0 < number < BATCH]
            raise _BatchRefusedError(is_limit=True, most=min(fitting, default=None))
        if failed.rest is not None:
            self._pace(is_too_fast=True)
            raise_for("batch", failed)
        if failed.passing:
            raise_for("batch", failed)
        raise _BatchRefusedError(is_limit=failed.code in _NOT_UNDERSTOOD)

    def _send(self, body: bytes, count: int) -> bytes:
        with self._lock:
            wait = self._next_at - time.monotonic()
            self._next_at = max(time.monotonic(), self._next_at) + self._gap
        if wait > 0:
            time.sleep(wait)
        too_large: TooLarge | None = None
        try:
            return self._transport.post(body, most=MAX_ANSWER)
        except RateLimited:
            self._pace(is_too_fast=True)
            raise
        except TooLarge as error:
            too_large = error
        if count > 1:
            raise _BatchRefusedError(is_limit=True)
        raise too_large

    def _pace(self, *, is_too_fast: bool) -> None:
        with self._lock:
            if is_too_fast:
                self._gap = min(max(2 * self._gap, _FIRST_GAP), _LONGEST_GAP)
            elif self._gap:
                self._gap *= _GAP_SHRINKS
                self._gap = self._gap if self._gap > _FIRST_GAP / 4 else 0.0


_GAPS = (0.02, 0.05, 0.1, 0.2, 0.5, _LONGEST_GAP)


class _BatchRefusedError(Exception):
    """The endpoint did not take a batch. ``is_limit``: for its length, as it says. ``most``: how
    many it takes, where it says so."""

    def __init__(self, *, is_limit: bool, most: int | None = None) -> None:
        super().__init__("batch refused")
        self.is_limit = is_limit
        self.most = most


def _is_too_fast(answer: Any) -> bool:
    return isinstance(answer, CallFailed) and answer.is_rate


def _id_of(entry: dict[str, Any]) -> int | None:
    found = entry.get("id")
    return found if isinstance(found, int) else None


def _with_id(entry: Any, number: int) -> Any:
    """An error about a request that could not be read has no id (JSON-RPC 2.0, 5)."""
    if isinstance(entry, dict) and entry.get("id") is None and isinstance(entry.get("error"), dict):
        return entry | {"id": number}
    return entry


def _result(entry: dict[str, Any]) -> Any:
    if "error" in entry and entry["error"] is not None:
        return failure(entry["error"])
    if "result" not in entry:
        return malformed("the endpoint's answer has neither result nor error")
    if _is_error_like(entry["result"]):
        return malformed("the endpoint gave an error as a result")
    return entry["result"]


def _is_error_like(result: Any) -> bool:
    """An error in the place of the result: {"error": {...}}, or an error object itself."""
    if not isinstance(result, dict) or not result:
        return False
    if result.keys() <= {"code", "message", "data"}:
        return "code" in result and "message" in result
    return result.keys() <= {"error", "id", "jsonrpc"} and "error" in result
