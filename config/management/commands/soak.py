"""soak: play a drill calmly and then with random kills, and compare what is left (`make soak`)."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.embedded import kills
from config.embedded.errors import EmbeddedError
from config.embedded.node import ROOT
from config.management.commands.run import node_options
from tracing.drills.fingerprint import differences
from tracing.drills.forks import with_forks
from tracing.drills.play import scenario_of, slugs


class Command(BaseCommand):
    help = (
        "Play a drill undisturbed, then once per seed with kill -9 of workers, beat, web, "
        "PostgreSQL, one of its sessions, Redis, and FLUSHALL, at random blocks. Exit code 0 only "
        "when every play leaves the same rows and passes its checks. The last line of stdout is "
        "the result as JSON."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", default="kelpdao", choices=slugs())
        parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
        parser.add_argument("--kills", type=int, default=28, help="how many per play")
        parser.add_argument("--forks", type=int, default=12, help="more than the drill has")
        parser.add_argument("--until", type=int, help="the last block to play; else all")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, until, forks = options["slug"], options["until"], options["forks"]
        scenario = with_forks(scenario_of(slug), forks, forks)
        last = until or len(scenario["blocks"]) - 1
        tips = [fork["at"] + fork["depth"] - 1 for fork in scenario["forks"]]
        play = partial(kills.play, slug, node_options(slug), until=until, forks=forks)
        try:
            began = time.monotonic()
            calm = play()
            result = {
                "drill": slug,
                "commit": _commit(),
                "blocks": last,
                "forks": [(fork["at"], fork["depth"]) for fork in scenario["forks"]],
                "calm": {"seconds": _since(began), "ok": calm.verdict["ok"]},
                "plays": [],
            }
            for seed in options["seeds"]:
                order = kills.random_kills(seed, options["kills"], last, tips)
                self.stderr.write(f"Seed {seed}: {len(order)} kills ...")
                result["plays"].append(_one(seed, partial(play, order), calm, last))
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        result["ok"] = calm.verdict["ok"] and all(play["ok"] for play in result["plays"])
        self.stdout.write(json.dumps(result))
        if not result["ok"]:
            sys.exit(1)


def _one(
    seed: int, play: Callable[[], kills.Outcome], calm: kills.Outcome, last: int
) -> dict[str, Any]:
    """One play under kills, compared with the calm one."""
    began = time.monotonic()
    killed = play()
    found = differences(calm.rows, killed.rows)
    costs = killed.recoveries
    in_time = [cost for cost in costs if cost["block"] < last]  # the chain had not ended yet
    return {
        "seed": seed,
        "seconds": _since(began),
        "kills": len(in_time),
        "by_victim": Counter(name for cost in in_time for name in cost["killed"]),
        "longest_s": {
            sign: max((cost[sign] for cost in costs if sign in cost), default=None)
            for sign in ("watch_s", "tasks_s", "web_s")
        },
        "recoveries": costs,
        "rows_compared": sum(len(lines) for lines in killed.rows.values()),
        "reorgs_handled": killed.verdict["reorgs_handled"],
        "alerts_withdrawn": killed.verdict["alerts_withdrawn"],
        "differences": found,
        "untold": killed.verdict["untold"],
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
