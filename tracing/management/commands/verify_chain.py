"""``manage.py verify_chain``: are the rows of a chain whole, and are they what the chain says?"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from itertools import chain as joined
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incidents.exceptions import BadInput
from tracing.models import Chain
from tracing.services import deep, gaps
from tracing.services.chains import watched_rows


class Command(BaseCommand):
    help = (
        "Check that the applied blocks of a chain are without gap and linked, that nothing is "
        "doubled or lost, and with --deep that the endpoints still say the same. Exit code 1 where "
        "anything is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("chain", nargs="?", help="CAIP-2; left out: every watched chain")
        parser.add_argument("--from", type=int, dest="first", help="lowest block to look at")
        parser.add_argument("--to", type=int, dest="last", help="highest block to look at")
        parser.add_argument(
            "--deep",
            action="store_true",
            help="read the blocks again; without --from and --to, replay every trace too",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        try:
            rows = watched_rows(options["chain"])
        except BadInput as error:
            raise CommandError(error.detail) from error
        found = {row.caip2: self._flaws(row, **options) for row in rows}
        if options["json"]:
            told = {name: [vars(flaw) for flaw in flaws] for name, flaws in found.items()}
            self.stdout.write(json.dumps({"is_whole": not any(found.values()), "chains": told}))
        else:
            for row in rows:
                self._say(row, found[row.caip2])
        count = sum(len(flaws) for flaws in found.values())
        if count:
            raise CommandError(f"{count} finding{'s' if count > 1 else ''}.")

    def _flaws(self, row: Chain, **options: Any) -> list[gaps.Flaw]:
        first, last = options["first"], options["last"]
        flaws = gaps.look(row, first, last)
        if options["deep"]:
            again = deep.read_again(row, first, last)
            whole = first is None and last is None
            flaws += joined(again, deep.replayed(row) if whole else ())
        return flaws

    def _say(self, row: Chain, flaws: list[gaps.Flaw]) -> None:
        if not flaws:
            self.stdout.write(f"{row.caip2}: whole from {row.first_number} to {row.cursor_number}.")
        for flaw in flaws:
            self.stdout.write(f"{row.caip2}: {flaw.kind}: {flaw.text}")
