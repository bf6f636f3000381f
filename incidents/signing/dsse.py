"""DSSE envelopes (github.com/secure-systems-lab/dsse, v1.0.2): the payload with its signature.

Whoever verifies one uses the bytes that came out of it, never bytes from beside it.
"""

from __future__ import annotations

import base64
import binascii
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from incidents.signing.errors import BadSignature


def pae(kind: str, body: bytes) -> bytes:
    """What is signed: kind and payload, each with its length."""
    name = kind.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(body), body)


def envelope(key: Ed25519PrivateKey, key_id: str, kind: str, body: bytes) -> str:
    """A signed envelope as JSON."""
    signature = key.sign(pae(kind, body))
    return json.dumps(
        {
            "payloadType": kind,
            "payload": base64.b64encode(body).decode(),
            "signatures": [{"keyid": key_id, "sig": base64.b64encode(signature).decode()}],
        },
        indent=2,
    )


def opened(text: str, key: Ed25519PublicKey, kind: str) -> bytes:
    """The payload, if ``key`` signed it as ``kind``.

    :raises BadSignature: it did not.
    """
    try:
        read = json.loads(text)
        body = base64.b64decode(read["payload"], validate=True)
        signatures = [base64.b64decode(s["sig"], validate=True) for s in read["signatures"]]
        named = read["payloadType"]
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise BadSignature("Not a DSSE envelope.") from error
    if named != kind:
        raise BadSignature("It is of another kind.")
    for signature in signatures:
        try:
            key.verify(signature, pae(kind, body))
        except InvalidSignature:
            continue
        return body
    raise BadSignature("This key did not sign it.")
