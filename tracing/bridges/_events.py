"""Event declarations as Solidity writes them, and strict decoding of logs by them.

A log comes from whoever wrote the contract: lengths and offsets in it may be anything. eth_abi in
strict mode refuses what does not fit the data, bytes set where padding belongs, and text that is
not UTF-8; longer data than any real event is not read at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError, ParseError

from tracing.core.logs import Log

MAX_BYTES = 1 << 16  # of a log's data; real bridge events stay far below
MAX_AMOUNT = (1 << 128) - 1  # base units; no bridged asset has a supply near it

_DECLARATION = re.compile(r"event (\w+)\((.*)\)")
_HEX = re.compile(r"0x(?:[0-9a-f]{2})*")
_WORD = re.compile(r"0x[0-9a-f]{64}")


class BadLog(ValueError):
    """A log has the topic of an event that it does not hold: truncated, or made up."""


@dataclass(frozen=True, slots=True)
class Param:
    type: str  # canonical ABI type; a tuple is "(a,b)"
    name: str
    indexed: bool


@dataclass(frozen=True)
class Event:
    """One event: ``declaration`` is Solidity's, ``topic`` the published hash of its signature."""

    declaration: str
    topic: str
    source: str  # where the declaration was read
    confidence: str  # how: see the facts file

    @cached_property
    def name(self) -> str:
        return _parts(self.declaration)[0]

    @cached_property
    def params(self) -> tuple[Param, ...]:
        return tuple(_param(text) for text in _split(_parts(self.declaration)[1]))

    @cached_property
    def signature(self) -> str:
        return f"{self.name}({','.join(param.type for param in self.params)})"

    def read(self, log: Log) -> Mapping[str, Any]:
        """Its values by name: int, bool, bytes, str, tuple; addresses are hex in lower case.

        :raises BadLog: the log does not hold this event.
        """
        indexed = [param for param in self.params if param.indexed]
        if len(log.topics) != 1 + len(indexed) or log.topics[0] != self.topic:
            raise BadLog(f"{self.name}: {len(log.topics)} topics do not fit its declaration")
        found = {
            param.name: _topic(param.type, word)
            for param, word in zip(indexed, log.topics[1:], strict=True)
        }
        plain = [param for param in self.params if not param.indexed]
        values = unpack([param.type for param in plain], hex_bytes(log.data), what=self.name)
        found.update(zip((param.name for param in plain), values, strict=True))
        return found


def hex_bytes(text: str) -> bytes:
    """0x hex as bytes. Raises BadLog for what is no hex or longer than any real event."""
    if len(text) > 2 + 2 * MAX_BYTES:
        raise BadLog(f"its data has more than {MAX_BYTES} bytes")
    if not _HEX.fullmatch(text):
        raise BadLog("its data is not hex")
    return bytes.fromhex(text[2:])


def unpack(types: list[str], data: bytes, *, what: str) -> tuple[Any, ...]:
    """ABI-decode strictly. Raises BadLog."""
    if len(data) > MAX_BYTES:
        raise BadLog(f"{what}: more than {MAX_BYTES} bytes")
    try:
        return decode(types, data, strict=True)
    except (DecodingError, ParseError, ValueError, OverflowError, RecursionError) as error:
        raise BadLog(f"{what}: its data is not what its topic says") from error


def amount(value: int) -> int:
    """An amount in base units. Raises BadLog for one that no asset can have."""
    if not 0 <= value <= MAX_AMOUNT:
        raise BadLog("an amount that no asset can have")
    return value


def low_address(word: bytes) -> str:
    """The EVM address in the low 20 of 32 bytes. Raises BadLog when more is set above it."""
    if len(word) != 32 or any(word[:12]):
        raise BadLog("a word that is not an EVM address")
    return "0x" + word[12:].hex()


def _topic(kind: str, word: str) -> Any:
    if not _WORD.fullmatch(word):
        raise BadLog("a topic that is not 32 bytes of hex")
    if kind in ("bytes", "string") or kind.endswith(("]", ")")):
        return bytes.fromhex(word[2:])  # only its hash is in the log
    return unpack([kind], bytes.fromhex(word[2:]), what="topic")[0]


def _parts(declaration: str) -> tuple[str, str]:
    match = _DECLARATION.fullmatch(declaration)
    if match is None:
        raise ValueError(f"not a declaration of an event: {declaration}")
    return match.group(1), match.group(2)


def _split(text: str) -> list[str]:
    """At the commas outside of parentheses."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def _param(text: str) -> Param:
    if text.startswith("("):
        inner, _, rest = text[1:].rpartition(")")
        kind = f"({','.join(_param(part).type for part in _split(inner))})"
        words = rest.split()
    else:
        kind, *words = text.split()
    return Param(kind, words[-1] if words else "", "indexed" in words[:-1])
