"""Invariants 11 to 13 of the policies: reach, the way back, and larger amounts. Each has an oracle
that shares nothing with the engine."""

import heapq
from fractions import Fraction
from random import Random

from hypothesis import given

from tests.tracing.core.ledger import Theft, X, key
from tests.tracing.core.networks import (
    EXCHANGE,
    PEOPLE,
    Network,
    haircut_in_fractions,
    make_network,
    randoms,
    tainted,
    thousand,
)
from tracing.core.policies import POLICIES, policy


def earliest_arrivals(network: Network) -> dict[str, int]:
    """When value of a theft can first have reached each account: Dijkstra's way, over moves that
    leave an account after it was reached. A sink is an end."""
    leaving: dict[str, list[int]] = {}
    ready: list[tuple[int, str]] = []
    for at, move in enumerate(network.moves):
        if move.seed:
            heapq.heappush(ready, (at, move.to))
        elif move.amount:
            leaving.setdefault(move.frm, []).append(at)
    reached: dict[str, int] = {}
    while ready:
        when, who = heapq.heappop(ready)
        if who in reached:
            continue
        reached[who] = when
        for at in leaving.get(who, ()) if who != EXCHANGE else ():
            if at > when:
                heapq.heappush(ready, (at, network.moves[at].to))
    return reached


@thousand
@given(randoms)
def test_invariant_11_poison_reaches_what_time_lets_it_reach(random: Random) -> None:
    network = make_network(random, moves=14)
    theft = network.theft(policy("poison"))
    network.run(theft)
    reached = {
        k.address for k, a in theft.state.accounts.items() if any(lot.origin for lot in a.lots)
    }
    assert reached == set(earliest_arrivals(network))


class Backwards:
    """First in, first out, the other way round: what is the n-th unit that somebody ever had?"""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.came: dict[str, list[tuple[int, int, int]]] = {}  # from unit, to unit, move
        self.left: dict[int, int] = {}  # move -> the giver's first unit that it took
        had, gone = dict(network.opening), dict.fromkeys(network.opening, 0)
        for at, move in enumerate(network.moves):
            if move.frm == move.to:
                continue
            self.left[at] = gone[move.frm]
            gone[move.frm] += move.amount
            self.came.setdefault(move.to, []).append((had[move.to], had[move.to] + move.amount, at))
            had[move.to] += move.amount
        self.had, self.gone = had, gone

    def seed(self, who: str, unit: int) -> str | None:
        """The theft that brought this unit of everything that somebody ever had, if one did."""
        while True:
            found = next(((a, at) for a, b, at in self.came.get(who, ()) if a <= unit < b), None)
            if found is None:
                return None  # it was there from the beginning
            first, at = found
            move = self.network.moves[at]
            if move.seed:
                return move.seed
            who, unit = move.frm, self.left[at] + unit - first

    def holds(self, who: str) -> list[str | None]:
        """The seed of each unit that is still there, oldest first."""
        return [self.seed(who, unit) for unit in range(self.gone[who], self.had[who])]


@thousand
@given(randoms)
def test_invariant_12_first_in_first_out_backwards_equals_forwards(random: Random) -> None:
    network = make_network(random, thefts=3)
    theft = network.theft(policy("fifo"))
    network.run(theft)
    backwards = Backwards(network)
    for who in PEOPLE:
        assert units(theft, who) in (backwards.holds(who), None)
        if units(theft, who) is None:
            assert set(backwards.holds(who)) <= {None}
    arrived = [seed for seed in backwards.holds(EXCHANGE) if seed is not None]
    assert (units(theft, EXCHANGE) or []) == arrived


def units(theft: Theft, who: str) -> list[str | None] | None:
    account = theft.state.get(key(who))
    if account is None:
        return None
    return [lot.origin and lot.origin.seed for lot in account.lots for _ in range(lot.amount)]


@thousand
@given(randoms)
def test_invariant_13_amounts_times_a_factor_give_taint_times_the_factor(random: Random) -> None:
    network = make_network(random, thefts=3)
    factor = random.choice((2, 3, 1000, 10**18, 2**200))
    large = network.times(factor)
    for one in POLICIES.values():
        theft, scaled = network.theft(one), large.theft(one)
        network.run(theft)
        large.run(scaled)
        if one.slug == "haircut":
            assert_rounded(scaled, haircut_in_fractions(large), len(large.moves))
        else:
            expected = {who: amount * factor for who, amount in tainted(theft).items()}
            assert tainted(scaled) == expected, one.slug


def assert_rounded(theft: Theft, exact: dict[str, Fraction], splits: int) -> None:
    """Haircut scales but for rounding: less than a unit per split, at the giver and the taker."""
    found = tainted(theft)
    everybody = found.keys() | exact.keys()
    away = sum(abs(found.get(who, 0) - exact.get(who, Fraction(0))) for who in everybody)
    assert away <= 2 * splits
    assert sum(found.values()) == sum(exact.values())


def test_invariant_13_holds_up_to_the_largest_amount_there_is() -> None:
    largest = 2**256 - 1
    for one in POLICIES.values():
        theft = Theft(policy=one)
        theft.steal(largest)
        assert tainted(theft) == {"thief": largest}
        assert theft.lots("thief", X) == [(largest, largest)]
