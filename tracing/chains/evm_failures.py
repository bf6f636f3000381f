"""What a node means by an error. Nodes and providers agree on few codes, so words count too.

The words of a node are read here and go nowhere: they may repeat the endpoint's address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NoReturn

from tracing.chains.errors import (
    BadAnswer,
    ChainError,
    NotYet,
    RateLimited,
    RetryableChainError,
    Unsupported,
)

_UNSUPPORTED_CODES = frozenset({-32601, -32004})
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
_NOT_YET_WORDS = ("header not found", "hash not found", "unknown block", "block not found")
_RATE_WORDS = (
    "rate limit",
    "request limit",
    "requests limit",
    "too many requests",
    "request count exceeded",
    "compute units per second",
    "requests per second",
    "throughput",
)
_BUSY_WORDS = ("capacity", "busy", "try again", "no backend is currently healthy")
_BUSY_CODES = frozenset({429, -32005, -32001, -32016})
# Of a batch as a whole, by its length.
_BATCH = re.compile(r"batch|calls in 1|too many (?:calls|requests in)", re.IGNORECASE)
# That an answer, or the range that was asked for, is too large: `evm_windows` knows more.
_SIZE_WORDS = (
    "response size",
    "response too large",
    "too large",
    "results",
    "block range",
    "range",
    "exceeds limit",
)
_BACKOFF = re.compile(r'"?backoff_seconds"?\s*:\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)')
_REST = 1.0  # seconds, where nothing says how long


@dataclass(frozen=True, slots=True)
class CallFailed:
    """One entry of a batch that the node answered with an error.

    ``no_state``: the node no longer has the state of that block. ``passing``: it may work later.
    ``is_malformed``: it was no answer at all. ``rest``: seconds that the node wants to be left
    alone. ``details``: what stood beside the message, as text.
    """

    code: int
    message: str
    no_state: bool = False
    passing: bool = False
    is_malformed: bool = False
    rest: float | None = None
    details: str = ""

    @property
    def is_rate(self) -> bool:
        """Too many requests, not too large a one."""
        return self.rest is not None

    @property
    def is_of_the_batch(self) -> bool:
        """The batch was too long."""
        return bool(_BATCH.search(self.message))


def failure(error: Any) -> CallFailed:
    """The error object of a response. Raises BadAnswer for what is none."""
    if not isinstance(error, dict):
        raise BadAnswer("the endpoint's error is not an error object")
    code = error.get("code")
    code = code if isinstance(code, int) else 0
    message, details = _text(error.get("message")), _text(error.get("data"))[:1000]
    lowered = message.lower()
    is_size = any(words in lowered for words in _SIZE_WORDS)
    is_rate = any(words in lowered for words in _RATE_WORDS) or (
        code in (429, -32005) and not is_size
    )
    waits = _BACKOFF.search(details.replace("'", '"'))
    return CallFailed(
        code,
        "".join(c for c in message if c.isascii() and c.isprintable())[:400],
        no_state=any(words in lowered for words in _NO_STATE_WORDS),
        passing=code in _BUSY_CODES
        or any(words in lowered for words in (*_NOT_YET_WORDS, *_RATE_WORDS, *_BUSY_WORDS)),
        rest=(float(waits[1]) if waits else _REST) if is_rate else None,
        details="".join(c for c in details if c.isascii() and c.isprintable()),
    )


def _text(said: Any) -> str:
    """What stands in an error, as text; nothing where it is nested too deep to be written."""
    if isinstance(said, str):
        return said
    try:
        return "" if said is None else str(said)
    except RecursionError:
        return ""


def malformed(reason: str) -> CallFailed:
    """An entry that is neither a result nor an error."""
    return CallFailed(0, reason, is_malformed=True)


def raise_for(method: str, failed: CallFailed) -> NoReturn:
    """The node's words stay out of the message: they may repeat the endpoint's address."""
    if failed.is_malformed:
        raise BadAnswer(f"{method}: {failed.message}")
    said = f"{method}: the endpoint answered with error {failed.code}"
    lowered = failed.message.lower()
    kind: type[ChainError] = RetryableChainError
    if failed.code in _UNSUPPORTED_CODES or any(w in lowered for w in _UNSUPPORTED_WORDS):
        kind = Unsupported
    elif any(words in lowered for words in _NOT_YET_WORDS):
        kind = NotYet
    elif failed.rest is not None:
        raise RateLimited(said, failed.rest)
    raise kind(said)


def state_or_none(method: str, answer: Any) -> Any:
    """An answer about an account; None where the node no longer has that state, else it raises."""
    if isinstance(answer, CallFailed):
        if answer.no_state:
            return None
        raise_for(method, answer)
    return answer


def output_or_none(answer: Any) -> Any:
    """What a contract answered; None where it refused, whatever it did to refuse.

    Only errors that are the node's own are raised: a contract that wastes all gas must not be able
    to keep the watcher waiting.
    """
    if isinstance(answer, CallFailed):
        if answer.passing or answer.is_malformed:
            raise_for("eth_call", answer)
        return None
    return answer
