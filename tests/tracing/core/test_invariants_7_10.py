"""Invariants 7 to 10 of the policies: order, later blocks, rolled back blocks, repeated blocks."""

from dataclasses import replace
from random import Random

from hypothesis import given

from tests.tracing.core.ledger import Theft, X, block, key, tx
from tests.tracing.core.networks import (
    Move,
    Network,
    make_network,
    randoms,
    tainted,
    thousand,
)
from tests.tracing.core.random_ledgers import make_ledger
from tests.tracing.core.test_invariants_1_4 import some_account, sums
from tracing.core.policies import POLICIES, policy


@thousand
@given(randoms)
def test_invariant_7_haircut_does_not_mind_the_order_of_outflows(random: Random) -> None:
    """But for rounding: one unit, of amounts of a million."""
    one = policy("haircut")
    lots = some_account(random, one, unit=10**6)
    first = random.randint(0, sums(lots)[1])
    second = random.randint(0, sums(lots)[1] - first)
    straight, crossed = lots.copy(), lots.copy()
    a, b = (sums(one.take(straight, amount)[0])[0] for amount in (first, second))
    d, c = (sums(one.take(crossed, amount)[0])[0] for amount in (second, first))
    assert abs(a - c) <= 1
    assert abs(b - d) <= 1
    assert abs(sums(straight)[0] - sums(crossed)[0]) <= 1


def test_invariant_7_first_and_last_in_do_mind_it() -> None:
    """The kept counterexample: 10 clean units, then 10 stolen ones; 10 go to a and 5 to b."""
    got: dict[str, list[dict[str, int]]] = {}
    for name in ("fifo", "lifo"):
        for order in ((("a", 10), ("b", 5)), (("b", 5), ("a", 10))):
            theft = Theft(policy=policy(name), balances={key("thief"): 10})
            theft.steal(10)
            theft.apply(*(tx(who, ("thief", who, X, amount)) for who, amount in order))
            got.setdefault(name, []).append(tainted(theft))
    assert got["fifo"] == [{"b": 5, "thief": 5}, {"a": 5, "thief": 5}]
    assert got["lifo"] == [{"a": 10}, {"a": 5, "b": 5}]


@thousand
@given(randoms)
def test_invariant_7_moves_of_disjoint_accounts_commute(random: Random) -> None:
    network = make_network(random)
    moves = network.moves
    places = [
        at
        for at in range(1, len(moves))
        if {moves[at].frm, moves[at].to}.isdisjoint({moves[at - 1].frm, moves[at - 1].to})
    ]
    if not places:
        return
    at = random.choice(places)
    swapped = Network(network.opening, [*moves], network.cuts)
    swapped.moves[at - 1], swapped.moves[at] = moves[at], moves[at - 1]
    for one in POLICIES.values():
        straight, crossed = network.theft(one), swapped.theft(one)
        network.run(straight)
        swapped.run(crossed)
        assert lots(straight) == lots(crossed), one.slug


def lots(theft: Theft) -> dict[str, list[tuple[int, int | None]]]:
    return {k.address: theft.lots(k.address) for k in theft.state.accounts}


@thousand
@given(randoms)
def test_invariant_8_what_comes_later_changes_nothing_before(random: Random) -> None:
    """Thefts that are not yet reported, and blocks that are not yet there."""
    network = make_network(random, thefts=3)
    stop = random.choice([*network.cuts, len(network.moves)])
    short = Network(network.opening, network.moves[:stop], network.cuts)
    for one in POLICIES.values():
        knowing, ignorant = network.theft(one), short.theft(one)
        told = network.run(knowing, 0, stop)
        assert short.run(ignorant) == told, one.slug
        before = ignorant.state.to_rows()
        assert knowing.state.to_rows() == before, one.slug


@thousand
@given(randoms)
def test_invariant_9_rolling_back_and_going_on_equals_a_fresh_run(random: Random) -> None:
    """The chain drops what came after a block, and goes on with something else."""
    network = make_network(random)
    keep = random.choice([0, *network.cuts])
    other = Network(network.opening, network.moves[:keep], network.cuts)
    have = {k.address: amount or 0 for k, amount in other.balances(keep).items()}
    for at in range(keep, keep + 4):
        frm, to = random.sample(("a", "b", "c", "d"), 2)
        amount = random.randint(0, have[frm])
        have[frm], have[to] = have[frm] - amount, have[to] + amount
        other.moves.append(Move(frm, to, amount, "" if at else "s0"))
    for one in POLICIES.values():
        undone, fresh = network.theft(one), other.theft(one)
        network.run(undone, 0, keep)
        for effects in reversed(network.run(undone, keep)):
            undone.state.restore(effects.before)
        undone.seeds = other.seeds()
        other.run(undone, keep)
        other.run(fresh)
        assert undone.state.to_rows() == fresh.state.to_rows(), one.slug
        assert undone.state.followed("eip155:1") == fresh.state.followed("eip155:1")


@thousand
@given(randoms)
def test_invariant_10_repeats_change_nothing(random: Random) -> None:
    """A block that is applied again, and movements and transactions that a block holds twice."""
    ledger = make_ledger(random)
    once, often = ledger.theft(), ledger.theft()
    once.policy = often.policy = random.choice(list(POLICIES.values()))
    for at, movements in enumerate(ledger.blocks):
        once.balances = often.balances = ledger.balances[at]
        told = once.apply_block(movements)
        twice = []
        for transaction in movements.transactions:
            moves = transaction.movements
            twice.append(replace(transaction, movements=(*moves, *moves[:1])))
        again = often.apply_block(
            replace(movements, transactions=(*twice, *movements.transactions[-2:]))
        )
        assert again.hops == told.hops
        repeated = often.apply_block(movements)
        assert (repeated.hops, repeated.touched) == ([], set())
    assert often.state.to_rows() == once.state.to_rows()


def test_invariant_10_a_block_that_was_rolled_back_counts_when_it_comes_back() -> None:
    theft = Theft()
    theft.steal(100)
    moves = block(9, tx("t", ("thief", "a", X, 60)))
    effects = theft.apply_block(moves)
    theft.state.restore(effects.before)
    assert theft.apply_block(moves).hops == effects.hops
    assert theft.lots("a") == [(60, 60)]
