"""Reading flow tables: exact amounts, every bad row by its line, and the traps of real files."""

import pytest

from tests.tracing.flows.cases import HEADER
from tracing.core.flows import (
    LAYOUTS,
    BadRow,
    BadTable,
    Columns,
    Flow,
    decimals_needed,
    detect,
    read,
    read_list,
)

A, B = "0x" + "a1" * 20, "0x" + "b2" * 20
LAUNDERNET = LAYOUTS["laundernet"]


def row(amount: str = "1.50", frm: str = A, to: str = B, block: str = "7") -> str:
    return f"2023-01-13 20:34:11,{block},0xHash,{frm},Thief 1,{to},,{amount}"


def one(line: str) -> Flow | str:
    flows, bad = read([HEADER, line], LAUNDERNET, 2)
    return flows[0] if flows else bad[0].reason


def test_row_is_read_exactly() -> None:
    assert one(row("200000.1")) == Flow(2, 1673642051, 7, "0xhash", A, B, 20_000_010, "Thief 1", "")


@pytest.mark.parametrize(
    ("cell", "cents"),
    [("0", 0), ("0.0", 0), (".5", 50), ("7.", 700), ("1.500", 150), ("1e2", 10_000), ("5E-1", 50)],
)
def test_amounts_are_whole_cents(cell: str, cents: int) -> None:
    read_row = one(row(cell))
    assert isinstance(read_row, Flow)
    assert read_row.amount == cents


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (row("0.001"), "The amount “0.001” has more than 2 decimals."),
        (row("-1"), "The amount “-1” is negative."),
        (row("nan"), "The amount “nan” is not written like 1234.5: digits and one point."),
        (row(""), "The amount is missing."),
        (row("1e999"), "The amount is larger than 2^256 - 1."),
        (row(str(2**256)), "The amount is larger than 2^256 - 1."),
        (row(frm=""), "The sender is missing."),
        (row(to="0x12"), "The recipient “0x12” is not 0x and 40 hexadecimal digits."),
        (row(to="b c"), "The recipient “b c” is no address."),
        (row(block="-3"), "The block “-3” is no number."),
        (row() + ",more", "The header has 8 columns and this row 9."),
        (
            row().replace("2023-01-13 20:34:11", "9999-12-31 23:59:59-01:00"),
            "There is no time “9999-12-31 23:59:59-01:00”.",
        ),
        (row().replace("2023-01-13", "2023-02-30"), "There is no time “2023-02-30 20:34:11”."),
        (
            row().replace("2023-01-13", "13/01/23"),
            "The time “13/01/23 20:34:11” is not written like 2023-01-13 20:34:11.",
        ),
    ],
)
def test_bad_row_is_refused_with_a_reason(line: str, reason: str) -> None:
    assert one(line) == reason


def test_every_bad_row_is_reported_by_its_line() -> None:
    flows, bad = read([HEADER, row("x"), row("1"), "", row("0.001")], LAUNDERNET, 2)
    assert [flow.line for flow in flows] == [3]
    assert [refused.line for refused in bad] == [2, 5]
    assert isinstance(bad[0], BadRow)


def test_largest_amount_is_read_in_base_units() -> None:
    columns = Columns(("from",), ("to",), ("amount",), block=("block",))
    flows, bad = read(["from,to,amount,block", f"{A},{B},{2**256 - 1},1"], columns, 0)
    assert (flows[0].amount, bad) == (2**256 - 1, [])


def test_marks_line_ends_and_case_do_no_harm() -> None:
    plain, _ = read([HEADER + "\n", row() + "\n", row() + "\n"], LAUNDERNET, 2)
    dressed = ["\ufeff" + HEADER + "\r\n", row(frm=A.upper().replace("X", "x")) + "\r\n"]
    other, bad = read([*dressed, "\r\n", " , , \r\n", row()], LAUNDERNET, 2)
    assert bad == []
    assert [(f.frm, f.amount) for f in other] == [(f.frm, f.amount) for f in plain]


def test_repeated_rows_are_rows() -> None:
    flows, _ = read([HEADER, row(), row()], LAUNDERNET, 2)
    assert len(flows) == 2


def test_quoted_cell_may_hold_commas_and_line_ends() -> None:
    quoted = row().replace("Thief 1", '"Thief, the\nfirst"')
    flows, bad = read(
        [HEADER + "\n", *quoted.splitlines(keepends=True), "\n", row("x")], LAUNDERNET, 2
    )
    assert flows[0].frm_label == "Thief, thefirst"
    assert [refused.line for refused in bad] == [5]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "The file is empty."),
        (["\n", "\n"], "The file is empty."),
        (["From,To,Value_in_USD"], "These columns are missing: Block or Timestamp."),
        (["Block,From,Value_in_USD"], "These columns are missing: To."),
        ([HEADER + ",From"], "Two columns are called from."),
        ([HEADER, 'a,"b'], "Line 2 is no CSV: unexpected end of data."),
        ([HEADER, "a\0b"], "Line 2 holds a zero byte: this is no text."),
    ],
)
def test_file_that_is_no_table_is_refused(lines: list[str], said: str) -> None:
    with pytest.raises(BadTable) as caught:
        read(lines, LAUNDERNET, 2)
    assert str(caught.value) == said


def test_layouts_are_known_by_their_header() -> None:
    reactor = ["Date (UTC)", "Tx Hash", "Sender Address", "Receiver Address", "USD Value"]
    assert detect(HEADER.split(",")) == "laundernet"
    assert detect(reactor) == "reactor"
    assert detect(["from", "to", "amount", "time", "hash"]) == "plain"
    assert detect(["a", "b"]) is None


def test_plain_table_is_in_order_of_time() -> None:
    lines = ["from,to,amount,time,hash", f"{A},{B},1,2024-08-02T00:24:23+02:00,x"]
    flows, _ = read([*lines, f"{A},{B},1,1722551063.0,x"], LAYOUTS["plain"], 2)
    assert [(f.block, f.time) for f in flows] == [(None, 1722551063), (None, 1722551063)]


def test_columns_may_be_named() -> None:
    columns = Columns.of({"frm": "Von", "to": "An", "amount": "Wert", "time": "Zeit"})
    flows, _ = read(["Zeit,Von,An,Wert", f"2024-08-02,{A},{B},3"], columns, 2)
    assert (flows[0].time, flows[0].amount) == (1722556800, 300)
    with pytest.raises(BadTable, match="Say which column is: amount"):
        Columns.of({"frm": "Von", "to": "An"})
    with pytest.raises(BadTable, match="There is no field colour"):
        Columns.of({"frm": "a", "to": "b", "amount": "c", "colour": "d"})


def test_decimals_of_a_table_hold_every_amount() -> None:
    assert decimals_needed([HEADER, row("1.5"), row("x")], LAUNDERNET) == 2
    lines = [HEADER, row("0.30000000000000004"), row("1e-3"), row("2.10")]
    assert decimals_needed(lines, LAUNDERNET) == 17
    assert read(lines, LAUNDERNET, 17)[1] == []


def test_list_of_addresses_is_read() -> None:
    lines = ["\ufeffAddress\r\n", A.upper().replace("X", "x") + "\r\n", "\n", f'"{B}",\n', A, "0x1"]
    found, bad = read_list(lines)
    assert found == [A, B]
    assert bad == [BadRow(6, "The address “0x1” is not 0x and 40 hexadecimal digits.")]
