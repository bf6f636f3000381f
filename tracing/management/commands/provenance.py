"""Replay an exported provenance document. Needs no database and no network."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracing.core.provenance import ListRefused
from tracing.core.provenance_file import NotADocument, differences, replayed

LARGEST = 256 * 1024 * 1024


class Command(BaseCommand):
    help = (
        "Compute the number of a provenance document (JSON, as a trace's page exports it) again "
        "from its lines alone, and say whether it is the one that the file states."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--replay", required=True, type=Path, metavar="FILE.json")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        document = self._read(options["replay"])
        try:
            wrong = differences(document)
            amounts = None if wrong else replayed(document)
        except (NotADocument, ListRefused) as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            units = None if amounts is None else str(amounts.units)
            self.stdout.write(json.dumps({"stands": not wrong, "units": units, "wrong": wrong}))
        elif amounts is not None:
            account = document["account"]
            self.stdout.write(
                f"{len(document['lines'])} lines give {amounts.units} base units of "
                f"{account['asset']} at {account['address']}, as the file states."
            )
        if wrong:
            raise CommandError("The file does not stand:\n" + "\n".join(f"- {w}" for w in wrong))

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            if path.stat().st_size > LARGEST:
                raise CommandError(f"{path}: larger than {LARGEST} bytes.")
            return dict(json.loads(path.read_bytes()))
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None
        except (ValueError, TypeError):
            raise CommandError(f"{path}: this is no JSON object.") from None
