"""Look-alikes: addresses made to be mistaken for one of the trace (address poisoning).

Who copies an address from a list of transactions compares its first and last characters. So an
attacker, or a stranger, puts an address with the same ends there: by a transfer of nothing that
anybody may send in another's name, by dust, or by a made-up token.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tracing.core.types import BlockMovements, Movement, MovementKind, Transaction

HEAD = TAIL = 4  # characters that have to be the same: 2 * 4 hex digits, by chance once in 2^32
SHORTEST = 20  # characters of an address that is compared at all

_IN_ANOTHERS_NAME = 60
_SAME_ENDS, _PER_CHARACTER, _MOST = 90, 1, 99


@dataclass(frozen=True, slots=True)
class Bait:
    """A movement that puts ``address`` beside a followed one without moving value to speak of."""

    address: str
    beside: str
    tx: str
    asset: str
    amount: int
    why: str  # zero_value, dust, unknown_token
    in_anothers_name: bool  # a transfer of nothing that its sender did not send


@dataclass(frozen=True, slots=True)
class LookAlike:
    """``like``: the address of the trace that it resembles; "" where it resembles none."""

    bait: Bait
    like: str
    confidence: int


def ends(address: str) -> str | None:
    """The first and last characters, by which people compare; None: too short for that."""
    body = address.removeprefix("0x")
    return body[:HEAD] + body[-TAIL:] if len(body) >= SHORTEST else None


class Ends:
    """Addresses by their ends. One that is added twice has to be dropped twice."""

    def __init__(self, addresses: Iterable[str] = ()) -> None:
        self._by_ends: dict[str, Counter[str]] = {}
        for address in addresses:
            self.add(address)

    def add(self, address: str) -> None:
        key = ends(address)
        if key is not None:
            self._by_ends.setdefault(key, Counter())[address] += 1

    def drop(self, address: str) -> None:
        there = self._by_ends.get(ends(address) or "")
        if there is not None:
            there[address] -= 1
            if not there[address]:
                del there[address]

    def like(self, address: str) -> list[str]:
        """Other addresses with the same ends."""
        return [one for one in self._by_ends.get(ends(address) or "", ()) if one != address]


def same_characters(one: str, other: str) -> int:
    """How many characters two different addresses share at their ends."""
    one, other = one.removeprefix("0x"), other.removeprefix("0x")
    return _same(one, other) + _same(one[::-1], other[::-1])


def _same(one: str, other: str) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def baits(
    block: BlockMovements,
    followed: Mapping[str, Collection[str]],
    known: Container[str],
    thresholds: Mapping[str, int],
    default_threshold: int,
) -> Iterator[Bait]:
    """Movements between a followed address and one that is not, of nothing, of dust, or of a token
    that nobody knows. ``followed``: addresses with the assets that are followed there."""
    for tx in block.transactions:
        for movement in tx.movements:
            if movement.kind is MovementKind.FEE or movement.frm is None or movement.to is None:
                continue
            if (movement.frm in followed) == (movement.to in followed):
                continue
            beside, other = movement.frm, movement.to
            if other in followed:
                beside, other = other, beside
            known_here = movement.asset in known or movement.asset in followed[beside]
            small = movement.amount < thresholds.get(movement.asset, default_threshold)
            why = _why(movement, is_known=known_here, is_small=small)
            if why:
                yield _bait(tx, movement, other, beside, why)


def _why(movement: Movement, *, is_known: bool, is_small: bool) -> str:
    if not movement.amount:
        return "zero_value"
    if not is_known:
        return "unknown_token"
    return "dust" if is_small else ""


def _bait(tx: Transaction, movement: Movement, other: str, beside: str, why: str) -> Bait:
    forged = why != "dust" and movement.frm == beside and tx.sender not in (None, beside)
    return Bait(other, beside, tx.tx, movement.asset, movement.amount, why, forged)


def find(found: Iterable[Bait], trace: Ends, people: Container[str]) -> list[LookAlike]:
    """Baits whose address has the ends of an address of the trace, and transfers of nothing that
    were sent in a followed address's name, one per address. ``people``: addresses that are what
    they are (followed, or labelled): never look-alikes. Cost grows with the baits alone."""
    candidates = {bait.address: bait for bait in reversed(list(found))}
    candidates = {a: bait for a, bait in candidates.items() if a not in people}
    alike = []
    for address, bait in sorted(candidates.items()):
        others = trace.like(address)
        if others:
            like = max(others, key=lambda other: (same_characters(address, other), other))
            alike.append(LookAlike(bait, like, _confidence(address, like)))
        elif bait.in_anothers_name:
            alike.append(LookAlike(bait, "", _IN_ANOTHERS_NAME))
    return alike


def _confidence(address: str, like: str) -> int:
    """90 % for 4 and 4 characters, 1 % more for each further one, at most 99 %."""
    more = same_characters(address, like) - HEAD - TAIL
    return min(_MOST, _SAME_ENDS + _PER_CHARACTER * more)
