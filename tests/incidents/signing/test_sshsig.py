"""SSH signatures: ours by OpenSSH's own program, and OpenSSH's by ours."""

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from incidents.signing import ssh_keys, sshsig
from incidents.signing.errors import BadKey, BadSignature

NAMESPACE = "holdfast-freeze-request@v1"
MESSAGE = b'{"reference":"HF-1A2B3C4D"}'


def test_the_program_is_there() -> None:
    assert shutil.which("ssh-keygen"), "install openssh-client: what desks verify with is tested"


def accepts(folder: Path, key: str, signature: str, message: bytes, namespace: str) -> bool:
    """What ssh-keygen says."""
    (folder / "allowed_signers").write_text(f'kelp namespaces="{NAMESPACE}" {key}\n')
    (folder / "m.sig").write_text(signature)
    command = ["ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", "kelp"]
    done = subprocess.run(
        [*command, "-n", namespace, "-s", "m.sig"], cwd=folder, input=message, capture_output=True,
        check=False,
    )  # fmt: skip
    return done.returncode == 0


def made_by_openssh(folder: Path, kind: str, namespace: str = NAMESPACE) -> tuple[str, str]:
    """A public key of ssh-keygen and its signature over MESSAGE."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(folder / "key")], check=True
    )
    (folder / "m").write_bytes(MESSAGE)
    subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-f", "key", "-n", namespace, "m"], cwd=folder,
        check=True, capture_output=True,
    )  # fmt: skip
    return (folder / "key.pub").read_text(), (folder / "m.sig").read_text()


class TestOurs:
    def test_openssh_takes_it_and_no_changed_byte_and_no_other_namespace(
        self, tmp_path: Path
    ) -> None:
        key = Ed25519PrivateKey.generate()
        line = ssh_keys.of_ed25519(key.public_key()).line
        signature = sshsig.sign(key, NAMESPACE, MESSAGE)
        assert accepts(tmp_path, line, signature, MESSAGE, NAMESPACE)
        assert not accepts(tmp_path, line, signature, MESSAGE, "file")
        for place in range(len(MESSAGE)):
            changed = bytearray(MESSAGE)
            changed[place] ^= 1
            assert not accepts(tmp_path, line, signature, bytes(changed), NAMESPACE), place
        assert not accepts(tmp_path, line, signature, MESSAGE + b"\n", NAMESPACE)

    def test_line_and_fingerprint_are_those_of_openssh(self, tmp_path: Path) -> None:
        key = Ed25519PrivateKey.generate()
        told = ssh_keys.of_ed25519(key.public_key())
        public = key.public_key().public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
        assert told.line == public.decode()
        (tmp_path / "k.pub").write_text(told.line)
        listed = subprocess.run(
            ["ssh-keygen", "-l", "-f", "k.pub"], cwd=tmp_path, capture_output=True, check=True
        )
        assert told.fingerprint in listed.stdout.decode()


class TestTheirs:
    @pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
    def test_is_taken_for_its_text_and_purpose_alone(self, tmp_path: Path, kind: str) -> None:
        line, signature = made_by_openssh(tmp_path, kind)
        assert sshsig.verify(signature, NAMESPACE, MESSAGE) == ssh_keys.parse(line)
        with pytest.raises(BadSignature, match="did not sign"):
            sshsig.verify(signature, NAMESPACE, MESSAGE + b" ")
        with pytest.raises(BadSignature, match="namespace"):
            sshsig.verify(signature, "file", MESSAGE)

    def test_of_another_namespace_is_refused(self, tmp_path: Path) -> None:
        _, signature = made_by_openssh(tmp_path, "ed25519", "file")
        with pytest.raises(BadSignature, match="'file'"):
            sshsig.verify(signature, NAMESPACE, MESSAGE)

    def test_every_changed_byte_of_it_is_refused(self) -> None:
        key = Ed25519PrivateKey.generate()
        good = sshsig.bare(sshsig.sign(key, NAMESPACE, MESSAGE), sshsig.ARMOUR)
        ours = ssh_keys.of_ed25519(key.public_key())
        for place in range(len(good)):
            changed = bytearray(good)
            changed[place] ^= 0x41
            armour = sshsig.armoured(bytes(changed), sshsig.ARMOUR)
            try:
                assert sshsig.verify(armour, NAMESPACE, MESSAGE) != ours, place
            except BadSignature:
                continue

    def test_rsa_is_not_taken(self, tmp_path: Path) -> None:
        line, signature = made_by_openssh(tmp_path, "rsa")
        with pytest.raises(BadKey, match="Taken here"):
            ssh_keys.parse(line)
        with pytest.raises(BadSignature, match="kind"):
            sshsig.verify(signature, NAMESPACE, MESSAGE)


@pytest.mark.parametrize(
    "text",
    ["", "ssh-ed25519", "ssh-ed25519 !!!!", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==",
     "ecdsa-sha2-nistp256 AAAAC3NzaC1lZDI1NTE5AAAAIA==", "a b\nc d", "x" * 3000],
)  # fmt: skip
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(BadKey):
        ssh_keys.parse(text)


@pytest.mark.parametrize("text", ["", "-----BEGIN SSH SIGNATURE-----", "x" * 20_000])
def test_what_is_no_signature_is_refused(text: str) -> None:
    with pytest.raises(BadSignature):
        sshsig.verify(text, NAMESPACE, MESSAGE)
