"""Lending is a position: supply, borrow, repay, withdraw and liquidation move origin, lose none."""

import pytest

from tests.tracing.core.ledger import CHAIN, Theft, X, Y, block, key, tx
from tracing.core.reach import needs_prices, reach
from tracing.core.types import AccountKind, AssetInfo, AssetRole, HopKind

RX, RY, DY = (f"{CHAIN}/erc20:{name}" for name in ("rx", "ry", "dy"))


@pytest.fixture
def theft() -> Theft:
    theft = Theft(prices={X: 1, Y: 2})
    theft.assets = {
        RX: AssetInfo(RX, AssetRole.RECEIPT, X, "lender"),
        RY: AssetInfo(RY, AssetRole.RECEIPT, Y, "lender"),
        DY: AssetInfo(DY, AssetRole.DEBT, Y, "lender"),
    }
    theft.kinds.update(dict.fromkeys(("rx", "ry"), AccountKind.POOL))
    theft.steal(100)
    theft.apply(tx("supply", ("thief", "rx", X, 100), (None, "thief", RX, 100)))
    return theft


def borrow(theft: Theft, amount: int, receiver: str = "thief", name: str = "borrow") -> list:
    lines = ((None, "thief", DY, amount), ("ry", receiver, Y, amount))
    return theft.apply(tx(name, *lines)).hops


def test_supply_keeps_the_origin_on_the_receipt(theft: Theft) -> None:
    assert theft.lots("thief", RX) == [(100, 100)]
    assert theft.lots("rx") == []


def test_borrow_moves_origin_in_proportion_of_values(theft: Theft) -> None:
    (hop,) = borrow(theft, 20)
    assert theft.lots("thief", Y) == [(20, 40)]
    assert theft.lots("thief", RX) == [(100, 60)]
    assert (hop.kind, hop.frm, hop.to, hop.estimated) == (
        HopKind.LOAN,
        key("thief", RX),
        key("thief", Y),
        False,
    )


def test_second_borrow_counts_the_first_debt(theft: Theft) -> None:
    borrow(theft, 20)
    borrow(theft, 15, name="again")  # 30 of the 60 that are free
    assert theft.lots("thief", Y) == [(20, 40), (15, 30)]
    assert theft.lots("thief", RX) == [(100, 30)]


def test_debt_read_from_the_chain_wins_over_what_was_counted(theft: Theft) -> None:
    borrow(theft, 20)
    theft.balances[key("thief", DY)] = 35  # interest: 30 of value are left free
    borrow(theft, 15, name="again")
    assert theft.lots("thief", RX) == [(100, 0)]


def test_borrow_of_all_that_is_free_takes_all_origin(theft: Theft) -> None:
    borrow(theft, 50)
    assert theft.lots("thief", Y) == [(50, 100)]
    assert theft.lots("thief", RX) == [(100, 0)]


def test_borrow_without_a_price_takes_all_origin_and_says_estimated(theft: Theft) -> None:
    theft.prices.clear()
    (hop,) = borrow(theft, 1)
    assert hop.estimated
    assert theft.lots("thief", Y) == [(1, 100)]


def test_clean_collateral_makes_a_clean_share(theft: Theft) -> None:
    theft.apply(tx("in", ("clean", "thief", X, 100)))
    theft.apply(tx("more", ("thief", "rx", X, 100), (None, "thief", RX, 100)))
    borrow(theft, 50)
    assert theft.lots("thief", Y) == [(25, 50), (25, None)]
    assert theft.lots("thief", RX) == [(100, 50), (100, None)]


def test_loan_to_another_address_is_followed_there(theft: Theft) -> None:
    theft.balances[key("other", Y)] = 5
    borrow(theft, 50, receiver="other")
    assert theft.lots("other", Y) == [(5, None), (50, 100)]


def test_loan_that_a_gateway_swaps_on_is_found_where_it_arrived(theft: Theft) -> None:
    z = f"{CHAIN}/slip44:60"
    theft.apply(
        tx(
            "borrow",
            (None, "thief", DY, 50),
            ("ry", "gateway", Y, 50),
            ("gateway", "thief", z, 500),
        )
    )
    assert theft.lots("thief", z) == [(500, 100)]


def test_supply_and_borrow_in_one_transaction() -> None:
    theft = Theft(prices={X: 1, Y: 2})
    market = "market"
    theft.assets = {
        RX: AssetInfo(RX, AssetRole.RECEIPT, X, "lender", market),
        DY: AssetInfo(DY, AssetRole.DEBT, Y, "lender", market),
    }
    theft.steal(100)
    theft.apply(
        tx(
            "both",
            ("thief", market, X, 100),
            (None, "thief", RX, 100),
            (None, "thief", DY, 20),
            (market, "thief", Y, 20),
        )
    )
    assert theft.lots("thief", RX) == [(100, 60)]
    assert theft.lots("thief", Y) == [(20, 40)]


def test_repay_gives_the_origin_back_and_withdraw_returns_it(theft: Theft) -> None:
    borrow(theft, 20)
    effects = theft.apply(tx("repay", ("thief", "ry", Y, 20), ("thief", None, DY, 20)))
    assert [hop.kind for hop in effects.hops] == [HopKind.REPAY]
    assert theft.lots("thief", RX) == [(100, 100)]
    assert theft.lots("thief", Y) == []
    theft.apply(tx("withdraw", ("thief", None, RX, 100), ("rx", "thief", X, 100)))
    assert theft.lots("thief") == [(100, 100)]


def test_liquidation_leaves_the_origin_with_the_debtors_position(theft: Theft) -> None:
    borrow(theft, 20)
    theft.apply(
        tx(
            "liquidate",
            ("liquidator", "ry", Y, 10),
            ("thief", None, DY, 10),
            ("thief", None, RX, 30),
            ("rx", "liquidator", X, 30),
        )
    )
    # the liquidator paid for what it took, as one who sells in a swap: its units are clean
    assert theft.lots("liquidator") == []
    assert theft.lots("thief", RX) == [(70, 60)]
    assert theft.origin_total() == 100


def test_taint_that_repays_for_somebody_without_receipts_arrives_at_the_lender(
    theft: Theft,
) -> None:
    borrow(theft, 50)
    theft.apply(tx("repay", ("thief", "ry", Y, 50), ("stranger", None, DY, 50)))
    assert theft.lots("ry", Y) == [(50, 100)]


def test_taint_that_repays_for_somebody_with_receipts_reaches_those(theft: Theft) -> None:
    borrow(theft, 50)
    theft.balances[key("friend", RX)] = 80
    theft.apply(tx("repay", ("thief", "ry", Y, 50), ("friend", None, DY, 50)))
    assert theft.lots("friend", RX) == [(80, 100)]
    theft.apply(tx("withdraw", ("friend", None, RX, 80), ("rx", "friend", X, 80)))
    assert theft.lots("friend") == [(80, 100)]


def test_borrow_with_clean_collateral_only_stays_clean(theft: Theft) -> None:
    theft.apply(tx("gift", ("thief", "other", RX, 100)))
    borrow(theft, 20)
    assert theft.lots("thief", Y) == []
    assert theft.origin_total() == 100


def test_what_has_to_be_read_before_a_loan_is_named(theft: Theft) -> None:
    loan = block(9, tx("b", (None, "thief", DY, 5), ("ry", "thief", Y, 5)))
    keys = reach(theft.state, loan, (), theft.kinds, theft.assets)
    assert keys == {key("thief", DY), key("thief", RY), key("thief", Y)}
    assert needs_prices(theft.state, loan, theft.assets) == {X, Y}
    stranger = block(9, tx("b", (None, "other", DY, 5), ("ry", "other", Y, 5)))
    assert reach(theft.state, stranger, (), theft.kinds, theft.assets) == set()
    assert needs_prices(theft.state, stranger, theft.assets) == set()


def test_two_pieces_repaid_for_somebody_with_unknown_receipts_both_reach_those() -> None:
    theft = Theft(prices={X: 1, Y: 2})
    theft.assets = {
        RX: AssetInfo(RX, AssetRole.RECEIPT, X, "lender"),
        RY: AssetInfo(RY, AssetRole.RECEIPT, Y, "lender"),
        DY: AssetInfo(DY, AssetRole.DEBT, Y, "lender"),
    }
    theft.kinds.update(dict.fromkeys(("rx", "ry"), AccountKind.POOL))
    theft.steal(3, 4, asset=Y)
    theft.balances[key("friend", RX)] = 80
    theft.apply(tx("repay", ("thief", "ry", Y, 7), ("friend", None, DY, 7)))
    assert theft.lots("friend", RX) == [(0, 4), (80, 3)]
    assert theft.origin_total() == 7
