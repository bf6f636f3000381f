"""``manage.py watch_chain``: have a chain watched through an endpoint of one's own."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.exceptions import HoldfastError
from tracing.services import chain_administration, endpoints


class Command(BaseCommand):
    help = (
        "Watch a chain through a JSON-RPC endpoint, or change its endpoint. The endpoint is asked "
        "first; nothing is kept of one that serves another chain."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("chain", help="CAIP-2, like eip155:1")
        parser.add_argument("--name", required=True, help="as people call it, like Ethereum")
        parser.add_argument(
            "--url",
            default=settings.NODE_URL,
            help="the endpoint; left out: HOLDFAST_NODE_URL, or the file in HOLDFAST_NODE_URL_FILE",
        )
        parser.add_argument(
            "--operator",
            default="local",
            help="whose endpoint it is; the same operator again replaces its URL",
        )
        parser.add_argument(
            "--ws-url",
            default="",
            help="where it tells of new blocks (ws:// or wss://), if it does",
        )
        parser.add_argument(
            "--quorum",
            type=int,
            help="how many operators must say the same of a block; left out: as it is",
        )
        parser.add_argument(
            "--start", type=int, help="first block to apply; left out: the newest one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["url"]:
            raise CommandError("Give --url, or set HOLDFAST_NODE_URL.")
        try:
            found = endpoints.connect(
                options["chain"],
                name=options["name"],
                url=options["url"],
                operator=options["operator"],
                start=options["start"],
                ws_url=options["ws_url"],
                quorum=options["quorum"],
            )
        except HoldfastError as error:
            raise CommandError(f"{error.field}: {error.detail}") from error
        chain = found.chain
        chain_administration.note_connected(chain, options["operator"])
        self.stdout.write(
            f"{chain.name} ({chain.caip2}) is watched through {found.host}, newest block "
            f"{found.head}."
        )
        if not found.has_traces:
            self.stderr.write(
                "This endpoint has no traces: value that moves inside of contracts is not seen. "
                "Use one with trace_block or debug_traceBlockByHash."
            )
        if not found.is_used:
            self.stderr.write("This operator's endpoint is in quarantine or off: it is not asked.")
        self.stdout.write(_of_quorum(found))


def _of_quorum(found: endpoints.Connected) -> str:
    count = len(found.operators)
    if found.quorum > 1:
        return f"A block is verified when {found.quorum} of {count} operators say the same."
    if count == 1:
        return "There is a single source: nobody to compare its blocks with."
    return (
        f"There are {count} operators, and one of them is believed. Give --quorum {count} to have "
        "blocks verified by comparing them."
    )
