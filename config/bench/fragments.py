"""The attack on a queue: alternating dust, swept from address to address again and again."""

from __future__ import annotations

from typing import Any

from config.bench.clock import seconds
from tracing.core.flows.prepared import Prepared
from tracing.core.flows.queues import fifo

ROUND = 2000  # addresses that the sweeps go around


def figures(lots: int, sweeps: int) -> dict[str, Any]:
    """Cost of a sweep of so many alternating lots, by that of a sweep of one lot.

    Whole, the attack: everything goes to an empty address. Partial, which is harder: one unit stays
    behind each time and the recipient has some already, so that each sweep cuts and joins a tree.
    A sweep's cost is what sweeps add to the time of a table; a hundred would drown in the clock, so
    more are run.
    """
    found: dict[str, Any] = {"lots": lots, "sweeps": sweeps}
    for name, left in (("whole", 0), ("partial", 1)):
        dust = _per_sweep(_dust(lots), lots, sweeps, left)
        plain = _per_sweep([(0, 2, lots)], lots, sweeps, left)
        found[name] = {
            "us_per_sweep": round(dust * 1e6, 2),
            "uniform_us_per_sweep": round(plain * 1e6, 2),
            "ratio": round(dust / plain, 1),
        }
    return found


def _dust(lots: int) -> list[tuple[int, int, int]]:
    """One unit from the thief, one from a customer, in turns."""
    return [(at % 2, 2, 1) for at in range(lots)]


def _per_sweep(filling: list[tuple[int, int, int]], units: int, sweeps: int, left: int) -> float:
    rows = list(filling)
    held = [0] * (ROUND + 2)
    held[2] = units
    for number in range(sweeps):
        frm, to = 2 + number % ROUND, 2 + (number + 1) % ROUND
        amount = held[frm] - left
        rows.append((frm, to, amount))
        held[frm] -= amount
        held[to] += amount
    before, whole = _table(filling), _table(rows)
    spent = seconds(lambda: fifo(whole), 5) - seconds(lambda: fifo(before), 5)
    return max(spent, 1e-9) / sweeps


def _table(rows: list[tuple[int, int, int]]) -> Prepared:
    frm, to, amount = ([row[place] for row in rows] for place in range(3))
    is_source = bytearray(ROUND + 2)
    is_source[0] = 1
    return Prepared([str(at) for at in range(ROUND + 2)], frm, to, amount, is_source)
