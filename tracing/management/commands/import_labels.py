"""``manage.py import_labels``: labels of addresses from a file into the directory."""

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.exceptions import BadInput
from tracing import labels
from tracing.labels.base import Said
from tracing.services import label_import
from tracing.services.label_import import Imported


class Command(BaseCommand):
    help = (
        "Import labels (docs/how-to/import-labels.md). All of the file is taken or nothing; a "
        "repeat changes nothing, and no label of another source is touched."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        known = "; ".join(f"{slug}: {one.name}" for slug, one in labels.registry().items())
        parser.add_argument("format", choices=list(labels.registry()), help=known)
        parser.add_argument("file", type=Path)
        parser.add_argument("--chain", default="", help="CAIP-2 or a currency, of rows without one")
        parser.add_argument("--source", default="", help="of rows that name none")
        parser.add_argument("--dated", type=_day, help="day of the list (2026-01-31), where untold")
        parser.add_argument("--preview", action="store_true", help="count, write nothing")
        parser.add_argument("--skip-bad", action="store_true", help="take the rows that are right")

    def handle(self, *args: Any, **options: Any) -> None:
        said = Said(options["chain"], options["source"], options["dated"])
        try:
            with options["file"].open("rb") as stream:
                done = label_import.import_labels(
                    options["format"],
                    stream,
                    said,
                    preview=options["preview"],
                    skip_bad=options["skip_bad"],
                )
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        except BadInput as error:
            raise CommandError(f"Nothing was imported.\n{error.detail}") from error
        for row in done.bad[: label_import.MOST_SHOWN]:
            self.stderr.write(f"{row.place}: {row.reason}")
        for line in report(done):
            self.stdout.write(line)
        if options["preview"]:
            self.stdout.write("Preview: nothing was written.")


def report(done: Imported) -> list[str]:
    """What is told of an import, line by line."""
    lines = [
        f"labels: {done.new} new, {done.changed} changed, {done.same} unchanged, "
        f"{done.repeated} repeated in the file, {len(done.bad)} refused",
        f"services: {done.services} new",
    ]
    if done.conflicting:
        lines.append(f"{done.conflicting} address(es) on which sources disagree: all are kept.")
    if done.at_seeds:
        lines.append(
            f"{done.at_seeds} address(es) received stolen value first, by a trace's seeds: there "
            "the seed wins, and value is followed on."
        )
    if done.traces:
        lines.append(
            f"{done.traces} trace(s) on these chains: what is new acts on blocks applied from now "
            "on. What they booked before stays as it is."
        )
    return lines


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("write the day like 2026-01-31") from error
