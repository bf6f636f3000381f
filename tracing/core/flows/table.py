"""Flow tables as analysts hand them over: one transfer a row, read exactly, refused by the line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracing.core.amounts import UINT256_MAX
from tracing.core.flows.cells import BadCell, address, amount, block, decimals_in, text, time_of


@dataclass(frozen=True, slots=True)
class Flow:
    """One transfer. ``amount`` in base units; ``time`` in Unix seconds, UTC; ``line`` in the file.

    Of ``block`` and ``time`` one at least is there. ``tx`` is empty where the table has no hashes.
    Labels are hostile text.
    """

    line: int
    time: int | None
    block: int | None
    tx: str
    frm: str
    to: str
    amount: int
    frm_label: str = ""
    to_label: str = ""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was refused. ``reason`` is a sentence for a person."""

    line: int
    reason: str


class BadTable(ValueError):
    """The file is no table of this layout: nothing of it was read."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column is what, by the names that may stand above it, the first found counts.

    Names are compared without case, spaces and signs. ``frm``, ``to`` and ``amount`` are needed,
    and one of ``block`` and ``time``: where both are there, rows are in order of their block.
    """

    frm: Sequence[str]
    to: Sequence[str]
    amount: Sequence[str]
    block: Sequence[str] = ()
    time: Sequence[str] = ()
    tx: Sequence[str] = ()
    frm_label: Sequence[str] = ()
    to_label: Sequence[str] = ()

    @classmethod
    def of(cls, names: Mapping[str, str]) -> Columns:
        """An explicit mapping: field of a flow -> the column's own name.

        :raises BadTable: a field that there is not, or one missing that is needed.
        """
        unknown = names.keys() - set(FIELDS)
        if unknown:
            raise BadTable(f"There is no field {', '.join(sorted(unknown))}: {', '.join(FIELDS)}.")
        missing = [name for name in NEEDED if not names.get(name)]
        if missing:
            raise BadTable(f"Say which column is: {', '.join(missing)}.")
        return cls(**{name: (column,) for name, column in names.items() if column})


FIELDS = ("frm", "to", "amount", "block", "time", "tx", "frm_label", "to_label")
NEEDED = ("frm", "to", "amount")

# The layouts that are known by name. LaunderNet's is that of the LaunderNetEvm41 data set. Tools
# like Reactor let their user choose columns and name them by version, so several names are taken.
LAYOUTS: dict[str, Columns] = {
    "laundernet": Columns(
        frm=("From",),
        to=("To",),
        amount=("Value_in_USD",),
        block=("Block",),
        time=("Timestamp",),
        tx=("Tx_hash",),
        frm_label=("From_label",),
        to_label=("To_label",),
    ),
    "reactor": Columns(
        frm=("Sender Address", "Sending Address", "From Address", "Input Address"),
        to=("Receiver Address", "Receiving Address", "To Address", "Output Address"),
        amount=("USD Value", "Value USD", "Amount USD", "USD Amount", "Value (USD)", "USD"),
        block=("Block", "Block Height", "Block Number"),
        time=("Date (UTC)", "Date", "Timestamp", "Time", "Transaction Date"),
        tx=("Transaction Hash", "Tx Hash", "Transaction ID", "TxID", "Hash"),
        frm_label=("Sender Name", "Sender", "Sending Entity", "From Name", "From Entity"),
        to_label=("Receiver Name", "Receiver", "Receiving Entity", "To Name", "To Entity"),
    ),
    "plain": Columns(
        frm=("from", "sender", "from_address", "source"),
        to=("to", "recipient", "receiver", "to_address", "target"),
        amount=("amount", "value", "usd"),
        block=("block", "block_number"),
        time=("time", "timestamp", "date"),
        tx=("hash", "tx", "tx_hash", "transaction_hash", "txid"),
        frm_label=("from_label", "from_name"),
        to_label=("to_label", "to_name"),
    ),
}


def detect(header: Sequence[str]) -> str | None:
    """The slug of the first layout whose needed columns all stand in this header."""
    for slug, columns in LAYOUTS.items():
        try:
            _Places.find(header, columns)
        except BadTable:
            continue
        return slug
    return None


def header_of(lines: Iterable[str]) -> list[str]:
    """The names above the columns. Raises BadTable where there are none."""
    _, names = next(_cells(lines), (0, []))
    if not names:
        raise BadTable("The file is empty.")
    return names


def read(lines: Iterable[str], mapping: Columns, decimals: int) -> tuple[list[Flow], list[BadRow]]:
    """Rows of a CSV text, in the order of the file, and those that are refused, with their line.

    ``lines`` as a file opened with newline="" gives them. Amounts are decimals, parsed exactly into
    base units of 10**-``decimals``: one with more decimals is refused, never rounded
    (``decimals_needed`` tells how many there are). Rows that repeat another are rows all the same:
    a transaction may pay the same amount twice, and a table has no position to tell. An EVM address
    is taken in any case and kept in lower case. Blank lines, a byte order mark and a missing end of
    the last line do no harm.

    :raises BadTable: no header, or not the columns that ``mapping`` needs.
    """
    rows = _cells(lines)
    _, header = next(rows, (0, []))
    if not header:
        raise BadTable("The file is empty.")
    places = _Places.find(header, mapping)
    flows: list[Flow] = []
    bad: list[BadRow] = []
    while True:
        try:
            line, cells = next(rows)
            flows.append(places.flow(line, cells, decimals))
        except StopIteration:
            return flows, bad
        except BadCell as error:
            bad.append(BadRow(line, str(error)))


def decimals_needed(lines: Iterable[str], mapping: Columns, at_least: int = 2) -> int:
    """How many decimals hold every amount of the table exactly, ``at_least`` those of cents.

    Amounts that are none are passed over: ``read`` reports them. Raises BadTable as ``read`` does.
    """
    rows = _cells(lines)
    _, header = next(rows, (0, []))
    if not header:
        raise BadTable("The file is empty.")
    place = _Places.find(header, mapping).at["amount"]
    most = at_least
    for _, cells in rows:
        if place < len(cells):
            most = max(most, decimals_in(cells[place]))
    return most


class _Places:
    """Where each field stands in a row."""

    def __init__(self, at: dict[str, int], width: int) -> None:
        self.at = at
        self.width = width

    @classmethod
    def find(cls, header: Sequence[str], columns: Columns) -> _Places:
        names = [_plain(name) for name in header]
        at: dict[str, int] = {}
        for field in FIELDS:
            for wanted in map(_plain, getattr(columns, field)):
                if names.count(wanted) > 1:
                    raise BadTable(f"Two columns are called {wanted}.")
                if wanted in names:
                    at[field] = names.index(wanted)
                    break
        missing = [" or ".join(getattr(columns, f)) or f for f in NEEDED if f not in at]
        if not missing and "block" not in at and "time" not in at:
            missing = [" or ".join([*columns.block, *columns.time]) or "block or time"]
        if missing:
            raise BadTable(f"These columns are missing: {'; '.join(missing)}.")
        return cls(at, len(header))

    def flow(self, line: int, cells: list[str], decimals: int) -> Flow:
        """One row; raises BadCell."""
        if len(cells) != self.width:
            raise BadCell(f"The header has {self.width} columns and this row {len(cells)}.")
        at = self.at
        value = amount(cells[at["amount"]], decimals)
        if value > UINT256_MAX:
            raise BadCell("The amount is larger than 2^256 - 1.")
        return Flow(
            line=line,
            time=time_of(cells[at["time"]]) if "time" in at else None,
            block=block(cells[at["block"]]) if "block" in at else None,
            tx=text(cells[at["tx"]]).lower() if "tx" in at else "",
            frm=address(cells[at["frm"]], "sender"),
            to=address(cells[at["to"]], "recipient"),
            amount=value,
            frm_label=text(cells[at["frm_label"]]) if "frm_label" in at else "",
            to_label=text(cells[at["to_label"]]) if "to_label" in at else "",
        )


def _cells(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which they end; blank ones are passed over."""
    reader = csv.reader(_without_mark(lines), strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadTable(f"Line {reader.line_num} is no CSV: {error}.") from None
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _without_mark(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if "\0" in line:
            raise BadTable(f"Line {number + 1} holds a zero byte: this is no text.")
        yield line if number else line.removeprefix("\ufeff")


def _plain(name: str) -> str:
    return re.sub(r"[^0-9a-z]", "", name.lower())
