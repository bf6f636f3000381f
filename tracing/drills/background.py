"""Traffic between people who have nothing to do with the theft, made up from the scenario's seed.

Everything follows from SHA-256 of the seed, a block's number and a counter, so that each block can
be made by itself: on a resumed drill, on an orphaned branch, in any version of Python.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SHARES = 3  # recipients of one payment to many: as many internal transfers


class Dice:
    """A row of numbers that a text decides."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._count = 0

    def below(self, bound: int) -> int:
        """The next number in [0, bound)."""
        self._count += 1
        digest = hashlib.sha256(f"{self._text}:{self._count}".encode()).digest()
        return int.from_bytes(digest, "big") % bound


@dataclass(frozen=True, slots=True)
class Item:
    """One background transaction: native, token, many (internal transfers), wrap or unwrap."""

    kind: str
    sender: str
    to: Sequence[str]
    asset: str
    amounts: Sequence[int]

    @property
    def transfers(self) -> int:
        return len(self.amounts)


def accounts(settings: Mapping[str, Any]) -> list[str]:
    """Addresses of the background, in order."""
    return [
        "0x" + hashlib.sha256(f"{settings['seed']}:account:{i}".encode()).hexdigest()[:40]
        for i in range(int(settings["accounts"]))
    ]


def items(settings: Mapping[str, Any], number: int, count: int, branch: str = "") -> list[Item]:
    """The ``count`` background transactions of a block. ``branch`` names an orphaned one."""
    dice = Dice(f"{settings['seed']}:{number}:{branch}")
    people, result = accounts(settings), list[Item]()
    while len(result) < count:
        result += _some(settings, people, dice, room=count - len(result))
    return result


def _some(settings: Mapping[str, Any], people: list[str], dice: Dice, room: int) -> list[Item]:
    sender = dice.below(len(people))
    others = [people[(sender + 1 + dice.below(len(people) - 1)) % len(people)] for _ in "abc"]
    amount = 1 + dice.below(int(settings["max_native"]))
    choice = dice.below(100)
    who = people[sender]
    if choice < 45 or (choice >= 90 and room < 2):
        return [Item("native", who, others[:1], "ETH", [amount])]
    if choice < 75:
        asset = settings["tokens"][dice.below(len(settings["tokens"]))]
        limit = int(settings["max_token"][asset])
        return [Item("token", who, others[:1], asset, [1 + dice.below(limit)])]
    if choice < 90:
        return [Item("many", who, others, "ETH", [amount // 4 + 1] * SHARES)]
    return [Item("wrap", who, [], "WETH", [amount]), Item("unwrap", who, [], "WETH", [amount])]


def merged(story: Sequence[Any], background: Sequence[Any], text: str) -> list[Any]:
    """Both rows in one: each keeps its order; where the story's parts fall, the text decides."""
    dice, result = Dice(f"{text}:order"), list[Any]()
    left, right = list(story), list(background)
    while left or right:
        first = dice.below(len(left) + len(right)) < len(left)
        result.append((left if first else right).pop(0))
    return result
