"""Invariants 5 and 6 of the policies: what one theft adds to another."""

from collections import Counter
from random import Random

from hypothesis import given

from tests.tracing.core.networks import (
    Network,
    make_network,
    randoms,
    tainted,
    tainted_by_seed,
    thousand,
)
from tests.tracing.core.random_ledgers import make_ledger
from tracing.core.policies import CONSERVING, POLICIES, Policy, policy


def alone(network: Network, one: Policy, seed: str) -> dict[str, int]:
    """Tainted units by account if nothing but one theft had been reported."""
    theft = network.theft(one, [s for s in network.seeds() if s.key == seed])
    network.run(theft)
    return tainted(theft)


@thousand
@given(randoms)
def test_invariant_5_first_and_last_in_are_linear_in_the_seeds(random: Random) -> None:
    """Each theft's own taint is the same, whatever other theft is reported."""
    network = make_network(random, thefts=3)
    for name in ("fifo", "lifo"):
        together = network.theft(policy(name))
        network.run(together)
        by_seed = tainted_by_seed(together)
        for seed in network.seeds():
            mine = {who: n for (who, key), n in by_seed.items() if key == seed.key}
            assert alone(network, policy(name), seed.key) == mine, name


@thousand
@given(randoms)
def test_invariant_5_haircut_is_linear_but_for_rounding(random: Random) -> None:
    """Each split adds less than two units to the difference, at the giver and at the taker; the
    amounts are 10**12 times larger than that, so anything else than rounding would show."""
    network = make_network(random, thefts=3, unit=10**12)
    together = network.theft(policy("haircut"))
    network.run(together)
    difference = Counter(tainted(together))
    for seed in network.seeds():
        difference.subtract(alone(network, policy("haircut"), seed.key))
    seeds = len(network.seeds())
    assert sum(map(abs, difference.values())) <= 2 * seeds * len(network.moves)


@thousand
@given(randoms)
def test_invariant_6_more_thefts_never_mean_less_taint(random: Random) -> None:
    network = make_network(random, thefts=3)
    first = network.seeds()[0].key
    for one in POLICIES.values():
        together = network.theft(one)
        network.run(together)
        more = tainted(together)
        for who, amount in alone(network, one, first).items():
            assert amount <= more.get(who, 0), one.slug


@thousand
@given(randoms)
def test_invariant_6_poison_reaches_whatever_any_policy_reaches(random: Random) -> None:
    ledger = make_ledger(random, plain=True)
    reached: dict[str, set[tuple[object, str]]] = {}
    for one in POLICIES.values():
        theft = ledger.theft()
        theft.policy = one
        ledger.run(theft)
        reached[one.slug] = {
            (k, lot.origin.seed)
            for k, account in theft.state.accounts.items()
            for lot in account.lots
            if lot.origin is not None
        }
    for name in CONSERVING:
        assert reached[name] <= reached["poison"], name
