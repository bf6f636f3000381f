"""Passkeys' assertions over a digest, kept so that anybody can check them later.

The challenge is the SHA-256 of the manifest itself: whoever holds the manifest works it out again
(W3C Web Authentication, level 3, section 7.2).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, TypedDict

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AuthenticatorData

from incidents.signing.errors import BadSignature

KIND = "webauthn.get"
LONGEST = 20_000
ES256, EDDSA, RS256 = -7, -8, -257  # COSE


class AssertionJSON(TypedDict):
    """What is kept. All but ``public_key`` (SubjectPublicKeyInfo, PEM) as the browser gave it, in
    base64 for addresses."""

    credential: str
    authenticatorData: str
    clientDataJSON: str
    signature: str
    public_key: str


def from_browser(
    text: str, digest: str, cose: Mapping[int, Any], credential: bytes, origins: set[str], rp: str
) -> str:
    """A browser's answer (JSON) over ``digest`` (hex), checked, in the form that is kept.

    :raises BadSignature: it is not this passkey's, not over this digest, of another site, or its
        owner was not verified.
    """
    if len(text) > LONGEST:
        raise BadSignature("Longer than any assertion.")
    try:
        response = json.loads(text)["response"]
        kept: AssertionJSON = {
            "credential": websafe_encode(credential),
            "authenticatorData": str(response["authenticatorData"]),
            "clientDataJSON": str(response["clientDataJSON"]),
            "signature": str(response["signature"]),
            "public_key": _pem(cose),
        }
    except (ValueError, KeyError, TypeError) as error:
        raise BadSignature("This is no answer of a passkey.") from error
    body = json.dumps(kept, indent=2)
    origin, of = verify(body, digest)
    if origin not in origins or of != hashlib.sha256(rp.encode()).hexdigest():
        raise BadSignature("It is of another site.")
    return body


def credential_of(text: str) -> bytes:
    """Which passkey answered. Raises BadSignature."""
    try:
        return websafe_decode(json.loads(text)["id"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadSignature("This is no answer of a passkey.") from error


def verify(body: str, digest: str) -> tuple[str, str]:
    """Check what was kept against a manifest's digest: the origin that it was made for, and the
    SHA-256 of the site's name. Offline; whose passkey it is, the room's record says.

    :raises BadSignature: it does not fit.
    """
    try:
        kept: AssertionJSON = json.loads(body)
        client_raw = websafe_decode(kept["clientDataJSON"])
        raw = websafe_decode(kept["authenticatorData"])
        signature = websafe_decode(kept["signature"])
        client, data = json.loads(client_raw), AuthenticatorData(raw)
        pem = kept["public_key"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadSignature("This is no assertion.") from error
    if client.get("type") != KIND or client.get("challenge") != challenge(digest):
        raise BadSignature("It is not over this manifest.")
    if not data.is_user_present() or not data.is_user_verified():
        raise BadSignature("The device did not check who held it.")
    try:
        _check(pem, signature, raw + hashlib.sha256(client_raw).digest())
    except (InvalidSignature, ValueError) as error:
        raise BadSignature("This passkey did not sign it.") from error
    return str(client.get("origin", "")), data.rp_id_hash.hex()


def challenge(digest: str) -> str:
    """What the browser is asked to sign for a manifest of this digest (hex)."""
    return websafe_encode(bytes.fromhex(digest))


def _pem(cose: Mapping[int, Any]) -> str:
    """:raises BadSignature: a passkey of an algorithm that is not taken here."""
    public: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey
    if cose[3] == ES256:
        x, y = (int.from_bytes(cose[n], "big") for n in (-2, -3))
        public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    elif cose[3] == EDDSA:
        public = ed25519.Ed25519PublicKey.from_public_bytes(cose[-2])
    elif cose[3] == RS256:
        n, e = (int.from_bytes(cose[n], "big") for n in (-1, -2))
        public = rsa.RSAPublicNumbers(e, n).public_key()
    else:
        raise BadSignature("This passkey signs in a way that is not taken here.")
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def _check(pem: str, signature: bytes, data: bytes) -> None:
    """:raises InvalidSignature: it does not fit."""
    public = serialization.load_pem_public_key(pem.encode())
    if isinstance(public, ec.EllipticCurvePublicKey):
        public.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    elif isinstance(public, ed25519.Ed25519PublicKey):
        public.verify(signature, data)
    elif isinstance(public, rsa.RSAPublicKey):
        public.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
    else:
        raise InvalidSignature
