"""Small networks of one asset, lean enough to run thousands of them: who gave whom how much.

Nobody spends what they do not have, so balances are known and no history is incomplete.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from random import Random

from hypothesis import strategies as st

from tests.effort import examples
from tests.tracing.core.ledger import CHAIN, Theft, X, block, key, tx
from tracing.core.policies import Policy
from tracing.core.types import AccountKey, AccountKind, Seed

PEOPLE = ("a", "b", "c", "d")
EXCHANGE = "exchange"  # a sink


class Seeded(Random):
    """One number makes a whole network: much quicker than to draw each choice."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    def __repr__(self) -> str:
        return f"Seeded({self.number})"


randoms = st.integers(0, 2**64).map(Seeded)
thousand = examples(1000)


@dataclass(frozen=True)
class Move:
    """``seed``: this was the theft of that key."""

    frm: str
    to: str
    amount: int
    seed: str = ""


@dataclass
class Network:
    """Opening balances and what followed, in order; ``cuts`` are where blocks end."""

    opening: dict[str, int]
    moves: list[Move] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    _made: dict = field(default_factory=dict)  # blocks, so that each policy gets the same ones

    def seeds(self) -> list[Seed]:
        return [
            Seed(move.seed, CHAIN, f"t{at}", move.to, X, move.amount)
            for at, move in enumerate(self.moves)
            if move.seed
        ]

    def balances(self, stop: int) -> dict[AccountKey, int | None]:
        """Of everybody, before the move at ``stop``."""
        have = dict(self.opening)
        for move in self.moves[:stop]:
            have[move.frm] -= move.amount
            have[move.to] = have.get(move.to, 0) + move.amount
        return {key(who): amount for who, amount in have.items()}

    def theft(self, policy: Policy, seeds: Sequence[Seed] | None = None) -> Theft:
        return Theft(
            policy=policy,
            seeds=self.seeds() if seeds is None else list(seeds),
            kinds={EXCHANGE: AccountKind.SERVICE},
        )

    def run(self, theft: Theft, start: int = 0, stop: int | None = None) -> list:
        """Apply the blocks of the moves [start, stop); both have to be cuts."""
        stop = len(self.moves) if stop is None else stop
        edges = [start, *(cut for cut in self.cuts if start < cut < stop), stop]
        return [self._block(theft, a, b) for a, b in pairwise(edges) if a < b]

    def _block(self, theft: Theft, start: int, stop: int) -> object:
        if (start, stop) not in self._made:
            found = [
                tx(f"t{at}", (move.frm, move.to, X, move.amount), start=at)
                for at, move in enumerate(self.moves[start:stop], start)
            ]
            self._made[start, stop] = self.balances(start), block(stop, *found)
        theft.balances, movements = self._made[start, stop]
        return theft.apply_block(movements)

    def times(self, factor: int) -> Network:
        return Network(
            {who: amount * factor for who, amount in self.opening.items()},
            [Move(m.frm, m.to, m.amount * factor, m.seed) for m in self.moves],
            list(self.cuts),
        )


def make_network(
    random: Random, *, thefts: int = 2, moves: int = 8, unit: int = 1, cut: bool = True
) -> Network:
    """The first move is a theft, ``thefts`` at most happen; amounts are about 20 units each."""
    have = {who: random.randrange(20 * unit) for who in PEOPLE}
    have["victim"] = 100 * unit
    have[EXCHANGE] = 0
    network = Network(dict(have))
    stolen = 0
    for at in range(moves):
        seed = ""
        frm, to = random.choice(PEOPLE), random.choice((*PEOPLE, *PEOPLE, EXCHANGE))
        if not at or (stolen < thefts and random.randrange(5) == 0):
            frm, to, seed = "victim", random.choice(PEOPLE), f"s{stolen}"
            stolen += 1
        amount = random.choice((have[frm], random.randint(0, have[frm]), have[frm] // 3))
        if seed:
            amount = random.randint(unit, 20 * unit)
        have[frm] -= amount
        have[to] += amount
        network.moves.append(Move(frm, to, amount, seed))
        if cut and random.randrange(3) == 0:
            network.cuts.append(at + 1)
    return network


def tainted(theft: Theft) -> dict[str, int]:
    """Tainted units by account, sinks too; accounts without any are left out."""
    found = {
        k.address: sum(lot.amount for lot in (*account.lots, *account.dust) if lot.origin)
        for k, account in theft.state.accounts.items()
    }
    return {who: amount for who, amount in found.items() if amount}


def tainted_by_seed(theft: Theft) -> dict[tuple[str, str], int]:
    """Tainted units by account and seed."""
    found: dict[tuple[str, str], int] = {}
    for k, account in theft.state.accounts.items():
        for lot in (*account.lots, *account.dust):
            if lot.origin is not None and lot.amount:
                at = (k.address, lot.origin.seed)
                found[at] = found.get(at, 0) + lot.amount
    return found


def haircut_in_fractions(network: Network) -> dict[str, Fraction]:
    """The second opinion on haircut: taint without any rounding, by account."""
    have = {who: Fraction(amount) for who, amount in network.opening.items()}
    taint = dict.fromkeys([*PEOPLE, EXCHANGE, "victim"], Fraction(0))
    for move in network.moves:
        moved = Fraction(move.amount)
        if move.seed:
            taint[move.to] += moved
        elif move.frm != move.to and move.amount:
            share = taint[move.frm] * moved / have[move.frm]
            taint[move.frm] -= share
            taint[move.to] += share
        have[move.frm] -= moved
        have[move.to] += moved
    return {who: amount for who, amount in taint.items() if amount}
