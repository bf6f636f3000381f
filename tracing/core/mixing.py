"""How well a withdrawal from a mixer fits what went in. Arithmetic on what a watcher counted.

No score is a proof: the sum of the parts is capped, and whoever mixes can make any of them.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST = 75  # percent: what no coincidence of this kind goes beyond
OWN_RETURN = 95  # the contract itself says that a depositor took back what it had put in
HOUR, DAY, WEEK = 3_600, 86_400, 604_800


@dataclass(frozen=True, slots=True)
class Coincidences:
    """What is known when something comes out of a pool that took in stolen value.

    ``tainted`` and ``others``: deposits of the trace and of everybody else since its first one;
    the pool's older deposits are not counted, so the share is at most what it looks like.
    ``nth``: how many withdrawals this recipient had from the pool, this one included. ``seconds``:
    since the trace's last deposit. ``is_met``: the recipient, or who relayed, holds or held value
    of the trace outside of the pool.
    """

    tainted: int
    others: int
    nth: int
    seconds: int
    is_fresh: bool  # the recipient had no code and no coin before
    has_relayer: bool
    is_met: bool
    is_return: bool = False


def parts(seen: Coincidences) -> dict[str, int]:
    """The points of a withdrawal by reason, in percent; they are added up by `score`."""
    tainted = max(1, seen.tainted)
    found = {
        "share of the deposits since": 25 * tainted // (tainted + seen.others),
        "time since the last deposit": _by_time(seen.seconds),
        "as often as was deposited": _by_count(seen.nth, tainted),
        "paid by a relayer": 5 if seen.has_relayer else 0,
        "fresh recipient": 10 if seen.is_fresh else 0,
        "address met in this trace": 30 if seen.is_met else 0,
    }
    return {reason: points for reason, points in found.items() if points}


def score(seen: Coincidences) -> int:
    """A whole percentage, never 100."""
    if seen.is_return and seen.is_met:
        return OWN_RETURN
    return min(MOST, 5 + sum(parts(seen).values()))


def _by_time(seconds: int) -> int:
    for limit, points in ((HOUR, 15), (DAY, 10), (WEEK, 5)):
        if seconds <= limit:
            return points
    return 0


def _by_count(nth: int, tainted: int) -> int:
    if nth < 2 or nth > tainted:
        return 0
    return 10 if nth == tainted else 5
