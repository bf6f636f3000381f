"""Invariants 1 to 4 of the policies: value adds up, within bounds, however it is cut.

Each example is run under every policy that an invariant is stated for.
"""

from collections import deque
from random import Random

from hypothesis import given

from tests.tracing.core.ledger import CHAIN, Theft, X, Y, tx
from tests.tracing.core.networks import make_network, randoms, tainted, thousand
from tests.tracing.core.random_ledgers import make_ledger
from tracing.core.legs import land
from tracing.core.policies import CONSERVING, POLICIES, Policy, policy
from tracing.core.types import AccountKind, Lot, Origin, Seed


def some_account(random: Random, one: Policy, unit: int = 1) -> deque[Lot]:
    """A queue after some credits and debits."""
    lots: deque[Lot] = deque()
    for _ in range(random.randrange(1, 8)):
        amount = random.randrange(1, 20) * unit
        seed = random.choice((None, None, "s", "r"))
        one.put(lots, [Lot(amount, seed and Origin(seed, X, amount))])
        if random.randrange(3) == 0:
            one.take(lots, random.randrange(sum(lot.amount for lot in lots) + 1))
    return lots


def sums(lots: deque[Lot] | list[Lot]) -> tuple[int, int]:
    """(tainted units, all units)."""
    return sum(lot.amount for lot in lots if lot.origin), sum(lot.amount for lot in lots)


@thousand
@given(randoms)
def test_invariant_1_taint_is_conserved_to_the_unit(random: Random) -> None:
    network = make_network(random)
    for name in CONSERVING:
        theft = network.theft(policy(name))
        network.run(theft)
        assert sum(tainted(theft).values()) == theft.minted() == theft.origin_total(), name


@thousand
@given(randoms)
def test_invariant_1_origin_is_conserved_through_swaps_wraps_loans_and_sinks(
    random: Random,
) -> None:
    ledger = make_ledger(random)
    threshold = random.randrange(1, 6)
    for name in CONSERVING:
        theft = ledger.theft({X: threshold})
        theft.policy = policy(name)
        ledger.run(theft)
        totals: dict[str, int] = {}
        for k, account in theft.state.accounts.items():
            for lot in (*account.lots, *account.dust):
                assert lot.amount >= 0
                if lot.origin is not None:
                    assert lot.origin.amount >= 0
                    totals[lot.origin.seed] = totals.get(lot.origin.seed, 0) + lot.origin.amount
            if account.kind is AccountKind.FOLLOWED and account.lots:
                assert sums(account.lots)[1] == ledger.final[k]
        assert totals == {seed.key: seed.amount for seed in ledger.seeds}, name


@thousand
@given(randoms)
def test_invariant_1_origin_is_conserved_over_a_crossing(random: Random) -> None:
    """What a bridge took goes on on another chain: there, and in the bridge's fee, is all of it."""
    ledger = make_ledger(random)
    one = policy(random.choice(CONSERVING))
    theft = ledger.theft()
    theft.policy = one
    ledger.run(theft)
    for k, account in theft.state.accounts.items():
        if account.kind is not AccountKind.CROSSING:
            continue
        left = sum(lot.amount for lot in account.lots) + random.randrange(10)
        landed = land(
            tuple(account.lots), left, random.randrange(2 * left + 1), same_unit=bool(left % 2)
        )
        leg = Theft(policy=one)
        leg.seeds = [Seed("leg", CHAIN, "t", "a", Y, landed.amount, landed.lots)]
        leg.apply(tx("t", ("relay", "a", Y, landed.amount)))
        leg.apply(tx("on", ("a", "b", Y, landed.amount // 2)), tx("burn", ("b", None, Y, 1)))
        went = sum(lot.origin.amount for lot in account.lots if lot.origin)
        assert leg.origin_total() + sum(landed.kept.values()) == went, k


@thousand
@given(randoms)
def test_invariant_2_taint_is_at_most_what_is_there_and_what_moves(random: Random) -> None:
    network = make_network(random)
    final = network.balances(len(network.moves))
    for one in POLICIES.values():
        theft = network.theft(one)
        moved: dict[str, int] = {}
        for effects in network.run(theft):
            for hop in effects.hops:
                moved[hop.tx] = moved.get(hop.tx, 0) + hop.amount_to
        for at, move in enumerate(network.moves):
            assert 0 <= moved.get(f"t{at}", 0) <= move.amount, one.slug
        for k, account in theft.state.accounts.items():
            part, whole = sums(account.lots)
            assert 0 <= part <= whole
            if account.kind is AccountKind.FOLLOWED:
                assert whole == final[k]
                assert not account.incomplete


@thousand
@given(randoms)
def test_invariant_3_one_transfer_equals_its_parts(random: Random) -> None:
    for name in ("fifo", "lifo", "taint-first", "taint-last"):
        one = policy(name)
        whole = some_account(random, one)
        parts = whole.copy()
        amount = random.randint(0, sums(whole)[1])
        first = random.randint(0, amount)
        to_whole, to_parts = deque[Lot](), deque[Lot]()
        one.put(to_whole, one.take(whole, amount)[0])
        for part in (first, amount - first):
            one.put(to_parts, one.take(parts, part)[0])
        assert units(to_whole) == units(to_parts), name
        assert units(whole) == units(parts), name


def units(lots: deque[Lot]) -> list[str | None]:
    return [lot.origin and lot.origin.seed for lot in lots for _ in range(lot.amount)]


@thousand
@given(randoms)
def test_invariant_3_haircut_differs_by_less_than_a_unit_per_part(random: Random) -> None:
    one = policy("haircut")
    whole = some_account(random, one)
    parts = whole.copy()
    left = amount = random.randint(0, sums(whole)[1])
    taken, count = 0, 0
    while left:
        part = random.randint(1, left)
        taken += sums(one.take(parts, part)[0])[0]
        left, count = left - part, count + 1
    tainted_of_whole = sums(one.take(whole, amount)[0])[0]
    assert 0 <= tainted_of_whole - taken < max(1, count)
    assert sums(whole)[1] == sums(parts)[1]


@thousand
@given(randoms)
def test_invariant_4_on_one_account_taint_last_and_taint_first_bracket_the_rest(
    random: Random,
) -> None:
    """At every prefix of the account's life, for what left it so far."""
    lots = {name: deque[Lot]() for name in CONSERVING}
    out = dict.fromkeys(CONSERVING, 0)
    balance = 0
    for _ in range(random.randrange(1, 15)):
        if random.randrange(2):
            amount = random.randrange(1, 20)
            origin = random.choice((None, Origin("s", X, amount), Origin("r", X, amount)))
            balance += amount
            for name, queue in lots.items():
                policy(name).put(queue, [Lot(amount, origin)])
        else:
            amount = random.randint(0, balance)
            balance -= amount
            for name, queue in lots.items():
                out[name] += sums(policy(name).take(queue, amount)[0])[0]
        low, *rest, high = (
            out[name] for name in ("taint-last", "fifo", "lifo", "haircut", "taint-first")
        )
        assert all(low <= amount <= high for amount in rest)
