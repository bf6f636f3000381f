"""bench: figures of speed and precision, and what they are compared with in the same run."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.bench import report, run
from config.embedded.errors import EmbeddedError
from config.management.commands.drill import play_alone

KEPT = ("ok", "blocks", "transfers", "seconds", "blocks_per_second", "alert_latency_ms")


class Command(BaseCommand):
    help = (
        "Measure tracing in memory and into a database, reach and precision on real thefts, and a "
        "whole drill. Prints one table, and the same as one line of JSON; asserts nothing."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--short", action="store_true", help="every figure, small, no drill")
        parser.add_argument("--no-drill", action="store_true")
        parser.add_argument(
            "--only", nargs="+", choices=run.PARTS, help="these parts, and no drill", metavar="PART"
        )
        parser.add_argument("--json", action="store_true", help="only the line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        sizes = run.SHORT if options["short"] else run.LONG
        try:
            figures = run.measure(sizes, self._say, options["only"] or run.PARTS)
            if not (options["short"] or options["no_drill"] or options["only"]):
                self._say("drill")
                verdict = play_alone("kelpdao")
                figures["drill"] = {name: verdict[name] for name in KEPT}
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        except subprocess.CalledProcessError as error:
            raise CommandError(f"A part of the bench broke off: {error}") from error
        if not options["json"]:
            self.stdout.write(report.table(figures))
        self.stdout.write(json.dumps(figures))

    def _say(self, what: str) -> None:
        self.stderr.write(f"bench: {what} ...")
