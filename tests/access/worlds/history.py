"""Random histories: what happens in front of one person, and what happens behind their back.

A history is made of plain data, so that both worlds play the same one. The second world has the
hidden acts in between; the first has not.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.access.worlds import hidden, visible
from tests.access.worlds.world import World

STEPS = 5  # at least, hidden acts not counted
TOGETHER = 5  # histories with the same visible part: that world is played once for them
STRIDE = 60.0  # seconds between two visible acts; hidden ones lie between
# Who looks. "public" is anybody without a session.
LOW = ("analyst", "rival", "exchange", "white_hat", "colleague", "invited", "outsider", "public")


@dataclass(frozen=True)
class Deed:
    """One act of a history. ``name`` is its own; what it draws at random hangs on it alone."""

    name: str
    seconds: float
    is_hidden: bool
    run: Callable[[World], object]
    by_low: bool = False
    kind: str = ""


@dataclass(frozen=True)
class History:
    """What happens, and who watches."""

    seed: int
    low: str
    deeds: tuple[Deed, ...]
    visible_seed: int = -1  # of histories with the same one the visible deeds are the same

    def world(self, number: int) -> list[Deed]:
        """What happens in world 1 (nothing hidden) or world 2."""
        return [one for one in self.deeds if number == 2 or not one.is_hidden]


def make(seed: int) -> History:
    """The history of a seed. As many as TOGETHER share what happens in front of the same person."""
    visible_seed = seed // TOGETHER
    choose, choose_hidden = random.Random(visible_seed), random.Random(f"hidden {seed}")
    low = LOW[visible_seed % len(LOW)]
    deeds: list[Deed] = []
    for number in range(STEPS + choose.randrange(4)):
        at = STRIDE * (number + 1)
        for extra in range(choose_hidden.choice((1, 1, 2))):
            name, seconds = f"hidden-{number}-{extra}", at - STRIDE / 2 + extra
            kind, run = hidden.choose(choose_hidden, low, name)
            deeds.append(Deed(name, seconds, True, run, kind=kind))
        name = f"visible-{number}"
        kind, run, by_low = visible.choose(choose, low, name)
        deeds.append(Deed(name, at, False, run, by_low=by_low, kind=kind))
    return History(seed, low, tuple(deeds), visible_seed)
