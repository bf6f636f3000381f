"""drill: play a drill at full speed in a stack of its own, and judge it."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.embedded import ports
from config.embedded.errors import EmbeddedError
from config.embedded.mailbox import Mailbox
from config.embedded.room import Room
from config.embedded.stack import Stack
from config.management.commands.run import LONGEST, SPEED, node_options
from tracing.drills.play import slugs

PATIENCE = 900.0


class Command(BaseCommand):
    help = (
        "Play a drill headless, in services and a database of its own that are removed "
        "afterwards. Exit code 0 only when the outcome equals the oracle's and every check holds."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", choices=slugs())
        parser.add_argument("--headless", action="store_true", help="without a browser")
        parser.add_argument("--json", action="store_true", help="the verdict as the last line")
        parser.add_argument(
            "--paced", action="store_true", help="on the clock of `make run`, not at full speed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["headless"]:
            raise CommandError("To watch a drill in a browser: make run. Else: --headless.")
        try:
            verdict = play_alone(options["slug"], paced=options["paced"])
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(verdict))
        else:
            self.stdout.write(json.dumps(verdict, indent=2))
        if not verdict["ok"]:
            sys.exit(1)


def play_alone(slug: str, *, paced: bool = False) -> dict[str, Any]:
    """The verdict of one play in a scratch stack.

    :raises EmbeddedError: something did not start, or the play broke off.
    """
    with Mailbox() as mails, Stack.scratch(node_options=node_options(slug)) as stack:
        extra = {"HOLDFAST_DRILL": "1", "HOLDFAST_LOG": "WARNING"}
        extra["HOLDFAST_DRILL_SMTP_PORT"] = str(mails.port)
        room = Room(stack, ports.any_free(), extra)
        room.migrate()
        room.start()
        return play_in(room, slug, paced=paced) | {"mails_taken": mails.taken}


def play_in(room: Room, slug: str, *, paced: bool = False) -> dict[str, Any]:
    """Play in a room that runs, and read the verdict.

    :raises EmbeddedError: the player ended without one.
    """
    report = room.stack.var / "verdict.json"
    pace = ("--speed", SPEED, "--longest", LONGEST) if paced else ()
    room.start_player(slug, "--report", str(report), *pace)
    code = room.stack.supervisor.wait_ended("player", timeout=PATIENCE)
    if code or not report.exists():
        log = (room.stack.var / "log" / "player.log").read_text(errors="replace")
        raise EmbeddedError(f"The play broke off (exit code {code}):\n{log[-4000:]}")
    verdict: dict[str, Any] = json.loads(report.read_text())
    return verdict
