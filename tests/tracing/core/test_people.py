"""Accounts of people are no pools, whoever sends the transaction and whatever code they have."""

from dataclasses import replace

import pytest

from tests.tracing.core.ledger import CHAIN, ETH, Line, Theft, X, Y, block, tx
from tracing.core.people import doubtful, with_people
from tracing.core.policies import CONSERVING, policy
from tracing.core.reach import reach
from tracing.core.types import AssetInfo, AssetRole, Transaction

ENTRY = "entrypoint"
GAS: tuple[Line, ...] = (("smart", ENTRY, ETH, 3), (ENTRY, "bundler", ETH, 3))


@pytest.fixture(params=CONSERVING)
def theft(request: pytest.FixtureRequest) -> Theft:
    theft = Theft(policy=policy(request.param))
    theft.steal(100)
    return theft


def of_people(one: Transaction, *who: str) -> Transaction:
    return replace(one, people=frozenset(who))


def test_gas_of_a_smart_account_does_not_become_what_it_receives(theft: Theft) -> None:
    theft.apply(of_people(tx("op", ("thief", "smart", X, 100), *GAS), "smart", "bundler"))
    assert theft.lots("smart") == [(100, 100)]
    assert theft.lots("bundler", ETH) == []


def test_a_contract_that_does_the_same_is_a_pool(theft: Theft) -> None:
    theft.apply(of_people(tx("op", ("thief", "smart", X, 100), *GAS), "bundler"))
    assert theft.lots("smart") == []
    assert theft.lots("bundler", ETH) == [(3, 100)]


def test_stolen_value_in_a_smart_account_moves_in_inner_calls(theft: Theft) -> None:
    """tx.to is the EntryPoint and tx.value is zero: only the inner calls tell."""
    theft = Theft(policy=theft.policy)
    theft.steal(100, receiver="smart", asset=ETH)
    theft.apply(of_people(tx("op", *GAS, ("smart", "mule", ETH, 90), sender="bundler"), "smart"))
    assert theft.origin_total() == 100
    assert theft.lots("mule", ETH) == [(90, 90)]
    assert theft.lots("bundler", ETH) == [(3, 3)]
    assert theft.lots("smart", ETH) == [(7, 7)]
    assert theft.lots(ENTRY, ETH) == []


def test_what_a_person_sells_is_what_the_buyer_pays_with(theft: Theft) -> None:
    """The person fills the thief's order: what the thief gets instead is the stolen value."""
    lines = (("thief", "settlement", X, 100), ("settlement", "maker", X, 100))
    back = (("maker", "settlement", Y, 40), ("settlement", "thief", Y, 40))
    theft.apply(of_people(tx("fill", *lines, *back), "maker"))
    assert theft.lots("thief", Y) == [(40, 100)]
    assert theft.lots("maker") == []


def test_a_delegated_account_that_sends_on_something_else_keeps_what_it_gained(
    theft: Theft,
) -> None:
    lines = (("thief", "delegated", X, 100), ("delegated", "friend", Y, 5))
    theft.apply(of_people(tx("batch", *lines, sender="delegated"), "delegated"))
    assert theft.lots("delegated") == [(100, 100)]
    assert theft.lots("friend", Y) == []


def test_person_that_liquidates_is_paid_in_collateral() -> None:
    rx, dy = f"{CHAIN}/erc20:rx", f"{CHAIN}/erc20:dy"
    theft = Theft(prices={X: 1, Y: 2})
    theft.assets = {
        rx: AssetInfo(rx, AssetRole.RECEIPT, X, "lender"),
        dy: AssetInfo(dy, AssetRole.DEBT, Y, "lender"),
    }
    theft.steal(100)
    theft.apply(tx("supply", ("thief", "rx", X, 100), (None, "thief", rx, 100)))
    theft.apply(tx("borrow", (None, "thief", dy, 20), ("rx", "thief", Y, 20)))
    lines = (("liquidator", "rx", Y, 10), ("thief", None, dy, 10), ("thief", None, rx, 30))
    theft.apply(of_people(tx("liquidate", *lines, ("rx", "liquidator", X, 30)), "liquidator"))
    assert theft.lots("liquidator") == []
    assert theft.origin_total() == 100


def test_only_the_stolen_unit_of_a_collection_is_followed(theft: Theft) -> None:
    ape, other = f"{CHAIN}/erc721:apes/7", f"{CHAIN}/erc721:apes/8"
    theft = Theft(policy=theft.policy, known={X, ETH})
    theft.steal(1, asset=ape)
    theft.apply(tx("both", ("thief", "a", ape, 1), ("thief", "a", other, 1)))
    assert (theft.lots("a", ape), theft.lots("a", other)) == ([(1, 1)], [])
    sale = tx("sale", ("a", "buyer", ape, 1), ("buyer", "market", ETH, 9), ("market", "a", ETH, 9))
    theft.apply(of_people(sale, "buyer"))
    assert theft.lots("a", ETH) == [(9, 1)]
    assert theft.lots("buyer", ape) == []


def test_copies_of_one_kind_are_followed_as_amounts(theft: Theft) -> None:
    ticket = f"{CHAIN}/erc1155:tickets/3"
    theft.steal(6, asset=ticket)
    theft.apply(tx("two", ("thief", "a", ticket, 2)), tx("four", ("thief", "b", ticket, 4)))
    assert (theft.lots("a", ticket), theft.lots("b", ticket)) == ([(2, 2)], [(4, 4)])


def test_who_would_convert_and_may_be_a_person_is_asked_for() -> None:
    theft = Theft()
    theft.steal(100)
    ran = frozenset({"smart", "pool", "receiver"})
    op = replace(
        tx("op", ("thief", "smart", X, 60), ("thief", "receiver", X, 40), *GAS), contracts=ran
    )
    moves = block(9, op, tx("later", ("smart", "a", Y, 1)))
    asked = doubtful(moves, reach(theft.state, moves, (), theft.kinds))
    assert asked == {"smart"}
    told = with_people(moves, asked)
    assert [one.people for one in told.transactions] == [{"smart"}, set()]
    assert doubtful(told, reach(theft.state, told, (), theft.kinds)) == set()
    theft.apply_block(told)
    assert theft.lots("smart") == [(60, 60)]
