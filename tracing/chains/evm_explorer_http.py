"""One question to an Etherscan-compatible history: paced, bounded, its errors told apart.

Such a history answers HTTP 200 with ``status`` "0" to almost everything that goes wrong, and to an
empty list as well.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import requests

from tracing.chains.errors import BadAnswer, RetryableChainError, Unsupported
from tracing.chains.evm_json import mapping, objects, read_json
from tracing.chains.evm_transport import TimedAdapter

TIMEOUT = 30.0
PACE = 0.35  # seconds between two questions: 3 a second are free
MAX_ANSWER = 64 * 2**20  # bytes
MOST_QUESTIONS = 5_000  # of one connection: half an hour of them, and five million records
TRIES = 6  # of one question, while the history asks us to slow down
_LONGEST_PAUSE = 8.0
_SLOWER = ("rate limit", "too many requests", "calls per sec")
_FOR_TODAY = ("daily",)
_TOO_MANY = (
    "result window is too large",
    "smaller result dataset",  # "Query Timeout occured. Please select a ..."
    "query timeout",
    "block range smaller",
    "block range is too",
)
_UNKNOWN = ("invalid action", "unknown action", "unknown module", "unsupported chain", "chainid")
_NOTHING = ("no transactions found", "no records found", "no token transfers found",
            "no internal transactions found", "no withdrawals found")  # fmt: skip


class TooManyError(BadAnswer):
    """More than the history tells at once: ask for fewer blocks."""

    def __init__(self) -> None:
        super().__init__("the history cannot tell so much at once")


class ExplorerHttp:
    """Asks one endpoint. The URL may hold a key (``apikey``): it appears in no message."""

    def __init__(self, chain: str, url: str, *, pace: float | None = None) -> None:
        parts = urlsplit(url)
        self._url = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
        number = chain.partition(":")[2]
        self._fixed = {**dict(parse_qsl(parts.query)), "chainid": number, "module": "account"}
        self._session = requests.Session()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, TimedAdapter())
        self._pace = PACE if pace is None else pace
        self._next = 0.0
        self._asked = 0

    def __repr__(self) -> str:
        return "ExplorerHttp(<history>)"

    def close(self) -> None:
        """Give up connections."""
        self._session.close()

    def ask(self, question: Mapping[str, str | int]) -> list[Mapping[str, Any]]:
        """The records that answer a question; empty where there are none.

        :raises TooManyError: ask for less. :raises RetryableChainError: it does not answer, or has
            had enough of us. :raises Unsupported: it does not know the action or the chain.
        :raises BadAnswer: anything else that is no list of records.
        """
        self._asked += 1
        if self._asked > MOST_QUESTIONS:
            raise BadAnswer("the history comes to no end")
        for attempt in range(TRIES):
            answer = self._answer(question)
            if answer is None:
                time.sleep(min(self._pace * 2**attempt, _LONGEST_PAUSE))
                continue
            return answer
        raise RetryableChainError("the history asks us again and again to slow down")

    def _answer(self, question: Mapping[str, str | int]) -> list[Mapping[str, Any]] | None:
        """The records; None: ask again, more slowly."""
        raw = self._get(question)
        if raw is None:
            return None
        body = mapping(read_json(raw, "the history's"), "the history's answer")
        status, result = body.get("status"), body.get("result")
        if status in ("1", 1):
            return objects(result, "a record")
        told = (one if isinstance(one, str) else "" for one in (body.get("message"), result))
        said = " ".join(told).lower()
        if status in ("0", 0) and not result and said.strip().startswith(_NOTHING):
            return []
        _raise_for(said)
        return None

    def _get(self, question: Mapping[str, str | int]) -> bytes | None:
        self._wait()
        try:
            with self._session.get(
                self._url,
                params={**self._fixed, **question},
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as response:
                if response.status_code == 429:
                    return None
                if response.status_code != 200:
                    said = f"the history answered HTTP {response.status_code}"
                    raise RetryableChainError(said)
                raw = bytearray()
                for piece in response.iter_content(2**16):
                    raw += piece
                    if len(raw) > MAX_ANSWER:
                        raise BadAnswer("the history's answer is too large")
                return bytes(raw)
        except requests.Timeout:
            raise RetryableChainError("the history did not answer in time") from None
        except (requests.RequestException, OSError, ValueError):
            raise RetryableChainError("the history cannot be reached") from None

    def _wait(self) -> None:
        """Keep to the pace that is allowed without a plan."""
        now = time.monotonic()
        if now < self._next:
            time.sleep(self._next - now)
        self._next = max(now, self._next) + self._pace


def _raise_for(said: str) -> None:
    """Raise what an error text means; return where it asks us to slow down. Its words stay out of
    the message: they may repeat the key."""
    if any(words in said for words in _FOR_TODAY):
        raise RetryableChainError("the history gives no more answers today")
    if any(words in said for words in _SLOWER):
        return
    if any(words in said for words in _TOO_MANY):
        raise TooManyError
    if any(words in said for words in _UNKNOWN):
        raise Unsupported("the history does not offer this, or not for this chain")
    if "api key" in said or "apikey" in said:
        raise Unsupported("the history does not accept the key")
    raise BadAnswer("the history refused to answer")
