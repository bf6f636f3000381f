"""Write a freeze request's packet to a file or to standard output."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.exports.packet.base import packet_exports
from incidents.services import packets


class Command(BaseCommand):
    help = "Write the packet of a freeze request, by its reference, as PDF, CSV, XLSX or JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", help="such as HF-1A2B3C4D")
        parser.add_argument("--format", choices=sorted(packet_exports()), default="pdf")
        parser.add_argument("--out", type=Path, help="a file; otherwise standard output")
        parser.add_argument(
            "--signature", type=Path, help="also write the server's SSH signature of the manifest"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = packets.export(options["reference"], options["format"])
        if found is None:
            raise CommandError(f"There is no freeze request {options['reference']}.")
        if options["signature"]:
            if not found.signature:
                raise CommandError("It was never issued: nothing signed it.")
            options["signature"].write_text(found.signature)
        if options["out"]:
            options["out"].write_bytes(found.body)
            self.stderr.write(f"{options['out']}: SHA-256 {found.digest}")
        else:
            sys.stdout.buffer.write(found.body)
