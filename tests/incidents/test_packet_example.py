"""The packet in docs/examples: it checks with OpenSSH, and its files say what its manifest says."""

import subprocess
from pathlib import Path

from incidents.exports.packet.base import Sheet, packet_exports
from incidents.signing.sshsig import NAMESPACE

FOLDER = Path(__file__).parents[2] / "docs/examples"
MANIFEST = FOLDER / "freeze-request.json"


def accepts(body: bytes, namespace: str = NAMESPACE) -> bool:
    """What the README's command says."""
    command = ["ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", "holdfast-server"]
    done = subprocess.run(
        [*command, "-n", namespace, "-s", "freeze-request.json.sig"],
        cwd=FOLDER,
        input=body,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def test_its_signature_holds_for_these_bytes_and_this_purpose_alone() -> None:
    body = MANIFEST.read_bytes()
    assert accepts(body)
    assert not accepts(body.replace(b"1250", b"1251", 1))
    assert not accepts(body, "file")


def test_its_tables_are_what_the_manifest_gives() -> None:
    sheet = Sheet(MANIFEST.read_bytes(), stamp="")
    csv = packet_exports()["csv"]().render(sheet)
    assert (FOLDER / "freeze-request.csv").read_bytes() == csv
    assert (FOLDER / "freeze-request.pdf").read_bytes().startswith(b"%PDF")
