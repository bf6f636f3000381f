"""Trace a table of transfers that somebody handed over. Needs no database."""

from __future__ import annotations

import re
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from tracing.core.amounts import MAX_DECIMALS
from tracing.core.flows import (
    LAYOUTS,
    BadRow,
    BadTable,
    Columns,
    Flow,
    TableFigures,
    decimals_needed,
    detect,
    header_of,
    read,
    read_list,
    trace_table,
)
from tracing.core.policies.names import PolicyName
from tracing.drills.precision import NoiseFigures, judge


class Command(BaseCommand):
    help = (
        "Follow what the sources of a table of transfers sent, under a policy, and say where it "
        "lies. Every row that cannot be read is named; then nothing is traced."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = [policy.value for policy in PolicyName]
        layouts = ", ".join(LAYOUTS)
        parser.add_argument("flows", type=Path, metavar="FLOWS.csv")
        parser.add_argument("--sources", type=Path, required=True, help="one address a line")
        parser.add_argument("--terminals", type=Path, required=True, help="one address a line")
        parser.add_argument("--policy", choices=names, default=PolicyName.FIFO.value)
        parser.add_argument("--layout", choices=[*LAYOUTS], help=f"{layouts}; else by the header")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="FIELD=NAME",
            help="which column is frm, to, amount, block, time, tx, frm_label or to_label",
        )
        parser.add_argument(
            "--decimals", type=int, help="of the amounts; else 2, or more where a row has more"
        )
        parser.add_argument(
            "--noise",
            type=int,
            metavar="SEED",
            help="beside the result: how precise FIFO stays in ten times as much other traffic",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        began = time.perf_counter()
        try:
            flows, decimals = self._table(options)
            sources = self._list(options["sources"])
            terminals = self._list(options["terminals"])
        except BadTable as error:
            raise CommandError(str(error)) from None
        if not sources:
            raise CommandError(f"{options['sources']} names no source.")
        self._note(flows, sources)
        result = trace_table(flows, sources, terminals, options["policy"])
        seconds = round(time.perf_counter() - began, 3)
        figures = result.figures(decimals)
        noise = None
        if options["noise"] is not None:
            noise = _noise(flows, sources, terminals, options["noise"], decimals)
        if options["json"]:
            more = {} if noise is None else {"noise": noise}
            told = orjson.dumps(_numbers({**figures, "seconds": seconds, **more}))
            self.stdout.write(told.decode())
            return
        self.stdout.write(_as_text(figures, seconds))
        if noise is not None:
            self.stdout.write(_noise_as_text(noise))

    def _table(self, options: dict[str, Any]) -> tuple[list[Flow], int]:
        path = options["flows"]
        lines = _lines(path)
        columns = _columns(lines, options)
        decimals = options["decimals"]
        if decimals is None:
            decimals = decimals_needed(lines, columns)
        if not 0 <= decimals <= MAX_DECIMALS:
            raise CommandError(f"Amounts have 0 to {MAX_DECIMALS} decimals, not {decimals}.")
        flows, bad = read(lines, columns, decimals)
        self._refuse(path, bad)
        if not flows:
            raise CommandError(f"{path} has no rows.")
        return flows, decimals

    def _list(self, path: Path) -> list[str]:
        found, bad = read_list(_lines(path))
        self._refuse(path, bad)
        return found

    def _refuse(self, path: Path, bad: Sequence[BadRow]) -> None:
        for row in bad:
            self.stderr.write(f"{path}:{row.line}: {row.reason}")
        if bad:
            rows = "1 line" if len(bad) == 1 else f"{len(bad)} lines"
            raise CommandError(f"{path}: {rows} cannot be read; nothing was traced.")

    def _note(self, flows: Sequence[Flow], sources: Sequence[str]) -> None:
        """What a person should know, beside the result."""
        alike = len(flows) - len(
            {(f.time, f.block, f.tx, f.frm, f.to, f.amount, f.frm_label, f.to_label) for f in flows}
        )
        if alike:
            self.stderr.write(f"{alike} rows repeat another exactly; each counts as a transfer.")
        senders = {flow.frm for flow in flows}
        for source in sources:
            if source not in senders:
                self.stderr.write(f"The source {source} sends nothing in this table.")


def _lines(path: Path) -> list[str]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return list(file)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is no UTF-8 text: byte {error.start} is wrong.") from None


def _columns(lines: Sequence[str], options: dict[str, Any]) -> Columns:
    if options["column"]:
        pairs = [pair.partition("=") for pair in options["column"]]
        return Columns.of({field.strip(): name.strip() for field, _, name in pairs})
    layout = options["layout"] or detect(header_of(lines))
    if layout is None:
        names = ", ".join(header_of(lines))[:200]
        raise BadTable(f"The columns are of no known layout ({names}): name them with --column.")
    return LAYOUTS[layout]


def _noise(
    flows: Sequence[Flow],
    sources: Sequence[str],
    terminals: Sequence[str],
    seed: int,
    decimals: int,
) -> NoiseFigures:
    if decimals < 2:
        raise CommandError("Noise is made of cents: read the table with two decimals or more.")
    return judge(flows, sources, terminals, seed, decimals)


def _noise_as_text(noise: NoiseFigures) -> str:
    lines = [f"noise, seed {noise['seed']} (FIFO; the target is for hubs that are routers):"]
    for kind, f in noise["hubs"].items():
        lines.append(
            f"  {kind:<10} precision {f['precision']:.4f} "
            f"({f['precision_without_hubs']:.4f} without {f['at_hubs']} at hubs), "
            f"reached {f['reached']} of {noise['addresses']}, {f['rows']} rows"
        )
    return "\n".join(lines)


def _numbers(value: Any) -> Any:
    """Amounts as JSON numbers with every decimal they have: no binary fraction comes near them."""
    if isinstance(value, dict):
        return {name: _numbers(part) for name, part in value.items()}
    if isinstance(value, str) and re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        return orjson.Fragment(value.encode())
    return value


def _as_text(figures: TableFigures, seconds: float) -> str:
    f = figures
    share = _percent(f["usd_covered"], f["usd_total"])
    at_ends = _percent(f["at_terminals"], f["minted"])
    warning = "" if f["conserved"] else "\nThis policy does not conserve value: read it as reach."
    return (
        f"{f['rows']} rows, {f['addresses']} addresses, {f['sources']} sources; "
        f"policy {f['policy']} ({f['version']}), {seconds} s\n"
        f"reached            {f['reached']} of {f['addresses']} addresses, "
        f"{f['terminals_reached']} of {f['terminals_total']} terminals\n"
        f"value covered      {f['usd_covered']} of {f['usd_total']} ({share})\n"
        f"stolen (minted)    {f['minted']}\n"
        f"  at terminals     {f['at_terminals']} ({at_ends})\n"
        f"  elsewhere        {f['elsewhere']}\n"
        f"  over policies    {f['range']['low']} to {f['range']['high']} at terminals\n"
        f"history incomplete {f['clean_opened']} of clean value opened for deficits\n"
        f"exposed            {f['exposed']} addresses; adds up exactly: "
        f"{'yes' if f['conserved'] else 'no'}{warning}"
    )


def _percent(part: str, whole: str) -> str:
    """Of two amounts with as many decimals; to a tenth, rounded down."""
    of, all_of = int(part.replace(".", "")), int(whole.replace(".", ""))
    tenths = of * 1000 // all_of if all_of else 0
    return f"{tenths // 10}.{tenths % 10} %"
