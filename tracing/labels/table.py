"""CSV with a header: chain, address, name, category, source, date, confidence, service.

Only ``address`` has to be there, and whatever nobody says for the whole file. ``chain`` is CAIP-2,
a currency or a chain's name; ``service`` the slug of whom the address belongs to, without which it
is taken from how the name begins.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO

from tracing.labels.base import (
    LONGEST_LINE,
    BadLabelFile,
    BadRow,
    LabelFact,
    LabelFormat,
    Said,
    clean,
    day_of,
    fact,
    lines,
)
from tracing.labels.categories import actor_of, category_of, kind_of

COLUMNS = ("chain", "address", "name", "category", "source", "date", "confidence", "service")
csv.field_size_limit(LONGEST_LINE)


class Table(LabelFormat):
    slug = "csv"
    name = "CSV (chain, address, name, category, source, date, confidence)"

    def read(self, stream: BinaryIO, said: Said) -> Iterator[LabelFact | BadRow]:
        rows = csv.reader(lines(stream), strict=True)
        try:
            header = _header(next(rows, []))
            line = rows.line_num
            for row in rows:
                first, line = line + 1, rows.line_num
                if row:
                    yield _row(f"line {first}", header, row, said)
        except csv.Error as error:
            raise BadLabelFile(f"Line {rows.line_num} is not CSV: {error}.") from error


def _header(row: list[str]) -> list[str]:
    header = [clean(name, 40).lower() for name in row]
    if "address" not in header or len(set(header)) != len(header):
        raise BadLabelFile(f"Line 1 is no header. The columns are {', '.join(COLUMNS)}.")
    unknown = sorted(set(header) - set(COLUMNS))
    if unknown:
        raise BadLabelFile(f"Line 1: the column {ascii(unknown[0])[:60]} is not known.")
    return header


def _row(place: str, header: list[str], row: list[str], said: Said) -> LabelFact | BadRow:
    if len(row) != len(header):
        return BadRow(place, f"It has {len(row)} fields, and the header has {len(header)}.")
    cells = dict(zip(header, row, strict=True))
    category = category_of(cells.get("category"))
    actor = cells.get("service") or ""
    if not actor and kind_of(category) is not None:
        actor = actor_of(cells.get("name"))
    try:
        return fact(
            said,
            chain=clean(cells.get("chain"), 60),
            address=cells["address"],
            name=cells.get("name"),
            category=category,
            actor=actor,
            source=cells.get("source"),
            dated=day_of(cells.get("date")),
            confidence=cells.get("confidence"),
        )
    except ValueError as error:
        return BadRow(place, str(error))
