"""Detached OpenPGP signatures (RFC 9580), by Sequoia."""

from __future__ import annotations

import pysequoia

from incidents.signing.errors import BadKey, BadSignature

LONGEST_KEY = 60_000
LONGEST_SIGNATURE = 20_000


def parse(text: str) -> tuple[str, str]:
    """A certificate's fingerprint, and the certificate in armour without anything secret.

    :raises BadKey: not a certificate, a secret one, or a revoked one.
    """
    if len(text) > LONGEST_KEY:
        raise BadKey("Longer than any key.")
    try:
        found = pysequoia.Cert.from_bytes(text.encode())
    except Exception as error:
        raise BadKey("This is no OpenPGP certificate.") from error
    if "PRIVATE KEY BLOCK" in text:
        raise BadKey("This is a SECRET key. Keep it, and give the public one.")
    if found.is_revoked:
        raise BadKey("This certificate is revoked.")
    return found.fingerprint.upper(), str(found)


def verify(signature: str, message: bytes, certificate: str) -> None:
    """:raises BadSignature: the certificate's owner did not sign ``message``."""
    if len(signature) > LONGEST_SIGNATURE:
        raise BadSignature("Longer than any signature.")
    try:
        owner = pysequoia.Cert.from_bytes(certificate.encode())
        parsed = pysequoia.Sig.from_bytes(signature.encode())
        done = pysequoia.verify(bytes=message, store=lambda ids: [owner], signature=parsed)
    except Exception as error:
        raise BadSignature("This certificate did not sign this text.") from error
    if not done.valid_sigs:
        raise BadSignature("This certificate did not sign this text.")
