"""What the public check page tells: issued, superseded or revoked, to whom holds the file."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.management import call_command
from django.test import Client

from incidents.models import FreezeTarget, Packet
from incidents.services import check_page, packets
from tests import factories
from tests.cast import Cast, organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.CHECK_DIR = tmp_path / "check"
    return tmp_path / "check"


@pytest.fixture
def issued(cast: Cast) -> Packet:
    factories.sent_request(cast.incident, cast.lead, cast.rival, organization(cast.exchange))
    return Packet.objects.select_related("request__incident", "request__owner").get()


def ask(folder: Path, reference: str, body: bytes) -> dict[str, Any] | None:
    """What a browser works out, from nothing but the reference and the file."""
    digest = hashlib.sha256(body).hexdigest()
    name = check_page.entry_id(reference, digest)
    shard = json.loads((folder / f"{name[:2]}.json").read_text())["entries"]
    if name not in shard:
        return None
    sealed = base64.b64decode(shard[name])
    key = AESGCM(check_page.entry_key(reference, digest))
    told: dict[str, Any] = json.loads(key.decrypt(sealed[:12], sealed[12:], None))
    return told


def test_every_file_that_left_is_known_with_date_and_parties_alone(
    issued: Packet, folder: Path
) -> None:
    given = packets.files(issued, recipient="Big Exchange")
    check_page.publish()
    for file in given:
        told = ask(folder, issued.request.reference, bytes(file.body))
        assert told is not None
        assert set(told) == {"state", "issued", "since", "parties"}
        assert (told["state"], told["parties"]) == ("issued", ["Kelp", "Layer Zero"])


def test_a_changed_file_or_another_reference_is_unknown(issued: Packet, folder: Path) -> None:
    check_page.publish()
    body, reference = bytes(issued.manifest), issued.request.reference
    assert ask(folder, reference, body)
    assert ask(folder, reference, body + b" ") is None
    assert ask(folder, "HF-00000000", body) is None


def test_drafting_a_correction_supersedes_and_revoking_revokes(
    cast: Cast, issued: Packet, folder: Path
) -> None:
    body, reference = bytes(issued.manifest), issued.request.reference
    FreezeTarget.objects.update(requested=900)
    correction = packets.draft(issued.request, reason="a block was orphaned")
    check_page.publish()
    told = ask(folder, reference, body)
    assert told is not None
    assert told["state"] == "superseded"
    assert ask(folder, reference, bytes(correction.manifest)) is None  # not issued yet
    packets.issue(correction, actor=cast.lead)
    packets.revoke(issued.request, "wrong desk", actor=cast.lead)
    check_page.publish()
    told = ask(folder, reference, bytes(correction.manifest))
    assert told is not None
    assert told["state"] == "revoked"


def test_shards_are_alike_and_do_not_change_by_themselves(issued: Packet, folder: Path) -> None:
    assert check_page.publish() == 256
    assert check_page.publish() == 0
    sizes = {path.stat().st_size for path in folder.iterdir()}
    counts = {len(json.loads(path.read_text())["entries"]) for path in folder.iterdir()}
    assert (len(sizes), counts) == (1, {check_page.FEWEST})
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    packets.files(issued, recipient="Another Desk")
    check_page.publish()
    changed = [p.name for p in folder.iterdir() if p.read_bytes() != before[p.name]]
    assert 1 <= len(changed) <= 3  # of the three files that were made for that recipient
    assert {path.stat().st_size for path in folder.iterdir()} == sizes


def test_an_entry_does_not_open_with_what_finds_it(issued: Packet, folder: Path) -> None:
    check_page.publish()
    name = check_page.entry_id(issued.request.reference, issued.digest)
    shard = json.loads((folder / f"{name[:2]}.json").read_text())["entries"]
    sealed = base64.b64decode(shard[name])
    with pytest.raises(InvalidTag):
        AESGCM(bytes.fromhex(name)).decrypt(sealed[:12], sealed[12:], None)
    assert b"Kelp" not in b"".join(path.read_bytes() for path in folder.iterdir())


def test_anybody_reads_the_page_and_its_files(issued: Packet, folder: Path, client: Client) -> None:
    assert client.get("/check/").status_code == 200
    assert client.get("/check/entries/ab.json").status_code == 404
    check_page.publish()
    answer = client.get("/check/entries/ab.json")
    assert answer.content == (folder / "ab.json").read_bytes()
    assert answer["Cache-Control"] == "public, max-age=15"
    assert client.get("/check/entries/zz.json").status_code == 404
    assert "sessionid" not in answer.cookies


class TestCommand:
    @pytest.mark.parametrize("slug", ["pdf", "csv", "xlsx", "json"])
    def test_writes_the_file_that_was_kept(self, issued: Packet, tmp_path: Path, slug: str) -> None:
        out, signature = tmp_path / f"packet.{slug}", tmp_path / "sig"
        call_command(
            "export_freeze", issued.request.reference, format=slug, out=out, signature=signature
        )
        kept = packets.base_file(issued, slug)
        assert kept is not None
        assert out.read_bytes() == bytes(kept.body)
        assert signature.read_text().startswith("-----BEGIN SSH SIGNATURE-----")

    def test_a_draft_says_so(self, cast: Cast, tmp_path: Path) -> None:
        row = factories.target(cast.incident, cast.lead)
        out = tmp_path / "packet.xlsx"
        call_command("export_freeze", row.request.reference, format="xlsx", out=out)
        assert out.stat().st_size
        assert not Packet.objects.exists()
