"""The engine of the watcher by itself: transactions a second through ``apply_block``."""

from __future__ import annotations

from collections.abc import Iterator

from config.bench.clock import rate
from tracing.core.engine import apply_block
from tracing.core.state import TraceState
from tracing.core.types import BlockMovements, Movement, MovementKind, Seed, Transaction

CHAIN = "eip155:1"
ETH = f"{CHAIN}/slip44:60"
STOLEN = 10**24


def figures(count: int) -> dict[str, int]:
    """Blocks of strangers that are only looked at, and a peel that is followed."""
    return {
        "transactions": count,
        "iterate_per_s": rate(count, lambda: sum(1 for _ in strangers(count))),
        "skip_per_s": rate(count, lambda: follow(strangers(count))),
        "peel_per_s": rate(count // 10, lambda: follow(peel(count // 10))),
    }


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
