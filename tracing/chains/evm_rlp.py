"""Recursive Length Prefix, the bytes that Ethereum hashes (Yellow Paper, appendix B).

Own code since it is on the hot path: some eight times as fast as the `rlp` library, which is the
oracle of its tests.
"""

from __future__ import annotations

from collections.abc import Iterable

EMPTY = b"\x80"  # the empty string, and the number zero
EMPTY_LIST = b"\xc0"


def string(value: bytes) -> bytes:
    size = len(value)
    if size == 1 and value[0] < 0x80:
        return value
    if size < 56:
        return bytes((0x80 + size,)) + value
    return _long(0xB7, size) + value


def integer(value: int) -> bytes:
    """A number that is not negative, without leading zeros."""
    if value < 0x80:
        return bytes((value,)) if value else EMPTY
    return string(value.to_bytes((value.bit_length() + 7) // 8))


def sequence(encoded: Iterable[bytes]) -> bytes:
    """A list of what is encoded already."""
    body = b"".join(encoded)
    size = len(body)
    return (bytes((0xC0 + size,)) if size < 56 else _long(0xF7, size)) + body


def _long(offset: int, size: int) -> bytes:
    if size < 256:
        return bytes((offset + 1, size))
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((offset + len(length),)) + length
