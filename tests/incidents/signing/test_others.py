"""DSSE, security keys, OpenPGP and passkeys: real keys, and what each refuses."""

import hashlib
import json

import pysequoia
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256

from incidents.signing import dsse, openpgp, ssh_keys, webauthn
from incidents.signing.errors import BadKey, BadSignature
from incidents.signing.wire import string
from tests.doors.authenticator import SoftPasskey

DIGEST = hashlib.sha256(b"manifest").hexdigest()
SITE, RP = "http://localhost:8000", "localhost"
KIND = "application/x+json"


class TestDsse:
    def test_gives_back_what_was_signed(self) -> None:
        key = ed25519.Ed25519PrivateKey.generate()
        text = dsse.envelope(key, "SHA256:x", KIND, b"body")
        assert dsse.opened(text, key.public_key(), KIND) == b"body"
        assert json.loads(text)["signatures"][0]["keyid"] == "SHA256:x"

    def test_example_of_its_specification(self) -> None:
        assert dsse.pae("http://example.com/HelloWorld", b"hello world") == (
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        )

    def test_another_body_kind_or_key_is_refused(self) -> None:
        key = ed25519.Ed25519PrivateKey.generate()
        text = dsse.envelope(key, "", KIND, b"body")
        other = ed25519.Ed25519PrivateKey.generate().public_key()
        changed = json.dumps({**json.loads(text), "payload": "Ym9keQ=="[:-4] + "QUE="})
        for said, public, kind in (
            (text, other, KIND),
            (text, key.public_key(), "application/y"),
            (changed, key.public_key(), KIND),
            ("{}", key.public_key(), KIND),
            ("no", key.public_key(), KIND),
        ):
            with pytest.raises(BadSignature):
                dsse.opened(said, public, kind)


class TestSecurityKeys:
    """What a security key signs (PROTOCOL.u2f), with its key in software."""

    def signed(self, kind: str, flags: int) -> tuple[ssh_keys.SshKey, bytes]:
        told = hashlib.sha256(b"ssh:").digest() + bytes([flags]) + bytes(4)
        told += hashlib.sha256(b"data").digest()
        if kind == ssh_keys.SK_ED25519:
            key = ed25519.Ed25519PrivateKey.generate()
            blob = string(kind.encode()) + string(key.public_key().public_bytes_raw())
            raw = key.sign(told)
        else:
            curve = ec.generate_private_key(ec.SECP256R1())
            numbers = curve.public_key().public_numbers()
            point = b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
            blob = string(kind.encode()) + string(b"nistp256") + string(point)
            pair = decode_dss_signature(curve.sign(told, ec.ECDSA(SHA256())))
            raw = b"".join(string(n.to_bytes(33, "big")) for n in pair)
        signature = string(kind.encode()) + string(raw) + bytes([flags]) + bytes(4)
        return ssh_keys.from_blob(blob + string(b"ssh:")), signature

    @pytest.mark.parametrize("kind", [ssh_keys.SK_ED25519, ssh_keys.SK_P256])
    def test_is_taken_when_it_was_touched(self, kind: str) -> None:
        key, signature = self.signed(kind, 1)
        key.verify(signature, b"data")
        with pytest.raises(BadSignature, match="did not sign"):
            key.verify(signature, b"other")
        key, signature = self.signed(kind, 0)
        with pytest.raises(BadSignature, match="touched"):
            key.verify(signature, b"data")


class TestOpenPgp:
    def signed(self, message: bytes) -> tuple[str, str]:
        key = pysequoia.Tsk.generate(user_ids=["Desk <desk@x.example>"])
        detached = pysequoia.SignatureMode.DETACHED
        signature = pysequoia.sign(key.signer(), message, mode=detached)
        return str(key.extract_certificate()), signature.decode()

    def test_is_taken_for_its_text_alone(self) -> None:
        certificate, signature = self.signed(b"manifest")
        fingerprint, public = openpgp.parse(certificate)
        assert len(fingerprint) == 40
        openpgp.verify(signature, b"manifest", public)
        other, _ = self.signed(b"manifest")
        for message, owner in ((b"other", public), (b"manifest", other)):
            with pytest.raises(BadSignature):
                openpgp.verify(signature, message, owner)

    def test_a_secret_key_is_refused(self) -> None:
        with pytest.raises(BadKey, match="SECRET"):
            openpgp.parse(str(pysequoia.Tsk.generate(user_ids=["x"])))
        with pytest.raises(BadKey, match="no OpenPGP"):
            openpgp.parse("hello")


class TestPasskeys:
    def kept(self, passkey: SoftPasskey, digest: str = DIGEST, site: str = SITE) -> str:
        options = {"publicKey": {"rpId": RP, "challenge": webauthn.challenge(digest)}}
        cose = ES256.from_cryptography_key(passkey.key.public_key())
        answer = passkey.get(options)
        assert webauthn.credential_of(answer) == passkey.credential_id
        return webauthn.from_browser(answer, DIGEST, cose, passkey.credential_id, {site}, RP)

    def test_is_kept_so_that_it_can_be_checked_later(self) -> None:
        body = self.kept(SoftPasskey(SITE))
        assert webauthn.verify(body, DIGEST)[0] == SITE
        with pytest.raises(BadSignature, match="not over this manifest"):
            webauthn.verify(body, hashlib.sha256(b"other").hexdigest())

    def test_another_digest_site_or_holder_is_refused(self) -> None:
        with pytest.raises(BadSignature, match="not over this"):
            self.kept(SoftPasskey(SITE), digest="ab" * 32)
        with pytest.raises(BadSignature, match="another site"):
            self.kept(SoftPasskey(SITE), site="https://other.example")
        with pytest.raises(BadSignature, match="who held it"):
            self.kept(SoftPasskey(SITE, verifies=False))

    def test_another_passkeys_signature_is_refused(self) -> None:
        ours, theirs = json.loads(self.kept(SoftPasskey(SITE))), self.kept(SoftPasskey(SITE))
        ours["signature"] = json.loads(theirs)["signature"]
        with pytest.raises(BadSignature, match="did not sign"):
            webauthn.verify(json.dumps(ours), DIGEST)
