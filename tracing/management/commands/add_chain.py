"""``manage.py add_chain``: a chain that ships, or one from a file of one's own, with endpoints."""

import sys
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.exceptions import BadInput, HoldfastError
from tracing.chains import shipped
from tracing.models import Chain
from tracing.services import chain_administration as administration
from tracing.services import shipped_chains

_WAYS = ("endpoint", "endpoint_file", "endpoint_env", "ws_file")


class Command(BaseCommand):
    help = (
        "Add a chain that ships with Holdfast, by name or CAIP-2, or one from a TOML file "
        "(docs/how-to/add-a-chain.md). Each endpoint is asked before it is kept. Again with the "
        "same operator replaces its URL."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("chain", nargs="?", help=f"{', '.join(shipped.shipped())}, or a file")
        parser.add_argument("--list", action="store_true", help="the chains that ship")
        told: dict[str, Any] = {"action": "append", "default": [], "metavar": "OPERATOR=WHERE"}
        parser.add_argument(
            "--endpoint-file", help="a file that holds the URL; - is the standard input", **told
        )
        parser.add_argument("--endpoint-env", help="a variable that holds the URL", **told)
        parser.add_argument(
            "--endpoint",
            help="the URL itself: it shows in the list of processes, so only one without a key",
            **told,
        )
        parser.add_argument("--ws-file", help="a file that holds the WebSocket URL", **told)
        parser.add_argument("--quorum", type=int, help="operators that must agree")
        parser.add_argument("--start", type=int, help="first block to apply; else the newest one")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"] or not options["chain"]:
            for name, one in shipped.shipped().items():
                self.stdout.write(f"{name:10} {one.caip2:14} {one.name}")
            return
        try:
            one = shipped_chains.definition(options["chain"])
            told = self._told(options)
            for fact in one.endpoints:
                told.setdefault(fact.operator, {}).update(fact=fact)
            row = administration.add_chain(one, by=None)
            self.stdout.write(f"{row.name} ({row.caip2}) is known here, with its tokens.")
            failed = [who for who, how in told.items() if not self._connect(row, who, how, options)]
            if options["quorum"] is not None:
                administration.set_quorum(row, options["quorum"], by=None)
        except HoldfastError as error:
            raise CommandError(error.detail) from None
        self._say_quorum(row)
        if failed:
            raise CommandError(f"Not kept: {', '.join(failed)}.")

    def _told(self, options: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """By operator, how its URLs are given. Raises BadInput."""
        found: dict[str, dict[str, Any]] = {}
        for way in _WAYS:
            for text in options[way]:
                operator, equals, where = text.partition("=")
                if not equals or not operator.strip() or not where:
                    raise BadInput(f"Write --{way.replace('_', '-')} OPERATOR=WHERE.")
                found.setdefault(operator.strip(), {})[way] = where
        return found

    def _connect(
        self, chain: Chain, operator: str, how: dict[str, Any], options: dict[str, Any]
    ) -> bool:
        try:
            kind, url, ws_url = self._urls(how)
            known = administration.find_endpoint(chain, operator, kind)
            if known is None:
                start = options["start"] if kind == "rpc" else None
                # After the first endpoint the start is settled.
                options["start"] = None if kind == "rpc" else options["start"]
                asked = administration.add_endpoint(
                    chain, operator, url, ws_url=ws_url, kind=kind, start=start, by=None
                )
            else:
                asked = administration.change_endpoint(known, url, ws_url=ws_url, by=None)
        except HoldfastError as error:
            self.stderr.write(f"{operator}: {error.detail}")
            return False
        head = "" if asked.head is None else f", newest block {asked.head}"
        self.stdout.write(f"{operator}: kept{head}.")
        if not asked.has_traces:
            self.stderr.write(
                f"{operator} has no traces: value that moves inside of contracts is not seen by it."
            )
        return True

    def _urls(self, how: dict[str, Any]) -> tuple[str, str, str]:
        """Kind, URL and WebSocket URL. Raises BadInput; no URL is in its message."""
        fact = how.get("fact")
        kind = fact.kind if fact else "rpc"
        url, ws_url = shipped_chains.urls_of(fact) if fact else ("", "")
        if where := how.get("endpoint_file"):
            url = (
                sys.stdin.readline().strip()
                if where == "-"
                else shipped_chains.url_from(file=where)
            )
        elif where := how.get("endpoint_env"):
            url = shipped_chains.url_from(variable=where)
        elif where := how.get("endpoint"):
            url = where
            parts = urlsplit(url)
            if parts.username or parts.password or parts.query or len(parts.path) > 1:
                self.stderr.write(
                    "This URL may hold a key and shows in the list of processes and the shell's "
                    "history: use --endpoint-file or --endpoint-env."
                )
        if where := how.get("ws_file"):
            ws_url = shipped_chains.url_from(file=where)
        return kind, url, ws_url

    def _say_quorum(self, chain: Chain) -> None:
        operators, quorum = administration.voices(chain)
        if quorum == 1:
            self.stdout.write("One operator is believed alone: a single source.")
        elif operators < quorum:
            self.stdout.write(
                f"{quorum} operators must agree and {operators} can answer: no block becomes "
                "verified until there are more."
            )
        else:
            self.stdout.write(f"A block is verified when {quorum} of {operators} operators agree.")
