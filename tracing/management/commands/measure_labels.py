"""``manage.py measure_labels``: how much of a theft's ends the directory's labels recognise."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracing.core.flows import LAYOUTS, BadTable, Flow, decimals_needed, read, read_list
from tracing.services import label_figures


class Command(BaseCommand):
    help = "Print, as JSON, the share of the value at terminals that labels recognise."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("flows", type=Path, metavar="FLOWS.csv")
        parser.add_argument("--terminals", type=Path, required=True, help="one address a line")
        parser.add_argument("--chain", default="eip155:1", help="CAIP-2, of the addresses")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            flows, terminals = _flows(options["flows"]), _lines(options["terminals"])
            addresses, bad = read_list(terminals)
        except (BadTable, OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error
        if bad:
            raise CommandError(f"{options['terminals']} line {bad[0].line}: {bad[0].reason}")
        done = label_figures.recognised(flows, addresses, options["chain"])
        self.stdout.write(json.dumps(done.as_json()))


def _flows(path: Path) -> list[Flow]:
    """Every row of a table in the layout of LaunderNet. Raises BadTable."""
    lines, columns = _lines(path), LAYOUTS["laundernet"]
    flows, bad = read(lines, columns, max(2, decimals_needed(lines, columns)))
    if bad:
        raise BadTable(f"{path} line {bad[0].line}: {bad[0].reason}")
    return flows


def _lines(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(stream)
