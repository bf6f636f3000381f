"""``manage.py add_history``: ask an Etherscan-compatible history about the past of a chain."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incidents.exceptions import HoldfastError
from tracing.services import chains, histories


class Command(BaseCommand):
    help = (
        "Use a history like Etherscan's (API version 2) for looking back at addresses of a chain. "
        "It is asked first; nothing is kept of one that does not answer as it should."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("chain", help="CAIP-2 of a watched chain")
        parser.add_argument("--operator", required=True, help="whose history it is")
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--url", help="with its key, as ?apikey=...")
        where.add_argument("--url-file", type=Path, help="a file that holds the URL")

    def handle(self, **options: Any) -> None:
        try:
            url = options["url"] or options["url_file"].read_text().strip()
            (row,) = chains.watched_rows(options["chain"])
            histories.connect(row, operator=options["operator"].strip(), url=url)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None
        except HoldfastError as error:
            raise CommandError(f"{error.field}: {error.detail}") from error
        self.stdout.write(f"{row.name}: {options['operator']} is asked about the past.")
