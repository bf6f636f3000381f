"""Balances that change although nothing was moved: every origin stays whole, and it is said."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.effort import examples
from tests.tracing.core.ledger import CHAIN, ETH, Theft, X, Y, block, key, tx
from tests.tracing.core.random_ledgers import make_ledger
from tracing.core.adjustments import explain, may_change
from tracing.core.policies import CONSERVING, policy
from tracing.core.reach import reach
from tracing.core.types import (
    AccountKind,
    BlockMovements,
    HopKind,
    Movement,
    MovementKind,
    Seed,
    Transaction,
)


def adjustment(who: str, by: int, asset: str = X, position: int = 9) -> Movement:
    frm, to = (who, None) if by < 0 else (None, who)
    return Movement(position, MovementKind.ADJUSTMENT, asset, frm, to, abs(by))


def rebase(who: str, by: int, number: int = 9) -> BlockMovements:
    return block(number, Transaction("block:0x9", 0, None, None, (adjustment(who, by),)))


def with_adjustments(one: Transaction, *found: Movement) -> Transaction:
    return replace(one, movements=(*one.movements, *found))


@pytest.fixture
def theft() -> Theft:
    theft = Theft(balances={key("thief"): 300})
    theft.steal(100)
    return theft


def test_growth_keeps_the_share_of_taint(theft: Theft) -> None:
    effects = theft.apply_block(rebase("thief", 40))
    assert theft.lots("thief") == [(330, None), (110, 100)]
    (hop,) = effects.hops
    assert (hop.kind, hop.frm, hop.to) == (HopKind.ADJUSTMENT, key("thief"), key("thief"))
    assert (hop.amount_from, hop.amount_to, hop.origin.amount) == (100, 110, 100)
    assert (hop.prev, hop.depth) == ("theft-s0:0", 0)


def test_shrinking_keeps_the_whole_origin(theft: Theft) -> None:
    theft.apply_block(rebase("thief", -200))
    assert theft.lots("thief") == [(150, None), (50, 100)]
    theft.apply(tx("out", ("thief", "a", X, 200)))
    assert theft.lots("a") == [(150, None), (50, 100)]


def test_a_balance_that_vanishes_loses_no_origin_and_more_than_that_is_said(theft: Theft) -> None:
    assert theft.apply_block(rebase("thief", -400)).incomplete == []
    assert theft.origin_total() == 100
    assert theft.apply_block(rebase("thief", -1, 10)).incomplete == [key("thief")]
    assert theft.origin_total() == 100
    theft.apply_block(rebase("thief", 7, 11))
    assert sum(amount for amount, _ in theft.lots("thief")) == 7
    assert theft.origin_total() == 100


def test_only_followed_accounts_are_adjusted(theft: Theft) -> None:
    theft.kinds["exchange"] = AccountKind.SERVICE
    theft.apply(tx("in", ("thief", "exchange", X, 350)))
    before = theft.state.to_rows()
    for stranger in ("exchange", "nobody"):
        assert theft.apply_block(rebase(stranger, 5)).hops == []
        assert theft.apply_block(rebase(stranger, -5)).hops == []
    assert theft.state.to_rows() == before


def test_token_that_takes_a_fee_brings_less_and_the_whole_origin() -> None:
    theft = Theft(balances={key("a"): 1000})
    theft.steal(100)
    theft.apply(with_adjustments(tx("t", ("thief", "a", X, 100)), adjustment("a", -5)))
    assert theft.lots("a") == [(1000, None), (95, 100)]
    assert theft.lots("thief") == []


def test_contract_that_passes_on_what_it_really_got_holds_nothing() -> None:
    theft = Theft()
    theft.steal(100)
    lines = tx("t", ("thief", "router", X, 100), ("router", "a", X, 95))
    theft.apply(with_adjustments(lines, adjustment("router", -5)))
    assert theft.lots("router") == []
    assert theft.lots("a") == [(95, 100)]


def test_seed_of_what_arrived_leaves_nothing_of_the_fee_to_anybody() -> None:
    for amount in (95, 100):
        theft = Theft(seeds=[Seed("s", CHAIN, "t", "thief", X, amount)])
        lines = tx("t", ("victim", "thief", X, 100))
        theft.apply(with_adjustments(lines, adjustment("thief", -5)))
        assert theft.lots("thief") == [(95, amount)]


def test_what_no_log_explains_is_explained_where_it_belongs() -> None:
    moves = block(
        9,
        tx("t", ("thief", "a", X, 100)),
        tx("u", ("b", "c", X, 10), start=1),
        tx("v", ("d", "c", X, 10), start=2),
    )
    before = {key("a"): 0, key("b"): 30, key("c"): 0, key("d"): 10, key("e"): 4}
    after = {key("a"): 95, key("b"): 21, key("c"): 18, key("d"): 0, key("f"): 3}
    found = explain(moves, before, after)
    assert found.transactions[0] == with_adjustments(
        moves.transactions[0], adjustment("a", -5, position=3)
    )
    assert found.transactions[1:3] == moves.transactions[1:]
    last = found.transactions[3]
    assert last.tx == "block:0x9"
    assert last.movements == (adjustment("b", 1, position=4), adjustment("c", -2, position=5))
    assert explain(moves, before, {key("a"): 100}) is moves


def test_accounts_to_read_are_the_followed_ones_of_such_assets(theft: Theft) -> None:
    theft.apply(tx("in", ("thief", "a", X, 350)))
    theft.steal(10, asset=Y)
    assert may_change(theft.state, CHAIN, {X}) == {key("thief"), key("a")}
    assert may_change(theft.state, CHAIN, {Y}) == {key("thief", Y)}
    assert reach(theft.state, rebase("thief", 5), (), theft.kinds) == set()


@examples(1000)
@given(st.sampled_from(CONSERVING), st.integers(0, 2**64), st.integers(0, 10**6))
def test_balances_that_change_by_themselves_lose_no_origin(name: str, number: int, by: int) -> None:
    """Every account of a random ledger is scaled after each block; queues equal the balances."""
    random = Random(number)
    ledger = make_ledger(random, plain=True)
    theft = ledger.theft()
    theft.policy = policy(name)
    for at in range(len(ledger.blocks)):
        ledger.run(theft, at, at + 1)
        keys = may_change(theft.state, CHAIN, {X, ETH})
        before = {k: sum(lot.amount for lot in theft.state.accounts[k].lots) for k in keys}
        after = {
            k: amount * by // 1000 if random.randrange(2) else amount
            for k, amount in before.items()
        }
        theft.apply_block(explain(block(100 + at), before, after))
        for k in keys:
            account = theft.state.accounts[k]
            assert sum(lot.amount for lot in account.lots) == after[k]
    names = {tx.tx for one in ledger.blocks for tx in one.transactions}
    assert theft.origin_total() == sum(s.amount for s in ledger.seeds if s.tx in names)
