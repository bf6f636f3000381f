"""The leaf format, from the first entry on (DESIGN.md section 5).

leaf = SHA-256(0x00 || salt || RFC 8785 of the entry); head = SHA-256(0x01 || head before || leaf).
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

NotCanonical = rfc8785.CanonicalizationError
SALT_BYTES = 32
EMPTY_HEAD = bytes(32)


def canonical(entry: Mapping[str, Any]) -> bytes:
    """RFC 8785 of the entry. Amounts inside are strings: JSON numbers would round them.

    :raises NotCanonical: a value that RFC 8785 cannot write, such as an integer above 2^53.
    """
    return rfc8785.dumps(dict(entry))


def leaf(salt: bytes, entry: Mapping[str, Any]) -> bytes:
    """The 32-byte leaf of one entry."""
    return hashlib.sha256(b"\x00" + salt + canonical(entry)).digest()


def chain(head: bytes, new_leaf: bytes) -> bytes:
    """The head after ``new_leaf``."""
    return hashlib.sha256(b"\x01" + head + new_leaf).digest()


def commitment(salt: bytes, value: str) -> str:
    """What a leaf holds of a personal value: hex of SHA-256(salt || UTF-8)."""
    return hashlib.sha256(salt + value.encode()).hexdigest()
