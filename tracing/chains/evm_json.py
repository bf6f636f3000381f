"""Reading JSON-RPC values strictly: what is not exactly as the protocol says raises BadAnswer."""

from __future__ import annotations

import re
from binascii import unhexlify
from collections.abc import Mapping
from typing import Any

import orjson

from tracing.chains.errors import BadAnswer

_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_HASH = re.compile(r"0x[0-9a-fA-F]{64}")


# Values of one answer. In memory each takes up to a hundred bytes, out of two or three: an answer
# of empty lists would take thirty times its size, and every other thread's time while it is read.
# A block with the traces of 200,000 calls has about three million.
MOST_VALUES = 5_000_000


def read_json(raw: bytes, whose: str) -> Any:
    """An answer's JSON. Raises BadAnswer where it is none, or has more values than anything here
    asks for."""
    is_long = len(raw) > MOST_VALUES
    if is_long and sum(raw.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
        raise BadAnswer(f"{whose} answer is too large")
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise BadAnswer(f"{whose} answer is not JSON") from None


def mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadAnswer(f"{what} is not an object")
    return value


def items(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadAnswer(f"{what} is not a list")
    return value


def objects(value: Any, what: str) -> list[Mapping[str, Any]]:
    return [mapping(item, what) for item in items(value, what)]


def quantity(value: Any, what: str) -> int:
    """A hexadecimal number below 2^256. Leading zeros are taken: some nodes write them."""
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise BadAnswer(f"{what} is not a quantity")
    return int(value, 16)


def optional_quantity(value: Any, what: str) -> int:
    """Zero where it is absent."""
    return 0 if value is None else quantity(value, what)


def address(value: Any, what: str) -> str:
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise BadAnswer(f"{what} is not an address")
    return value.lower()


def optional_address(value: Any, what: str) -> str | None:
    return None if value is None or value == "" else address(value, what)


def hash32(value: Any, what: str) -> str:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise BadAnswer(f"{what} is not a hash")
    return value.lower()


def data(value: Any, what: str) -> bytes:
    if isinstance(value, str) and value.startswith("0x"):
        try:
            return unhexlify(value[2:])  # of strings as long as this, far faster than a pattern
        except ValueError:
            pass
    raise BadAnswer(f"{what} is not data")
