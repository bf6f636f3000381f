"""load_desk_profiles: what an operator knows of desks, for every organization here."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.desks.facts import STARTER
from incidents.exceptions import BadInput
from incidents.services import desk_profiles


class Command(BaseCommand):
    help = (
        "Load profiles of desks from a file of the shape of the starter set. They go before the "
        "starter set, which needs no loading, and after an organization's own version. A repeat "
        "changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help=f"like {STARTER.name} in incidents/desks")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rows = json.loads(options["file"].read_text(encoding="utf-8"))["desks"]
            changed = desk_profiles.load(rows)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"This file cannot be read: {error}") from error
        except BadInput as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{changed} profiles are new or changed.")
