"""A workbook: targets, path and fields on a sheet each. Every cell is text."""

import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

import xlsxwriter

from incidents.exports.packet import rows
from incidents.exports.packet.base import PacketExport, Sheet

LONGEST_CELL = 32_767  # of the format
# Text is text: no formula, no link, no number that loses its digits.
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_WIDE = {"address", "contract", "from", "to", "asset"}
_WIDEST = {"tx", "tx_into_address", "block_hash", "value"}


class PacketXlsx(PacketExport):
    """Office Open XML."""

    slug: ClassVar[str] = "xlsx"
    name: ClassVar[str] = "Excel"
    media_type: ClassVar[str] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def render(self, sheet: Sheet) -> bytes:
        told = sheet.manifest
        out = io.BytesIO()
        with xlsxwriter.Workbook(out, _OPTIONS) as book:
            book.set_properties(
                {
                    "title": f"Freeze request {told['reference']}",
                    "comments": f"{sheet.recipient} {sheet.mark}".strip(),
                    "created": datetime.fromisoformat(told["drawn_up_at"].removesuffix("Z")),
                }
            )
            bold = book.add_format({"bold": True, "bg_color": "#e8ecf1"})
            plain = book.add_format({"num_format": "@"})
            self._about(book.add_worksheet("Request"), sheet, bold, plain)
            for title, columns, lines in (
                ("Targets", rows.TARGET, rows.targets(told)),
                ("Path", rows.HOP, rows.hops(told)),
                ("Fields", rows.FIELD, rows.given(told)),
            ):
                _table(book.add_worksheet(title), columns, lines, bold, plain)
        return out.getvalue()

    def _about(self, page: Any, sheet: Sheet, bold: Any, plain: Any) -> None:
        told = sheet.manifest
        lines = {
            **rows.head(sheet),
            "desk": told["desk"]["name"],
            "drawn_up_at": told["drawn_up_at"],
            "not_after": told["not_after"],
            "requested_by": told["parties"]["requested_by"],
            "only": rows.text(told["parties"]["only"]),
            "supersedes": rows.text(told["supersedes"]),
            "correction": rows.text(told["correction"]),
            "check_page": told["check"]["page"],
            **rows.copy(sheet),
            "state": sheet.stamp,
        }
        _table(page, ("what", "value"), ({"what": k, "value": v} for k, v in lines.items() if v),
               bold, plain)  # fmt: skip


def _table(
    page: Any, columns: tuple[str, ...], lines: Iterable[rows.Row], bold: Any, plain: Any
) -> None:
    for place, name in enumerate(columns):
        width = 70 if name in _WIDEST else 46 if name in _WIDE else 18
        page.set_column(place, place, width)
        page.write_string(0, place, name, bold)
    page.freeze_panes(1, 0)
    for number, line in enumerate(lines, 1):
        for place, name in enumerate(columns):
            page.write_string(number, place, line[name][:LONGEST_CELL], plain)
