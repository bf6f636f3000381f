"""Every text that is in some bytes: packed, encoded and escaped ones too."""

from __future__ import annotations

import base64
import binascii
import bz2
import email
import gzip
import html
import io
import json
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import unquote_plus

import pypdf
import pypdf.errors

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.S)  # of a PDF
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_HEXSTRING = re.compile(rb"<([0-9a-fA-F\s]{24,})>")  # of a PDF
DEEPEST = 6
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError)


def texts(data: bytes, depth: int = 0) -> Iterator[str]:
    """What a reader with patience gets out of some bytes."""
    if depth > DEEPEST or not data:
        return
    plain = data.decode("utf-8", "replace")
    yield plain
    if b"\0" in data:
        yield data.decode("utf-16-le", "replace")
        yield data.decode("utf-16-be", "replace")
    yield from _unescaped(plain)
    for inner in _inside(data):
        yield from texts(inner, depth + 1)


def _unescaped(text: str) -> Iterator[str]:
    if "&" in text:
        yield html.unescape(text)
    if "%" in text:
        yield unquote_plus(text)
    if "\\" in text:
        yield _ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)), text)
    if "=\n" in text or "=\r\n" in text:  # quoted-printable
        yield binascii.a2b_qp(text.encode()).decode("utf-8", "replace")


def _inside(data: bytes) -> Iterator[bytes]:
    """What is packed in some bytes, by their first ones, and what is encoded among them."""
    for unpack in (_gzip, _zlib, _bz2, _xz, _zip, _tar):
        try:
            yield from unpack(data)
        except BROKEN:
            continue  # it only began like something packed: a digest may
    if data.startswith(b"%PDF"):
        yield from _pages(data)
        yield from _STREAM.findall(data)
        for found in _HEXSTRING.findall(data):
            yield bytes.fromhex("".join(found.decode().split()) + "0" * (len(found) % 2))
    if b"Content-Transfer-Encoding" in data:
        for part in email.message_from_bytes(data).walk():
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield payload
    for found in _BASE64.findall(data):
        with_end = found.rstrip(b"=") + b"=" * (-len(found.rstrip(b"=")) % 4)
        try:
            inner = base64.b64decode(with_end.replace(b"-", b"+").replace(b"_", b"/"))
        except binascii.Error:
            continue
        if _is_something(inner):
            yield inner


def _pages(data: bytes) -> Iterator[bytes]:
    """What a PDF says to a reader, whatever its fonts call their letters, and what it says of
    itself. Once more without spaces, since a long word goes on in the next line."""
    try:
        read = pypdf.PdfReader(io.BytesIO(data))
        told = "\n".join([*(page.extract_text() for page in read.pages), str(read.metadata or "")])
    except (pypdf.errors.PyPdfError, *BROKEN):
        return  # its streams are looked through anyway
    yield told.encode()
    yield "".join(told.split()).encode()


def _is_something(inner: bytes) -> bool:
    """Text, or something packed: most of what looks like base64 is neither."""
    if inner[:2] in (b"\x1f\x8b", b"PK", b"BZ", b"x\x9c", b"x\xda", b"x\x01", b"%P"):
        return True
    try:
        return inner.decode("ascii").isprintable()
    except UnicodeDecodeError:
        return False


def _gzip(data: bytes) -> Iterator[bytes]:
    if data[:2] == b"\x1f\x8b":
        yield gzip.decompress(data)


def _zlib(data: bytes) -> Iterator[bytes]:
    if data[:1] == b"x" and data[1:2] in (b"\x01", b"\x5e", b"\x9c", b"\xda"):
        yield zlib.decompress(data)


def _bz2(data: bytes) -> Iterator[bytes]:
    if data[:3] == b"BZh":
        yield bz2.decompress(data)


def _xz(data: bytes) -> Iterator[bytes]:
    if data[:6] == b"\xfd7zXZ\0":
        yield lzma.decompress(data)


def _zip(data: bytes) -> Iterator[bytes]:
    if data[:2] != b"PK":
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            yield name.encode()
            yield archive.read(name)


def _tar(data: bytes) -> Iterator[bytes]:
    if data[257:262] != b"ustar":
        return
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive.getmembers():
            yield member.name.encode()
            if file := archive.extractfile(member):
                yield file.read()


def of_json(value: object) -> bytes:
    """Some value as bytes to look through: a message, a task's arguments."""
    return json.dumps(value, default=str).encode()
