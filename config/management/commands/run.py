"""run: everything at once, with the drill playing (`make run`)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.embedded import ports
from config.embedded.errors import EmbeddedError
from config.embedded.node import NodeOptions
from config.embedded.reset import VAR
from config.embedded.room import Room
from config.embedded.stack import Stack
from tracing.drills import node
from tracing.drills.play import scenario_of, slugs
from tracing.management.commands.play_drill import OUT_OF_STEP

# A little more than two blocks a second: the whole drill in about three minutes.
SPEED, LONGEST = "120", "0.45"


class Command(BaseCommand):
    help = "Start PostgreSQL, Redis, a chain node, web, worker, beat, and play the drill."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--drill", default="kelpdao", choices=slugs())
        parser.add_argument("--no-drill", action="store_true", help="a plain room, no exercise")
        parser.add_argument("--var", type=Path, default=VAR, help="where the data lives")

    def handle(self, *args: Any, **options: Any) -> None:
        drill = "" if options["no_drill"] else options["drill"]
        try:
            self._say("Starting PostgreSQL, Redis and the chain node ...")
            with Stack(
                options["var"],
                node=bool(drill),
                node_options=node_options(drill, options["var"]) if drill else None,
                say=self._say,
            ) as stack:
                self._run(stack, ports.claim("HOLDFAST_PORT"), drill)
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        self._say("Everything has stopped.")

    def _run(self, stack: Stack, port: int, drill: str) -> None:
        room = Room(stack, port, {"HOLDFAST_DRILL": "1"} if drill else {})
        self._say("Bringing the database up to date ...")
        room.migrate()
        self._say("Starting web, worker and beat ...")
        room.start()
        if drill:
            self._start_drill(room, drill)
        where = f"{room.url}/drill/" if drill else room.url
        self._say("Ctrl-C stops everything; a second run goes on from the same data.")
        self._say(f"Ready. Open {where}")
        stack.supervisor.run_until_signal()
        self._say("Stopping ...")

    def _start_drill(self, room: Room, drill: str) -> None:
        journal = room.stack.var / "drill" / f"{drill}.journal"
        journal.parent.mkdir(parents=True, exist_ok=True)
        self._say(
            "The drill goes on where it stopped; its chain was kept."
            if journal.exists()
            else "The drill begins: a theft is about to happen."
        )
        self._play(room, drill, journal)
        time.sleep(2.0)
        if room.stack.supervisor.is_running("player"):
            return
        if room.stack.supervisor.wait_ended("player", timeout=5) == OUT_OF_STEP:
            self._reset(room, drill, journal)

    def _play(self, room: Room, drill: str, journal: Path) -> None:
        room.start_player(drill, "--journal", str(journal), "--speed", SPEED, "--longest", LONGEST)

    def _reset(self, room: Room, drill: str, journal: Path) -> None:
        """Node and room do not belong together any more: begin again, and say so."""
        self._say("The chain was lost or is another one: node, room and drill begin anew.")
        room.stop_processes()
        if room.stack.postgres is None or room.stack.node is None:
            raise CommandError(
                "Database or node are configured, not embedded: reset them together yourself."
            )
        room.stack.postgres.drop_database("holdfast")
        room.stack.postgres.create_database("holdfast")
        room.stack.node.call("anvil_reset")
        journal.unlink(missing_ok=True)
        (room.stack.var / "node" / "state.json").unlink(missing_ok=True)
        room.migrate()
        room.start()
        self._play(room, drill, journal)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def node_options(drill: str, var: Path | None = None) -> NodeOptions:
    """The drill's chain. With ``var`` its state is kept there, beside the data."""
    wanted = node.options(scenario_of(drill))
    return NodeOptions(**wanted, state=var / "node" / "state.json" if var else None)
