"""verify_ledger: recompute every leaf and head of one incident or all."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.services import ledger


class Command(BaseCommand):
    help = "Recompute the chained leaves of the ledger. Exit code 1 when anything does not fit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", help="an incident's slug (default: all)")

    def handle(self, *args: Any, **options: Any) -> None:
        incidents = ledger.incidents(options["slug"])
        if options["slug"] and not incidents:
            raise CommandError(f"no incident {options['slug']}")
        faults = 0
        for incident in incidents:
            found = list(ledger.verify(incident))
            faults += len(found)
            for fault in found:
                self.stderr.write(f"{incident.slug} #{fault.seq}: {fault.reason}")
            if not found:
                self.stdout.write(f"{incident.slug}: {incident.next_seq - 1} entries, all fit")
        if faults:
            raise CommandError(f"{faults} faults")
