"""The fields of SSH's messages (RFC 4251, section 5), and the armour of OpenSSH."""

from __future__ import annotations

import base64
import binascii

from incidents.signing.errors import BadSignature


def string(value: bytes) -> bytes:
    """A length of four bytes, and the value."""
    return len(value).to_bytes(4, "big") + value


class Reader:
    """Reads fields in order. Raises BadSignature where the bytes end too early."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, size: int) -> bytes:
        found = self._data[self._at : self._at + size]
        if len(found) != size:
            raise BadSignature("It ends too early.")
        self._at += size
        return found

    def number(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        return self.take(self.number())

    def mpint(self) -> int:
        value = int.from_bytes(self.string(), "big", signed=True)
        if value < 0:
            raise BadSignature("A number is negative.")
        return value

    def end(self) -> None:
        if self._at != len(self._data):
            raise BadSignature("Something follows that does not belong to it.")


def armoured(data: bytes, name: str) -> str:
    """PEM as OpenSSH writes it: lines of 70 characters."""
    text = base64.b64encode(data).decode()
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    return "\n".join([f"-----BEGIN {name}-----", *lines, f"-----END {name}-----", ""])


def bare(text: str, name: str) -> bytes:
    """What armour holds. Raises BadSignature for anything else."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if len(lines) < 3 or lines[0] != f"-----BEGIN {name}-----":
        raise BadSignature(f"It does not begin with BEGIN {name}.")
    if lines[-1] != f"-----END {name}-----":
        raise BadSignature(f"It does not end with END {name}.")
    try:
        return base64.b64decode("".join(lines[1:-1]), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSignature("It is not base64.") from error
