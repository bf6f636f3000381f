"""A passkey in software: real keys and real WebAuthn messages, without a browser."""

import hashlib
import json
import os
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SoftPasskey:
    """One device with one resident key. ``verifies=False`` is a device without PIN or finger."""

    def __init__(self, origin: str, *, verifies: bool = True) -> None:
        self.origin = origin
        self.verifies = verifies
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = os.urandom(32)
        self.user_handle = ""

    def create(self, options: dict[str, Any]) -> str:
        """The answer to creation options, as the browser's toJSON() writes it."""
        public = options["publicKey"]
        self.user_handle = public["user"]["id"]
        attested = AttestedCredentialData.create(
            bytes(16), self.credential_id, ES256.from_cryptography_key(self.key.public_key())
        )
        data = self._data(public["rp"]["id"], ATTESTED, attested)
        statement = AttestationObject.create("none", data, {})
        response = {
            "attestationObject": websafe_encode(bytes(statement)),
            "transports": ["internal"],
        }
        extensions = {"credProps": {"rk": True}}
        return self._answer("webauthn.create", public["challenge"], response, extensions)

    def get(self, options: dict[str, Any]) -> str:
        """The answer to request options."""
        public = options["publicKey"]
        data = self._data(public["rpId"], 0, None)
        client = self._client("webauthn.get", public["challenge"])
        signed = bytes(data) + hashlib.sha256(client).digest()
        response = {
            "authenticatorData": websafe_encode(bytes(data)),
            "signature": websafe_encode(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": self.user_handle,
        }
        return self._answer("webauthn.get", public["challenge"], response, {})

    def _data(
        self, rp: str, flags: int, attested: AttestedCredentialData | None
    ) -> AuthenticatorData:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        digest = hashlib.sha256(rp.encode()).digest()
        return AuthenticatorData.create(digest, flags, 0, attested or b"")

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(
        self, kind: str, challenge: str, response: dict[str, Any], extensions: dict[str, Any]
    ) -> str:
        client = websafe_encode(self._client(kind, challenge))
        return json.dumps(
            {
                "id": websafe_encode(self.credential_id),
                "rawId": websafe_encode(self.credential_id),
                "type": "public-key",
                "authenticatorAttachment": "platform",
                "clientExtensionResults": extensions,
                "response": {"clientDataJSON": client, **response},
            }
        )
