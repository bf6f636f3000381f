"""What the public check page reads: flat files, sealed, so that a file's holder alone learns of it.

An entry is found by SHA-256(reference || SHA-256 of the file), and opened with a key made of the
same two: without the document there is nothing to ask and nothing to read. Every shard is filled up
with entries that nobody can open. Entries: issued, superseded or revoked, the day, the parties.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, transaction

from incidents import scope
from incidents.choices import PacketState
from incidents.models import FreezeRequest, Packet, PacketFile
from incidents.packets.kinds import moment_text

FORMAT = 1
SHARDS = tuple(f"{n:02x}" for n in range(256))
FEWEST = 16  # entries of a shard, padding included; doubled whenever it is full
SEALED = 512  # bytes of what an entry says, filled up with spaces
NONCE = 12
LONGEST_NAME = 60
_LOCK = 0x686F6C64  # of this work, in the database


def entry_id(reference: str, digest: str) -> str:
    """What an entry is found by. ``digest``: SHA-256 of the file, hex."""
    return hashlib.sha256((reference + digest).encode()).hexdigest()


def entry_key(reference: str, digest: str) -> bytes:
    """What an entry is opened with. It does not follow from the id."""
    return hashlib.sha256(f"holdfast-check-key:{reference}{digest}".encode()).digest()


def seal(reference: str, digest: str, told: dict[str, object]) -> str:
    """An entry: nonce and AES-256-GCM, base64. The same words give the same bytes."""
    text = json.dumps(told, sort_keys=True).encode().ljust(SEALED)
    key = entry_key(reference, digest)
    nonce = hmac.new(key, text, hashlib.sha256).digest()[:NONCE]
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, text, None)).decode()


@scope.trusted
def publish(folder: Path | None = None) -> int:
    """Write every shard that changed; returns how many that were. One process at a time."""
    folder = folder or settings.CHECK_DIR
    folder.mkdir(parents=True, exist_ok=True)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        shards: dict[str, dict[str, str]] = {name: {} for name in SHARDS}
        for name, body in _entries():
            shards[name[:2]][name] = body
        return sum(_write(folder / f"{name}.json", name, found) for name, found in shards.items())


def _entries() -> Iterator[tuple[str, str]]:
    """Every file that left, and the manifest of every version that was issued."""
    issued = Packet.objects.filter(issued_at__isnull=False)
    people = ("first_for", "second_for", "alone")
    for row in issued.select_related(*(f"request__{name}" for name in people)).iterator():
        told = says(row)
        files = PacketFile.objects.filter(packet=row).values_list("digest", flat=True)
        for digest in {row.digest, *files}:
            reference = row.request.reference
            yield entry_id(reference, digest), seal(reference, digest, told)


def says(packet: Packet) -> dict[str, object]:
    """What an entry tells: nothing of the incident, of desks, of addresses."""
    at = packet.ended_at if packet.state != PacketState.ISSUED else packet.issued_at
    return {
        "state": packet.state,
        "issued": moment_text(packet.issued_at) if packet.issued_at else "",
        "since": moment_text(at) if at else "",
        "parties": [name[:LONGEST_NAME] for name in _parties(packet.request)],
    }


def _parties(request: FreezeRequest) -> list[str]:
    """Who signed it."""
    alone = [request.alone] if request.alone else [request.first_for, request.second_for]
    return sorted({one.name for one in alone if one is not None})


def _write(path: Path, shard: str, entries: dict[str, str]) -> bool:
    """Fill up, and put the file in place in one go. False: it says so already."""
    size = FEWEST
    while size <= len(entries):
        size *= 2
    filled = {**dict(_padding(shard, size)), **entries}
    kept = sorted(entries) + [name for name in sorted(filled) if name not in entries]
    chosen = {name: filled[name] for name in sorted(kept[:size])}
    text = json.dumps({"format": FORMAT, "entries": chosen}, separators=(",", ":")).encode()
    if path.exists() and path.read_bytes() == text:
        return False
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(text)
    os.chmod(name, 0o644)
    os.replace(name, path)
    return True


def _padding(shard: str, count: int) -> Iterator[tuple[str, str]]:
    """Entries that look like others and open with nothing. The same ones every time: what changed
    between two readings would tell them apart."""
    for number in range(count):
        name, body = (
            hashlib.shake_256(_secret(f"{what}:{shard}:{number}")).digest(size)
            for what, size in (("id", 31), ("body", NONCE + SEALED + 16))
        )
        yield shard + name.hex(), base64.b64encode(body).decode()


def _secret(purpose: str) -> bytes:
    text = f"check-padding:{purpose}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).digest()


def shard(name: str) -> bytes | None:
    """A shard as it lies there; None: no such shard, or nothing was published yet."""
    path = settings.CHECK_DIR / f"{name}.json"
    return path.read_bytes() if name in SHARDS and path.exists() else None
