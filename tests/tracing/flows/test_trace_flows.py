"""The command trace_flows: one JSON object, clear refusals, and no database."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.architecture.source import ROOT
from tests.tracing.flows.cases import HEADER, files, needs_cases

A, B, C = ("0x" + pair * 20 for pair in ("a1", "b2", "c3"))
FIELDS = [
    "policy",
    "version",
    "rows",
    "addresses",
    "sources",
    "reached",
    "exposed",
    "terminals_total",
    "terminals_reached",
    "usd_total",
    "usd_covered",
    "minted",
    "at_terminals",
    "elsewhere",
    "clean_opened",
    "conserved",
    "range",
    "seconds",
]


def run(table: Path, sources: Path, terminals: Path, *more: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    options = ("--sources", str(sources), "--terminals", str(terminals), *more)
    call_command("trace_flows", str(table), *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def small(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A table of two rows, the later one first; its source; its terminal."""
    rows = [f"2023-01-13 20:34:11,8,0xt2,{B},,{C},Exchange,6.25"]
    rows += [f"2023-01-13 20:33:11,7,0xt1,{A},Thief,{B},,10"]
    texts = ("\r\n".join([HEADER, *rows]), f"\ufeff{A}\r\n", f"{C}\n{'0x' + 'd4' * 20}\n")
    paths = tuple(tmp_path / name for name in ("f.csv", "s.csv", "t.csv"))
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, newline="")
    return paths[0], paths[1], paths[2]


def test_one_object_is_printed(small: tuple[Path, Path, Path]) -> None:
    out, err = run(*small, "--json")
    figures = json.loads(out, parse_float=str)
    assert list(figures) == FIELDS
    assert float(figures.pop("seconds")) >= 0
    assert figures == {
        "policy": "fifo",
        "version": figures["version"],
        "rows": 2,
        "addresses": 3,
        "sources": 1,
        "reached": 3,
        "exposed": 2,
        "terminals_total": 1,
        "terminals_reached": 1,
        "usd_total": "16.25",
        "usd_covered": "16.25",
        "minted": "10.00",
        "at_terminals": "6.25",
        "elsewhere": "3.75",
        "clean_opened": "0.00",
        "conserved": True,
        "range": {"low": "6.25", "high": "6.25"},
    }
    assert err == ""


def test_text_is_for_people(small: tuple[Path, Path, Path]) -> None:
    out, _ = run(*small, "--policy", "haircut")
    assert "reached            3 of 3 addresses, 1 of 1 terminals" in out
    assert "  at terminals     6.25 (62.5 %)" in out
    assert "adds up exactly: yes" in out


def test_poison_says_that_it_does_not_add_up(small: tuple[Path, Path, Path]) -> None:
    rows = [f"2023-01-13 20:35:11,9,0xt3,{A},,{B},,1", f"2023-01-13 20:35:11,9,0xt4,{B},,{C},,90"]
    small[0].write_text("\n".join([small[0].read_text(), *rows]))
    out, _ = run(*small, "--policy", "poison")
    assert "adds up exactly: no\nThis policy does not conserve value: read it as reach." in out


def test_finer_amounts_are_kept_exactly(small: tuple[Path, Path, Path]) -> None:
    small[0].write_text(small[0].read_text().replace("6.25", "6.255"))
    assert '"elsewhere":3.745,' in run(*small, "--json")[0]
    with pytest.raises(CommandError, match="1 line cannot be read"):
        run(*small, "--decimals", "2")


def test_amounts_are_numbers_without_binary_fractions(small: tuple[Path, Path, Path]) -> None:
    largest = f"{2**180}.123456789012345678"
    small[0].write_text(small[0].read_text().replace("6.25", largest))
    assert '"at_terminals":10.000000000000000000,"elsewhere"' in run(*small, "--json")[0]
    assert f'"usd_total":{2**180 + 10}.123456789012345678,' in run(*small, "--json")[0]


def test_columns_can_be_named(small: tuple[Path, Path, Path]) -> None:
    small[0].write_text(f"Von,An,Wert,Zeit\n{A},{B},10,1\n{B},{C},6.25,2\n")
    named = [f"--column={pair}" for pair in ("frm=Von", "to=An", "amount=Wert", "time=Zeit")]
    assert '"at_terminals":6.25,' in run(*small, "--json", *named)[0]
    with pytest.raises(CommandError, match="no known layout"):
        run(*small)


def test_what_is_odd_is_said(small: tuple[Path, Path, Path]) -> None:
    text = small[0].read_text()
    small[0].write_text(text + "\n" + text.splitlines()[-1] + "\n\n")
    small[1].write_text(f"{A}\n{'0x' + 'e5' * 20}\n")
    assert run(*small)[1].splitlines() == [
        "1 rows repeat another exactly; each counts as a transfer.",
        f"The source {'0x' + 'e5' * 20} sends nothing in this table.",
    ]


@pytest.mark.parametrize(
    ("place", "text", "said"),
    [
        (0, "", "The file is empty"),
        (0, "Block,From,To\n", "no known layout"),
        (0, HEADER + "\n", "has no rows"),
        (0, "\0", "zero byte"),
        (1, "", "names no source"),
        (1, "0x12\n", "1 line cannot be read"),
        (2, "0x12\n", "1 line cannot be read"),
    ],
)
def test_bad_file_is_refused(
    small: tuple[Path, Path, Path], place: int, text: str, said: str
) -> None:
    small[place].write_text(text)
    with pytest.raises(CommandError, match=said):
        run(*small, "--json")


def test_every_bad_row_is_named_and_nothing_is_printed(small: tuple[Path, Path, Path]) -> None:
    broken = small[0].read_text().replace("6.25", "six").replace(",7,", ",seven,")
    small[0].write_text(broken)
    done = command(*small)
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"{small[0]}:2: The amount “six”" in done.stderr
    assert f"{small[0]}:3: The block “seven”" in done.stderr
    assert "2 lines cannot be read; nothing was traced." in done.stderr


def command(table: Path, sources: Path, terminals: Path) -> subprocess.CompletedProcess[str]:
    """As a person runs it, and where no database answers."""
    environment = {**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}
    asked = ["trace_flows", str(table), "--sources", str(sources), "--terminals", str(terminals)]
    return subprocess.run(
        [sys.executable, "manage.py", *asked, "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@needs_cases
@pytest.mark.parametrize(
    ("case", "reached", "terminals", "coverage"), [("HB", 469, 11, 0.856), ("LIFI", 93, 33, 1.0)]
)
def test_real_thefts_are_traced_without_a_database(
    case: str, reached: int, terminals: int, coverage: float
) -> None:
    done = command(*files(case))
    figures: dict[str, Any] = json.loads(done.stdout)
    assert (figures["reached"], figures["addresses"]) == (reached, reached)
    assert (figures["terminals_reached"], figures["terminals_total"]) == (terminals, terminals)
    assert round(figures["usd_covered"] / figures["usd_total"], 3) == coverage
    assert figures["conserved"] is True
    assert done.returncode == 0
