"""Print the transfers of a block that was saved as JSON-RPC answers. Needs no database."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracing.chains.errors import ChainError
from tracing.chains.saved import CHAINS, decode_saved, transfer_rows
from tracing.core.errors import InvalidIdentifier


class Command(BaseCommand):
    help = (
        "Decode a block from files: each a bare result, a JSON-RPC response, or a list of "
        "{request, response}. At least one file is needed; more files tell more."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = ", ".join(CHAINS)
        parser.add_argument("--chain", required=True, help=f"{names}, or like eip155:1")
        parser.add_argument("--block", type=Path, help="eth_getBlockByNumber with transactions")
        parser.add_argument("--receipts", type=Path, help="eth_getBlockReceipts")
        parser.add_argument("--traces", type=Path, help="trace_block, callTracer or flatCallTracer")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        files = [options["block"], options["receipts"], options["traces"]]
        if not any(files):
            raise CommandError("Give at least one of --block, --receipts and --traces.")
        try:
            texts = [None if file is None else Path(file).read_bytes() for file in files]
            rows = transfer_rows(decode_saved(options["chain"], *texts))
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None
        except (ChainError, InvalidIdentifier) as error:
            raise CommandError(str(error)) from None
        if files[0] is not None and files[1] is None and files[2] is None:
            self.stderr.write("Without receipts or traces, failed transactions count as done.")
        if options["json"]:
            self.stdout.write(json.dumps({"transfers": rows}))
            return
        for row in rows:
            self.stdout.write(
                f"{row['position']:>6} {row['kind']:<10} {row['from']} -> {row['to']} "
                f"{row['amount']} {row['asset']} {row['tx']}"
            )
