"""What a provider's refusal of eth_getLogs says about the range that it takes. Pure.

Shapes: ../shared/research/tracing.md 3.2 and the providers' public answers. Each provider words it
in its own way, so numbers are read by what they can mean: a range that is suggested, or a limit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracing.chains.evm_failures import CallFailed

_HEX_RANGE = re.compile(r"\[\s*0x([0-9a-f]+)\s*,\s*0x([0-9a-f]+)\s*\]", re.IGNORECASE)
_RANGE = re.compile(r"range:?\s+(\d+)\s*-\s*(\d+)", re.IGNORECASE)
_FROM_TO = re.compile(
    r"'?\"?from'?\"?\s*:\s*['\"]?0x([0-9a-f]+).*?'?\"?to'?\"?\s*:\s*['\"]?0x([0-9a-f]+)",
    re.IGNORECASE | re.DOTALL,
)
_RESULTS = re.compile(
    r"(?:more than|max(?:imum)? results?|exceeds? (?:max )?(?:results|limit of)|limit(?:ed)? to)"
    r"\s*([\d,._]+)",
    re.IGNORECASE,
)
_RESULT_WORDS = re.compile(
    r"results|logs matched|response size|response too large|timed? ?out|too large a? ?response"
    r"|greater than \d+ bytes",
    re.IGNORECASE,
)
_RANGE_WORDS = re.compile(r"range|blocks|distance|too wide|smaller than size", re.IGNORECASE)
_BEYOND = re.compile(
    r"beyond (?:the )?current head|greater than (?:the )?latest|after last accepted|"
    r"beyond latest|future block",
    re.IGNORECASE,
)
_INVALID = re.compile(r"invalid block range|blockhash and|invalid argument|invalid params?$", re.I)
_HEX = re.compile(r"0x[0-9a-f]+", re.IGNORECASE)
_NUMBER = re.compile(r"(\d+(?:[,._]\d{3})*)(\s?k\b)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Of a window of blocks. ``blocks``: how many it takes, where it says so. ``is_range``: it is
    the number of blocks, whatever is in them. ``results``: how many logs it gives at most.
    ``is_beyond``: the window ends above the node's head. ``is_invalid``: no window would do.
    """

    blocks: int | None = None
    is_range: bool = False
    results: int | None = None
    is_beyond: bool = False
    is_invalid: bool = False


def read(failed: CallFailed, first: int, last: int) -> Refusal:
    """What a refusal of the blocks ``first`` to ``last`` means."""
    said, count = failed.message, last - first + 1
    if _BEYOND.search(said):
        return Refusal(is_beyond=True)
    if _INVALID.search(said):
        return Refusal(is_invalid=True)
    results = None
    if found := _RESULTS.search(said):
        results = _number(found[1], "") if _RESULT_WORDS.search(said) else None
    suggested = _suggested(said, failed.details)
    if _RESULT_WORDS.search(said):
        return Refusal(suggested, results=results)
    if suggested is not None:
        return Refusal(suggested, is_range=_limit(said, first, last, count) == suggested)
    if _RANGE_WORDS.search(said):
        return Refusal(_limit(said, first, last, count), is_range=True)
    return Refusal()


def _suggested(said: str, details: str) -> int | None:
    """The length of a range that "should work"."""
    for pattern, text, base in (
        (_HEX_RANGE, said, 16),
        (_RANGE, said, 10),
        (_FROM_TO, details, 16),
    ):
        if found := pattern.search(text):
            first, last = int(found[1], base), int(found[2], base)
            if last >= first:
                return last - first + 1
    return None


def _limit(said: str, first: int, last: int, count: int) -> int | None:
    """The largest number that is less than what was asked for and is none of its ends."""
    asked = {first, last, count, count - 1}
    numbers = [_number(*found) for found in _NUMBER.findall(_HEX.sub(" ", said))]
    return max((n for n in numbers if 2 <= n < count and n not in asked), default=None)


def _number(digits: str, thousands: str) -> int:
    return int(re.sub(r"\D", "", digits) or 0) * (1000 if thousands else 1)
