"""A packet's files: the same identifiers in all of them, and hostile text that stays text."""

import csv
import io
import os
import re
import resource
import zipfile
from collections.abc import Callable
from functools import cache
from typing import Any

import openpyxl
import pypdf
import pytest
import typst

from incidents.exports.packet import pdf
from incidents.exports.packet.base import PacketExport, Sheet, packet_exports
from incidents.packets import manifest
from tests.factories import SHOWN_ADDRESS, UINT256_MAX

TXS = ["0x" + f"{n}b" * 32 for n in range(1, 4)]
SOLANA = "5" * 88
OTHER = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
HOSTILE = (
    "=HYPERLINK(\"http://evil.example\")",
    "#read(\"/etc/passwd\") #image(\"http://evil.example/x.png\") $ * _ ` \\ <x> @x",
    "[U+202E]\u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u6f22\u5b57 \U0001f600",
    "_x0041_ </si> ]]> &amp; %PDF (" ")",
    "W" * 4000,
)  # fmt: skip


def hop(number: int, symbol: str) -> dict[str, Any]:
    return {
        "kind": ("seed", "conversion", "arrival")[number],
        "chain": "eip155:1",
        "tx": TXS[number],
        "from": "" if number == 0 else OTHER,
        "to": SHOWN_ADDRESS if number == 2 else OTHER,
        "asset": "eip155:1/slip44:60",
        "symbol": symbol,
        "units": "1500000000000000001",
        "amount": "1.500000000000000001",
        "block": 100 + number,
        "block_hash": "0x" + f"{number}c" * 32,
        "block_at": f"2026-04-18T17:35:1{number}Z",
        "block_state": "final",
        "block_standing": "verified",
        "estimated": False,
    }


@cache
def sheet(text: str = "RSX", recipient: str = "Big Exchange") -> Sheet:
    """A packet whose texts of others all say ``text``."""
    asked = {"units": str(UINT256_MAX), "amount": f"{UINT256_MAX}", "usd": None}
    target = {
        "number": 1,
        "account": f"eip155:1:{SHOWN_ADDRESS}",
        "chain": "eip155:1",
        "address": SHOWN_ADDRESS,
        "account_id": text,
        "asset": {"id": "eip155:1/slip44:60", "contract": OTHER, "symbol": text, "decimals": 0},
        "requested": asked,
        "label": {"method": "inferred", "confidence": 70},
        "paths": [
            {"units": "1", "amount": "1", "tx": TXS[2], "hops": [hop(n, text) for n in range(3)]}
        ],
        "withdrawn": [{"units": "5", "reason": text}],
    }
    told = {
        "reference": "HF-1A2B3C4D",
        "request": "8a1f0c52-0000-4000-8000-000000000001",
        "version": 2,
        "drawn_up_at": "2026-04-18T18:00:00Z",
        "not_after": "2026-05-18T18:00:00Z",
        "marking": "TLP:AMBER",
        "is_drill": False,
        "desk": {"name": text, "slug": "desk"},
        "parties": {"requested_by": text, "affected": [text], "only": text},
        "approved_as": None,
        "supersedes": "ab" * 32,
        "correction": text,
        "check": {"page": "https://x.example/check/", "keys": "", "ssh_namespace": "n@v1"},
        "fields": {"ask_action": "freeze", "crime_statement": text, "requester_name": text},
        "targets": [target, {**target, "number": 2, "address": SOLANA, "paths": []}],
    }
    return Sheet(manifest.encode(told), recipient, "0123456789abcdef" if recipient else "")


def of_pdf(body: bytes) -> str:
    """Text without white space: a line may end within an identifier, and none of it be lost."""
    pages = pypdf.PdfReader(io.BytesIO(body)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def of_csv(body: bytes) -> str:
    return "\n".join(cell for row in csv.reader(io.StringIO(body.decode())) for cell in row)


def of_xlsx(body: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(body))
    return "\n".join(
        str(cell.value) for page in book for row in page.iter_rows() for cell in row if cell.value
    )


READERS: dict[str, Callable[[bytes], str]] = {
    "pdf": of_pdf,
    "csv": of_csv,
    "xlsx": of_xlsx,
    "json": bytes.decode,
}


def render(slug: str, of: Sheet) -> bytes:
    export: PacketExport = packet_exports()[slug]()
    return export.render(of)


def test_every_format_has_a_reader_here() -> None:
    assert set(packet_exports()) == set(READERS)


@pytest.mark.parametrize("text", ["RSX", *HOSTILE], ids=range(len(HOSTILE) + 1))
def test_all_formats_carry_the_same_identifiers(text: str) -> None:
    told = sheet(text)
    expected = {
        *TXS, SOLANA, SHOWN_ADDRESS, OTHER, str(UINT256_MAX), "1.500000000000000001", "HF-1A2B3C4D",
    }  # fmt: skip
    for slug, read in READERS.items():
        found = read(render(slug, told))
        assert {one for one in expected if one not in found} == set(), slug
        if slug != "json":
            assert told.digest in found, slug


def test_all_formats_list_the_same_addresses_and_transactions() -> None:
    lists = {
        slug: set(re.findall(r"0x[0-9a-fA-F]{64}|0x[0-9a-fA-F]{40}", read(render(slug, sheet()))))
        for slug, read in READERS.items()
    }
    whole = lists["json"]
    hashes = {one for one in whole if one[2:] in {f"{n}c" * 32 for n in range(3)}}
    assert lists["csv"] == lists["xlsx"] == whole
    assert lists["pdf"] == whole - hashes  # a block's hash is for machines


@pytest.mark.parametrize("slug", sorted(READERS))
def test_same_sheet_gives_the_same_bytes(slug: str) -> None:
    sheet.cache_clear()
    assert render(slug, sheet()) == render(slug, sheet())


def test_only_the_manifest_is_the_same_for_every_recipient() -> None:
    same = {
        slug
        for slug in READERS
        if render(slug, sheet()) == render(slug, sheet(recipient="Other Desk"))
    }
    assert same == {"json"}
    for slug in sorted(set(READERS) - same):
        assert "0123456789abcdef" in READERS[slug](render(slug, sheet())), slug
    assert "BigExchange" in of_pdf(render("pdf", sheet()))


class TestTables:
    @pytest.mark.parametrize("start", ["=", "+", "-", "@"])
    def test_csv_cell_of_others_is_no_formula(self, start: str) -> None:
        rows = list(csv.reader(io.StringIO(render("csv", sheet(f"{start}1+1")).decode())))
        cells = {cell for row in rows for cell in row}
        assert f"'{start}1+1" in cells
        assert not any(cell.startswith(start) for cell in cells)

    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    def test_xlsx_holds_text_alone(self, text: str) -> None:
        body = render("xlsx", sheet(text))
        book = openpyxl.load_workbook(io.BytesIO(body))
        cells = [c for page in book for row in page.iter_rows() for c in row if c.value]
        assert {cell.data_type for cell in cells} == {"s"}
        assert text in {cell.value for cell in cells}
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            written = b"".join(parts.read(n) for n in parts.namelist() if "sheet" in n)
        assert b"<f>" not in written
        assert b"hyperlink" not in written.lower()


class TestPdf:
    def test_markup_of_others_is_set_as_text(self) -> None:
        assert '#read("/etc/passwd")' in of_pdf(render("pdf", sheet(HOSTILE[1])))

    def test_recipient_and_state_stand_on_every_page(self) -> None:
        told = sheet()
        body = render("pdf", Sheet(told.body, told.recipient, told.mark, "SUPERSEDED"))
        pages = pypdf.PdfReader(io.BytesIO(body)).pages
        assert len(pages) > 1
        for page in pages:
            assert "Big Exchange" in page.extract_text()
            assert "SUPERSEDED" in page.extract_text()

    @pytest.mark.parametrize(
        "source",
        [
            '#read("/etc/passwd")',
            '#read("../pdf.py")',
            '#image("/../../../../../../etc/passwd")',
        ],
    )
    def test_not_even_its_template_could_read_or_fetch(self, source: str) -> None:
        with pytest.raises(typst.TypstError):
            pdf.compiler().compile(source.encode(), format="pdf")

    def test_making_it_opens_no_file_and_no_connection(self) -> None:
        """With no file descriptor to be had, the same bytes come out."""
        expected = render("pdf", sheet(HOSTILE[1]))  # and what is loaded once is loaded
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
        try:
            with pytest.raises(OSError, match="Too many open files"):
                os.open("/etc/passwd", os.O_RDONLY)
            made = render("pdf", sheet(HOSTILE[1]))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert made == expected
