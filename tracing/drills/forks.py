"""More forks than a scenario has: the same story, orphaned and told again in other blocks."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

DEEPEST = 7
FIRST = 20  # before it people set the chain up


def with_forks(scenario: Mapping[str, Any], seed: int, count: int) -> dict[str, Any]:
    """The scenario with ``count`` more forks of 1 to 7 blocks; the same for one seed.

    Orphans take the same steps between other background traffic, so that their hashes differ:
    every alert of theirs is withdrawn, and comes again with the block that replaces them. No
    branch holds a change of state, which is told to the node and not undone with it, and none
    touches another. None lies where people sign freeze requests either: they would have to look
    at the changed evidence first, and the scenario does not say that they do.
    """
    chance = random.Random(seed)  # noqa: S311 (repeatable, not secret)
    blocks = scenario["blocks"]
    taken = {n for fork in scenario["forks"] for n in _touched(int(fork["at"]), int(fork["depth"]))}
    taken |= {int(b["n"]) for b in blocks if any(s["kind"] == "state" for s in b["steps"])}
    acts = scenario["acts"]
    signing = [int(act["block"]) for act in acts if "target" in act]
    taken |= set(range(min(int(act["block"]) for act in acts), max(signing, default=0) + 1))
    forks = list(scenario["forks"])
    places = [int(block["n"]) for block in blocks[FIRST : -2 * DEEPEST] if block["background"]]
    chance.shuffle(places)
    for at in places:
        if len(forks) == len(scenario["forks"]) + count:
            break
        depth = chance.randint(1, DEEPEST)
        if taken.isdisjoint(_touched(at, depth)):
            taken |= _touched(at, depth)
            forks.append(_fork(blocks, at, depth))
    return {**scenario, "forks": sorted(forks, key=lambda fork: int(fork["at"]))}


def _touched(at: int, depth: int) -> set[int]:
    return set(range(at - 1, at + depth + 2))


def _fork(blocks: list[dict[str, Any]], at: int, depth: int) -> dict[str, Any]:
    orphans = [block for block in blocks if at <= int(block["n"]) < at + depth]
    return {
        "at": at,
        "depth": depth,
        "why": "more forks were asked for",
        "same_background": False,
        "orphans": orphans,
    }
