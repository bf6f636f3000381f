"""soak: play a drill calmly and then with random kills, and compare what is left (`make soak`)."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.embedded import kills
from config.embedded.errors import EmbeddedError
from config.embedded.node import ROOT
from config.management.commands.run import node_options
from tracing.drills.fingerprint import differences
from tracing.drills.play import scenario_of, slugs


class Command(BaseCommand):
    help = (
        "Play a drill undisturbed, then once per seed with kill -9 of worker, beat and web at "
        "random blocks. Exit code 0 only when every play leaves the same rows and passes its "
        "checks. The last line of stdout is the result as JSON."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", default="kelpdao", choices=slugs())
        parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
        parser.add_argument("--kills", type=int, default=20, help="how many per play")
        parser.add_argument("--until", type=int, help="the last block to play; else all")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, until = options["slug"], options["until"]
        last = until or len(scenario_of(slug)["blocks"]) - 1
        try:
            began = time.monotonic()
            calm = kills.play(slug, node_options(slug), until=until)
            result = {
                "drill": slug,
                "commit": _commit(),
                "blocks": last,
                "calm": {"seconds": _since(began), "ok": calm.verdict["ok"]},
                "plays": [],
            }
            for seed in options["seeds"]:
                order = kills.random_kills(seed, options["kills"], last)
                self.stderr.write(f"Seed {seed}: {len(order)} kills ...")
                result["plays"].append(_one(slug, seed, order, calm, until))
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        result["ok"] = calm.verdict["ok"] and all(play["ok"] for play in result["plays"])
        self.stdout.write(json.dumps(result))
        if not result["ok"]:
            sys.exit(1)


def _one(
    slug: str, seed: int, order: list[kills.Kill], calm: kills.Outcome, until: int | None
) -> dict[str, Any]:
    """One play under kills, compared with the calm one."""
    began = time.monotonic()
    killed = kills.play(slug, node_options(slug), order, until=until)
    found = differences(calm.rows, killed.rows)
    return {
        "seed": seed,
        "seconds": _since(began),
        "kills": len(killed.recoveries),
        "recoveries": killed.recoveries,
        "rows_compared": sum(len(lines) for lines in killed.rows.values()),
        "differences": found,
        "checks": killed.verdict["checks"],
        "ok": not found and bool(killed.verdict["ok"]),
    }


def _since(began: float) -> float:
    return round(time.monotonic() - began, 1)


def _commit() -> str:
    """What was tested; "" outside of a clone."""
    argv = ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.stdout.strip()
