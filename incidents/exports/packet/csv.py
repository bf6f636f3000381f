"""One table for a desk's own tools: every line says what it is (target, hop or field)."""

import csv
import io
from typing import ClassVar

from incidents.exports.packet import rows
from incidents.exports.packet.base import PacketExport, Sheet

_STARTS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = tuple(
    dict.fromkeys(
        ("row", *rows.HEAD, *rows.TARGET, *rows.HOP, *rows.FIELD, *rows.COPY)  # each once
    )
)


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP ASVS 5.0, 1.2.10). Addresses, hashes,
    amounts and references never begin like one, so they stay as they are."""
    return f"'{cell}" if cell.startswith(_STARTS) else cell


class PacketCsv(PacketExport):
    """RFC 4180, UTF-8."""

    slug: ClassVar[str] = "csv"
    name: ClassVar[str] = "CSV"
    media_type: ClassVar[str] = "text/csv; charset=utf-8"

    def render(self, sheet: Sheet) -> bytes:
        told = sheet.manifest
        shared = {**rows.head(sheet), **rows.copy(sheet)}
        kinds = {
            "target": rows.targets(told),
            "hop": rows.hops(told),
            "field": rows.given(told),
        }
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
        writer.writeheader()
        for kind, lines in kinds.items():
            for line in lines:
                cells = {"row": kind, **shared, **line}
                writer.writerow({name: guarded(cell) for name, cell in cells.items()})
        return out.getvalue().encode()
