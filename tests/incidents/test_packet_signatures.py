"""Who signed a packet: the server, passkeys, people's keys, a wallet. And the public directory."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pysequoia
import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from django.utils import timezone
from eth_account import Account
from fido2.utils import websafe_encode

from incidents.access import Actor, Proof
from incidents.choices import SignatureKind
from incidents.exceptions import (
    BadInput,
    NotFound,
    SecondPersonRequired,
    StepUpRequired,
    TextChanged,
)
from incidents.models import (
    ControlProof,
    FreezeRequest,
    FreezeTarget,
    Membership,
    Packet,
    SigningKey,
)
from incidents.services import freezes, packets, server_key, signatures, signing_keys
from incidents.signing import dsse, ssh_keys, sshsig, webauthn
from tests import factories
from tests.cast import Cast, organization, person
from tests.doors.authenticator import SoftPasskey
from tracing.chains import evm_typed

pytestmark = pytest.mark.django_db
SITE = "http://localhost:8000"


@pytest.fixture
def issued(cast: Cast) -> Packet:
    """A packet that desks got."""
    factories.sent_request(cast.incident, cast.lead, cast.rival, organization(cast.exchange))
    return Packet.objects.select_related("request__incident", "request__owner").get()


def confirmed(actor: Actor, by: Actor, kind: str, public: str) -> SigningKey:
    """A key of ``actor``'s that somebody else confirmed."""
    made = signing_keys.register(
        organization(actor), kind, public, by=person(actor), proof=Proof.FRESH
    )
    return signing_keys.confirm(made, by=person(by), proof=Proof.FRESH)


class TestServer:
    def test_signs_what_it_issues_and_openssh_takes_it(
        self, issued: Packet, client: Client, tmp_path: Path
    ) -> None:
        signature = signatures.servers(issued)
        assert signature is not None
        (tmp_path / "sig").write_text(signature.body)
        listed = client.get("/.well-known/holdfast/allowed_signers")
        (tmp_path / "allowed_signers").write_bytes(listed.content)

        def accepts(manifest: bytes, namespace: str) -> bool:
            command = ["ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-s", "sig"]
            done = subprocess.run(
                [*command, "-I", server_key.PRINCIPAL, "-n", namespace],
                cwd=tmp_path,
                input=manifest,
                capture_output=True,
                check=False,
            )
            return done.returncode == 0

        body = bytes(issued.manifest)
        assert accepts(body, sshsig.NAMESPACE)
        assert not accepts(body.replace(b"1000", b"1001", 1), sshsig.NAMESPACE)
        assert not accepts(body, "git")

    def test_its_envelope_holds_the_manifest(self, issued: Packet) -> None:
        row = issued.signatures.get(kind=SignatureKind.DSSE)
        public = server_key.private().public_key()
        assert dsse.opened(row.body, public, signatures.PAYLOAD) == bytes(issued.manifest)

    def test_a_drafted_correction_is_signed_at_once(self, issued: Packet) -> None:
        FreezeTarget.objects.update(requested=900)
        correction = packets.draft(issued.request, reason="a block was orphaned")
        signature = signatures.servers(correction)
        assert signature is not None
        key = sshsig.verify(signature.body, sshsig.NAMESPACE, bytes(correction.manifest))
        assert key == server_key.public()


class TestSsh:
    def test_a_persons_key_counts_once_confirmed_until_it_ends(
        self, cast: Cast, issued: Packet
    ) -> None:
        key = Ed25519PrivateKey.generate()
        text = sshsig.sign(key, sshsig.NAMESPACE, bytes(issued.manifest))
        line = ssh_keys.of_ed25519(key.public_key()).line
        with pytest.raises(BadInput, match="not a confirmed key of yours"):
            signatures.add(issued, "sshsig", text, actor=cast.lead)
        row = confirmed(cast.lead, cast.colleague, "sshsig", line)
        made = signatures.add(issued, "sshsig", text, actor=cast.lead)
        assert (made.key, made.organization) == (row.fingerprint, organization(cast.lead))
        assert signatures.add(issued, "sshsig", text, actor=cast.lead) == made
        with pytest.raises(BadInput, match="not a confirmed key of yours"):
            signatures.add(issued, "sshsig", text, actor=cast.colleague)
        signing_keys.end(row, by=person(cast.lead), proof=Proof.FRESH)
        with pytest.raises(BadInput, match="not a confirmed key of yours"):
            signatures.add(issued, "sshsig", text, actor=cast.lead)

    def test_over_something_else_it_is_refused(self, cast: Cast, issued: Packet) -> None:
        key = Ed25519PrivateKey.generate()
        line = ssh_keys.of_ed25519(key.public_key()).line
        confirmed(cast.lead, cast.colleague, "sshsig", line)
        for text in (
            sshsig.sign(key, sshsig.NAMESPACE, bytes(issued.manifest) + b" "),
            sshsig.sign(key, "file", bytes(issued.manifest)),
            "no signature",
        ):
            with pytest.raises(BadInput) as refused:
                signatures.add(issued, "sshsig", text, actor=cast.lead)
            assert refused.value.field == "signature"


def test_openpgp_of_a_confirmed_certificate(cast: Cast, issued: Packet) -> None:
    secret = pysequoia.Tsk.generate(user_ids=["Lead"])
    mode = pysequoia.SignatureMode.DETACHED
    text = pysequoia.sign(secret.signer(), bytes(issued.manifest), mode=mode).decode()
    with pytest.raises(BadInput, match="None of your confirmed"):
        signatures.add(issued, "openpgp", text, actor=cast.lead)
    row = confirmed(cast.lead, cast.colleague, "openpgp", str(secret.extract_certificate()))
    assert signatures.add(issued, "openpgp", text, actor=cast.lead).key == row.fingerprint


def test_wallet_signs_typed_data_once_its_control_was_proved(cast: Cast, issued: Packet) -> None:
    wallet = Account.from_key("0x" + "a1" * 32)
    account = f"eip155:1:{wallet.address}"
    data = evm_typed.typed(issued.request.reference, issued.digest)
    text = wallet.sign_typed_data(full_message=data).signature.hex()
    with pytest.raises(BadInput, match="Prove first"):
        signatures.add(issued, "eip712", text, actor=cast.lead, account=account)
    ControlProof.objects.create(
        participation=cast.lead.participation,
        person=cast.lead.person,
        chain="eip155:1",
        address=wallet.address.lower(),
        nonce="n",
        expires_at=timezone.now(),
        proved_at=timezone.now(),
        message="",
    )
    made = signatures.add(issued, "eip712", text, actor=cast.lead, account=account)
    assert made.key == f"eip155:1:{wallet.address.lower()}"
    other = evm_typed.typed(issued.request.reference, "00" * 32)
    wrong = wallet.sign_typed_data(full_message=other).signature.hex()
    with pytest.raises(BadInput):
        signatures.add(issued, "eip712", wrong, actor=cast.rival, account=account)


class TestPasskeys:
    def passkey(self, actor: Actor) -> SoftPasskey:
        """A passkey of somebody's, as allauth keeps it."""
        made = SoftPasskey(SITE)
        options = {
            "publicKey": {
                "user": {"id": websafe_encode(b"u")},
                "rp": {"id": "localhost"},
                "challenge": "",
            }
        }
        Authenticator.objects.create(
            user=person(actor),
            type=Authenticator.Type.WEBAUTHN,
            data={
                "name": "Key",
                "credential": json.loads(made.create(options)),
                "passwordless": True,
            },
        )
        return made

    def answer(self, passkey: SoftPasskey, packet: Packet) -> str:
        return passkey.get(signatures.request_options(packet))

    def test_approver_signs_the_manifests_digest(self, cast: Cast, settings: Any) -> None:
        settings.SITE_URL = SITE
        row = FreezeRequest.objects.get(pk=factories.target(cast.incident, cast.lead).request_id)
        packet = packets.draft(row)
        text = self.answer(self.passkey(cast.lead), packet)
        freezes.approve(row, actor=cast.lead, digest=packet.digest, assertion=text)
        (made,) = signatures.of(packet)
        assert (made.kind, made.person) == (SignatureKind.WEBAUTHN, cast.lead.person)
        assert webauthn.verify(made.body, packet.digest)[0] == SITE

    def test_another_digest_or_somebody_elses_passkey_is_refused(
        self, cast: Cast, settings: Any
    ) -> None:
        settings.SITE_URL = SITE
        row = FreezeRequest.objects.get(pk=factories.target(cast.incident, cast.lead).request_id)
        packet = packets.draft(row)
        text = self.answer(self.passkey(cast.rival), packet)
        with pytest.raises(BadInput, match="not one of your passkeys"):
            freezes.approve(row, actor=cast.lead, digest=packet.digest, assertion=text)
        with pytest.raises(TextChanged):
            freezes.approve(row, actor=cast.lead, digest="00" * 32)
        FreezeTarget.objects.update(requested=900)
        with pytest.raises(BadInput, match="not over this manifest"):
            freezes.approve(row, actor=cast.rival, assertion=text)
        row.refresh_from_db()
        assert row.state == "draft"


class TestKeys:
    LINE = ssh_keys.of_ed25519(Ed25519PrivateKey.generate().public_key()).line

    def test_somebody_else_confirms_it_and_fresh(self, cast: Cast) -> None:
        row = signing_keys.register(
            organization(cast.lead), "sshsig", self.LINE, by=person(cast.lead), proof=Proof.FRESH
        )
        with pytest.raises(SecondPersonRequired):
            signing_keys.confirm(row, by=person(cast.lead), proof=Proof.FRESH)
        with pytest.raises(StepUpRequired):
            signing_keys.confirm(row, by=person(cast.colleague), proof=Proof.SESSION)
        with pytest.raises(NotFound):
            signing_keys.confirm(row, by=person(cast.rival), proof=Proof.FRESH)
        assert self.LINE not in signing_keys.allowed_signers(signing_keys.directory())
        signing_keys.confirm(row, by=person(cast.colleague), proof=Proof.FRESH)
        assert self.LINE in signing_keys.allowed_signers(signing_keys.directory())

    def test_directory_names_no_person_and_says_until_when(
        self, cast: Cast, client: Client
    ) -> None:
        row = confirmed(cast.lead, cast.colleague, "sshsig", self.LINE)
        told = client.get("/.well-known/holdfast/keys.json")
        assert told["Cache-Control"].startswith("public, max-age=")
        found = {key["principal"]: key for key in told.json()["keys"]}
        assert found[signing_keys.principal(row)]["organization"] == "Kelp"
        assert found[server_key.PRINCIPAL]["fingerprint"] == server_key.public().fingerprint
        assert str(person(cast.lead)) not in told.content.decode()
        assert person(cast.lead).email not in told.content.decode()
        Membership.objects.filter(person=cast.lead.person).update(ended_at=timezone.now())
        line = client.get("/.well-known/holdfast/allowed_signers").content.decode()
        assert 'valid-before="' in line.splitlines()[-1]

    def test_what_is_no_key_names_its_field(self, cast: Cast) -> None:
        for kind, text, field in (("sshsig", "no", "public"), ("eip712", self.LINE, "kind")):
            with pytest.raises(BadInput) as refused:
                signing_keys.register(
                    organization(cast.lead), kind, text, by=person(cast.lead), proof=Proof.FRESH
                )
            assert refused.value.field == field
