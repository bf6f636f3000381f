"""``manage.py export_labels``: the directory's labels as a TagPack, to standard output."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.exceptions import BadInput
from tracing import labels
from tracing.services import label_export


class Command(BaseCommand):
    help = "Write the directory's labels (none of a room's own) to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", default="tagpack", choices=list(labels.registry()))
        parser.add_argument("--chain", default="", help="CAIP-2; without it every chain")
        parser.add_argument("--source", default="", help="of this source only")
        parser.add_argument("--title", default="Holdfast directory")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = {name: options[name] for name in ("title", "chain", "source")}
        try:
            for piece in label_export.export_labels(options["format"], **asked):
                self.stdout.write(piece, ending="")
        except BadInput as error:
            raise CommandError(error.detail) from error
