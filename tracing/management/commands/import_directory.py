"""``manage.py import_directory``: services, assets and labels from a file into the directory."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracing.services import directory_import, shipped

MOST_BYTES = 32 << 20


class Command(BaseCommand):
    help = (
        "Fill the directory (services, assets, labels) of a watched chain from a JSON file. All of "
        "the file is taken or nothing; a repeat changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        file = parser.add_mutually_exclusive_group(required=True)
        file.add_argument("file", nargs="?", type=Path, help="docs/how-to/fill-the-directory.md")
        file.add_argument("--starter", action="store_true", help="all facts that ship with this")
        parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["starter"]:
            self._starter(dry_run=options["dry_run"])
        else:
            self._file(options)

    def _starter(self, *, dry_run: bool) -> None:
        done = shipped.load(dry_run=dry_run)
        self.stdout.write(f"services: {done.new_services} new or with a desk that is new")
        self.stdout.write(f"assets: {done.new_assets} new or with an interface that is new")
        self.stdout.write(f"labels: {done.new_labels} new")
        if dry_run:
            self.stdout.write("Dry run: nothing was written.")

    def _file(self, options: dict[str, Any]) -> None:
        try:
            done = directory_import.import_directory(
                _parsed(options["file"]), dry_run=options["dry_run"]
            )
        except directory_import.BadDirectoryFile as error:
            raise CommandError(f"Nothing was imported.\n{error.detail}") from error
        self.stdout.write(f"services: {done.services}")
        self.stdout.write(f"assets: {done.assets}")
        self.stdout.write(f"labels: {done.labels}")
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written.")
        elif done.traces:
            self.stdout.write(
                f"{done.traces} trace(s) on {done.chain}: what is new acts on blocks applied "
                "from now on. What they booked before stays as it is."
            )


def _parsed(file: Path) -> object:
    """Raises CommandError where there is no file, or no JSON in it."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise CommandError(f"{file} is larger than {MOST_BYTES >> 20} MB.")
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{file} is not JSON: {error}") from error
