"""Encrypting to a desk's OpenPGP key (RFC 9580, through Sequoia)."""

from __future__ import annotations

from pysequoia import Cert
from pysequoia import encrypt as to_recipients


def encrypt(text: str, key: str) -> str:
    """``text`` as an armoured message to the holder of ``key`` (armoured); "" where the key cannot
    be used: no key, expired, revoked, or without a part to encrypt to."""
    try:
        cert = Cert.from_bytes(key.encode())
        if cert.is_revoked:
            return ""
        message: bytes = to_recipients(text.encode(), recipients=[cert])
    except (RuntimeError, OSError, ValueError):  # Sequoia's errors have no class of their own
        return ""
    return message.decode()
