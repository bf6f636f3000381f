"""bench: figures of speed, as ratios within one run where a machine is shared and noisy."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.embedded.errors import EmbeddedError
from config.management.commands.drill import play_alone
from tracing.core.engine import apply_block
from tracing.core.state import TraceState
from tracing.core.types import BlockMovements, Movement, MovementKind, Seed, Transaction

CHAIN = "eip155:1"
ETH = f"{CHAIN}/slip44:60"
STOLEN = 10**24


class Command(BaseCommand):
    help = "Measure the taint engine alone, then a whole drill with every process."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--transactions", type=int, default=100_000)
        parser.add_argument("--no-drill", action="store_true", help="the engine only")

    def handle(self, *args: Any, **options: Any) -> None:
        count = options["transactions"]
        figures: dict[str, Any] = {
            "machine": platform.platform(),
            "transactions": count,
            "iterate_per_s": rate(count, lambda: sum(1 for _ in strangers(count))),
            "skip_per_s": rate(count, lambda: follow(strangers(count))),
            "peel_per_s": rate(count // 10, lambda: follow(peel(count // 10))),
        }
        if not options["no_drill"]:
            figures["drill"] = self._drill()
        self.stdout.write(json.dumps(figures, indent=2))

    def _drill(self) -> dict[str, Any]:
        try:
            verdict = play_alone("kelpdao")
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        kept = ("ok", "blocks", "transfers", "seconds", "blocks_per_second", "alert_latency_ms")
        return {name: verdict[name] for name in kept}


def rate(count: int, work: Any) -> int:
    """Transactions per second, the best of three."""
    best = 0.0
    for _ in range(3):
        began = time.perf_counter()
        work()
        best = max(best, count / (time.perf_counter() - began))
    return round(best)


def follow(transactions: Iterator[Transaction]) -> None:
    """Seed one address and apply everything as one block."""
    theft = _send(0, "0xvictim", "0xp0", STOLEN)
    block = BlockMovements(CHAIN, 1, "0xb", "0xa", 0, (theft, *transactions))
    seed = Seed("s", CHAIN, theft.tx, "0xp0", ETH, STOLEN)
    apply_block(
        TraceState(),
        block,
        seeds=[seed],
        kinds={},
        assets={},
        balances={},
        prices={},
        thresholds={},
    )


def strangers(count: int) -> Iterator[Transaction]:
    """Transfers that touch nobody who is followed."""
    return (_send(i, f"0xa{i % 5000}", f"0xc{i % 7000}", i + 1) for i in range(1, count + 1))


def peel(count: int) -> Iterator[Transaction]:
    """One chain of addresses, each keeping a little and passing on the rest."""
    return (_send(i, f"0xp{i - 1}", f"0xp{i}", STOLEN - i) for i in range(1, count + 1))


def _send(index: int, frm: str, to: str, amount: int) -> Transaction:
    movement = Movement(index, MovementKind.NATIVE, ETH, frm, to, amount)
    return Transaction(f"0xt{index}", index, frm, to, (movement,))
