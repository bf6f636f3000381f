"""Public keys of OpenSSH: Ed25519 and ECDSA, also those that live in a security key (sk-).

RFC 4253 6.6, RFC 5656 3.1, RFC 8709 and OpenSSH's PROTOCOL.u2f. No RSA: its signatures here would
have to be told apart by their hash, and nobody needs it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from incidents.signing.errors import BadKey, BadSignature
from incidents.signing.wire import Reader, string

ED25519 = "ssh-ed25519"
SK_ED25519 = "sk-ssh-ed25519@openssh.com"
SK_P256 = "sk-ecdsa-sha2-nistp256@openssh.com"
_CURVES: dict[str, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
    "nistp256": (ec.SECP256R1(), hashes.SHA256()),
    "nistp384": (ec.SECP384R1(), hashes.SHA384()),
    "nistp521": (ec.SECP521R1(), hashes.SHA512()),
}
KINDS = (ED25519, SK_ED25519, SK_P256, *(f"ecdsa-sha2-{name}" for name in _CURVES))
PRESENT = 0x01  # somebody touched the security key
LONGEST = 2000


@dataclass(frozen=True)
class SshKey:
    """One public key. ``blob``: as the wire carries it."""

    kind: str
    blob: bytes

    @property
    def line(self) -> str:
        """As a file holds it, without comment."""
        return f"{self.kind} {base64.b64encode(self.blob).decode()}"

    @property
    def fingerprint(self) -> str:
        """As ``ssh-keygen -l`` shows it."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode()
        return f"SHA256:{digest.rstrip('=')}"

    def verify(self, signature: bytes, data: bytes) -> None:
        """:raises BadSignature: this key did not sign ``data``."""
        fields = Reader(signature)
        if fields.string().decode("ascii", "replace") != self.kind:
            raise BadSignature("It is of another kind of key.")
        raw = fields.string()
        if self.kind.startswith("sk-"):
            flags, counter = fields.take(1), fields.take(4)
            if not flags[0] & PRESENT:
                raise BadSignature("Nobody touched the security key.")
            told = hashlib.sha256(self._application()).digest() + flags + counter
            data = told + hashlib.sha256(data).digest()
        fields.end()
        try:
            self._check(raw, data)
        except InvalidSignature as error:
            raise BadSignature("This key did not sign this text.") from error

    def _check(self, raw: bytes, data: bytes) -> None:
        fields = Reader(self.blob)
        fields.string()
        if self.kind in (ED25519, SK_ED25519):
            ed25519.Ed25519PublicKey.from_public_bytes(fields.string()).verify(raw, data)
            return
        curve, hashed = _CURVES[fields.string().decode("ascii", "replace")]
        public = ec.EllipticCurvePublicKey.from_encoded_point(curve, fields.string())
        pair = Reader(raw)
        encoded = encode_dss_signature(pair.mpint(), pair.mpint())
        pair.end()
        public.verify(encoded, data, ec.ECDSA(hashed))

    def _application(self) -> bytes:
        fields = Reader(self.blob)
        for _ in range(2 if self.kind == SK_ED25519 else 3):
            fields.string()
        return fields.string()


def parse(text: str) -> SshKey:
    """A line of a ``.pub`` file.

    :raises BadKey: not one, of another kind, or broken.
    """
    parts = text.strip().split(None, 2)
    if len(parts) < 2 or len(text) > LONGEST or "\n" in text.strip():
        raise BadKey("Paste the one line of a .pub file, like: ssh-ed25519 AAAA...")
    kind, encoded = parts[0], parts[1]
    if kind not in KINDS:
        raise BadKey(f"Taken here are: {', '.join(KINDS)}.")
    try:
        return from_blob(base64.b64decode(encoded, validate=True), kind)
    except (binascii.Error, ValueError) as error:
        raise BadKey("This key is broken.") from error


def from_blob(blob: bytes, kind: str = "") -> SshKey:
    """A key from the wire, checked whole. ``kind``: what it has to be.

    :raises BadKey: broken, or of another kind.
    """
    try:
        fields = Reader(blob)
        name = fields.string().decode("ascii", "replace")
        if name not in KINDS or (kind and name != kind):
            raise BadKey("A key of another kind.")
        if name in (ED25519, SK_ED25519):
            ed25519.Ed25519PublicKey.from_public_bytes(fields.string())
        else:
            curve = fields.string().decode("ascii", "replace")
            if not name.startswith(f"{'sk-' if name == SK_P256 else ''}ecdsa-sha2-{curve}"):
                raise BadKey("Its curve is not that of its kind.")
            ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[curve][0], fields.string())
        if name.startswith("sk-"):
            fields.string()  # the application that it is for
        fields.end()
    except (BadSignature, KeyError, ValueError) as error:
        raise BadKey("This key is broken.") from error
    return SshKey(name, blob)


def of_ed25519(public: ed25519.Ed25519PublicKey) -> SshKey:
    """The same of a key in memory."""
    return SshKey(ED25519, string(ED25519.encode()) + string(public.public_bytes_raw()))
