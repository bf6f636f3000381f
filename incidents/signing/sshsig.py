"""SSHSIG: what ``ssh-keygen -Y sign`` writes and ``ssh-keygen -Y verify`` reads.

After OpenSSH's PROTOCOL.sshsig. The namespace is part of what is signed: a signature for one
purpose is none for another.
"""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from incidents.signing import ssh_keys
from incidents.signing.errors import BadKey, BadSignature
from incidents.signing.ssh_keys import ED25519, SshKey
from incidents.signing.wire import Reader, armoured, bare, string

NAMESPACE = "holdfast-freeze-request@v1"  # what packets are signed for
MAGIC = b"SSHSIG"
VERSION = 1
ARMOUR = "SSH SIGNATURE"
LONGEST = 10_000
_HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}


def sign(key: Ed25519PrivateKey, namespace: str, message: bytes) -> str:
    """An armoured signature."""
    public = ssh_keys.of_ed25519(key.public_key())
    raw = key.sign(_signed(namespace, b"sha512", message))
    body = b"".join(
        [
            MAGIC,
            VERSION.to_bytes(4, "big"),
            string(public.blob),
            string(namespace.encode()),
            string(b""),
            string(b"sha512"),
            string(string(ED25519.encode()) + string(raw)),
        ]
    )
    return armoured(body, ARMOUR)


def verify(text: str, namespace: str, message: bytes) -> SshKey:
    """The key that signed ``message`` for ``namespace``. Whose it is, the caller knows.

    :raises BadSignature: none did.
    """
    if len(text) > LONGEST:
        raise BadSignature("Longer than any signature.")
    fields = Reader(bare(text, ARMOUR))
    if fields.take(len(MAGIC)) != MAGIC or fields.number() != VERSION:
        raise BadSignature("Not a signature of ssh-keygen -Y sign.")
    try:
        key = ssh_keys.from_blob(fields.string())
    except BadKey as error:
        raise BadSignature("Its key is not of a kind that is taken here.") from error
    named, reserved, hashed = fields.string(), fields.string(), fields.string()
    signature = fields.string()
    fields.end()
    if named != namespace.encode():
        raise BadSignature(
            f"It is for the namespace {named.decode('utf-8', 'replace')[:60]!r}, not {namespace!r}."
        )
    if reserved or hashed not in _HASHES:
        raise BadSignature("Its hash is neither SHA-256 nor SHA-512.")
    key.verify(signature, _signed(namespace, hashed, message))
    return key


def _signed(namespace: str, hashed: bytes, message: bytes) -> bytes:
    digest = _HASHES[hashed](message).digest()
    return b"".join(
        [MAGIC, string(namespace.encode()), string(b""), string(hashed), string(digest)]
    )
