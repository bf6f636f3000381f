"""play_drill: play a drill's chain and cast into a running room (`make run` and `drill` use it)."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracing.drills import play
from tracing.drills.player import OutOfStepError, Pace

OUT_OF_STEP = 3  # exit code: node, journal and room have to be reset together


class Command(BaseCommand):
    help = "Play a drill into the running room; it goes on where it stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", choices=play.slugs())
        parser.add_argument("--journal", type=Path, help="where the play remembers its place")
        parser.add_argument("--speed", type=float, default=0.0, help="0: as fast as possible")
        parser.add_argument("--longest", type=float, default=1.0, help="longest pause, seconds")
        parser.add_argument("--until", type=int, help="the last block to play")
        parser.add_argument("--forks", type=int, default=0, help="so many more, at random places")
        parser.add_argument("--rows", type=Path, help="write a fingerprint of the rows here")
        parser.add_argument("--report", type=Path, help="write the verdict here as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DRILL:
            raise CommandError("Drills are played in drill mode only (HOLDFAST_DRILL=1).")
        pace = Pace(options["speed"], options["longest"]) if options["speed"] else None
        began = time.monotonic()
        try:
            outcome = play.play(
                options["slug"],
                settings.NODE_URL,
                site_url=settings.SITE_URL,
                pace=pace,
                journal=options["journal"],
                judge=options["report"] is not None,
                until=options["until"],
                rows=options["rows"],
                forks=options["forks"],
            )
        except OutOfStepError as error:
            self.stderr.write(str(error))
            raise SystemExit(OUT_OF_STEP) from error
        if options["report"] is not None:
            outcome["seconds"] = round(time.monotonic() - began, 1)
            options["report"].write_text(json.dumps(outcome))
        self.stderr.write("The drill has played to its end.")
