"""Every sink is crawled, or is not there; and no text is without a canary."""

from importlib import import_module

import pytest

from tests.access.canaries import decoding
from tests.access.canaries.sinks import SINKS, Sink
from tests.access.canaries.tokens import Aviary


def test_there_are_fourteen() -> None:
    assert len({sink.name for sink in SINKS}) == 14


@pytest.mark.parametrize("sink", SINKS, ids=lambda sink: sink.name)
def test_sink_is_crawled_or_absent(sink: Sink) -> None:
    assert sink.is_there() == bool(sink.crawled_by)
    if sink.crawled_by:
        import_module(f"tests.access.canaries.{sink.crawled_by}")


def _pdf(text: bytes) -> bytes:
    import zlib

    return b"%PDF-1.7\n1 0 obj\nstream\n" + zlib.compress(text) + b"\nendstream\n"


def _zip(text: bytes) -> bytes:
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.txt", text)
    return out.getvalue()


def _base64(text: bytes) -> bytes:
    import base64

    return b'{"body": "' + base64.b64encode(b'[["' + text + b'"]]') + b'"}'


def _gzip(text: bytes) -> bytes:
    import gzip

    return gzip.compress(text)


def _entities(text: bytes) -> bytes:
    return "".join(f"&#x{one:x};" for one in text).encode()


def _escapes(text: bytes) -> bytes:
    return "".join(f"\\u{one:04x}" for one in text).encode()


def _checksummed(text: bytes) -> bytes:
    return b"0x" + text.decode().swapcase().encode()


PACKED = (_pdf, _zip, _base64, _gzip, _entities, _escapes, _checksummed, lambda text: text)


@pytest.mark.parametrize("pack", PACKED, ids=lambda one: one.__name__)
def test_packed_canary_is_found(pack: object) -> None:
    aviary = Aviary()
    canary = aviary.mint("a text", lambda viewer: False)
    data = pack(canary.encode())  # type: ignore[operator]
    found = [one for text in decoding.texts(data) for one in aviary.within(text)]
    assert canary in {one.text for one in found}
