"""whose_copy: name the recipient whose copy of a request a text or PDF comes from."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.exceptions import HoldfastError
from incidents.services import copies


class Command(BaseCommand):
    help = "Name the recipient whose copy of a freeze request a text or PDF comes from."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", help="HF-...")
        parser.add_argument("file", type=Path, help="what turned up: text, a saved page, a PDF")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = copies.whose(options["reference"], options["file"].read_bytes())
        except (HoldfastError, OSError) as error:
            raise CommandError(str(error)) from error
        for copy in found:
            told = copy.likeness
            word = "yes" if told.is_it else "no"
            why = "its number" if told.is_named else f"{told.agrees} alike, {told.differs} not"
            self.stdout.write(f"{word}  {copy.recipient}  ({why})")
        if not any(copy.likeness.is_it for copy in found):
            raise CommandError("no copy of this request fits")
