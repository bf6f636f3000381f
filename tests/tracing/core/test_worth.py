"""An exchange pays what it takes: who pays much less keeps what it took, as far as prices tell."""

import pytest

from tests.tracing.core.ledger import CHAIN, Line, Theft, X, Y, Z, block, tx
from tracing.core.policies import CONSERVING, policy
from tracing.core.reach import needs_prices
from tracing.core.types import AccountKind, AssetInfo, AssetRole

RX, RY = f"{CHAIN}/erc20:rx", f"{CHAIN}/erc20:ry"
LISTED = {
    RX: AssetInfo(RX, AssetRole.RECEIPT, X, "lender"),
    RY: AssetInfo(RY, AssetRole.RECEIPT, Y, "lender"),
}


def paid(amount: int) -> tuple[Line, ...]:
    return (("thief", "contract", X, 100), ("contract", "thief", Y, amount))


@pytest.fixture(params=CONSERVING)
def theft(request: pytest.FixtureRequest) -> Theft:
    theft = Theft(policy=policy(request.param), prices={X: 2, Y: 4}, assets=dict(LISTED))
    theft.steal(100)
    return theft


def test_contract_that_takes_much_and_pays_a_little_keeps_it(theft: Theft) -> None:
    theft.apply(tx("wash", *paid(24)))
    assert theft.lots("contract") == [(100, 100)]
    assert theft.lots("thief", Y) == []
    theft.apply(tx("on", ("contract", "mule", X, 60)))
    assert theft.lots("mule") == [(60, 60)]


def test_contract_that_pays_half_of_the_worth_is_an_exchange(theft: Theft) -> None:
    theft.apply(tx("swap", *paid(25)))
    assert theft.lots("contract") == []
    assert theft.lots("thief", Y) == [(25, 100)]


def test_label_of_a_pool_says_more_than_a_price(theft: Theft) -> None:
    theft.kinds["contract"] = AccountKind.POOL
    theft.apply(tx("swap", *paid(1)))
    assert theft.lots("thief", Y) == [(1, 100)]


@pytest.mark.parametrize("asset", [X, Y])
def test_without_a_price_nobody_can_tell(theft: Theft, asset: str) -> None:
    del theft.prices[asset]
    theft.apply(tx("swap", *paid(1)))
    assert theft.lots("thief", Y) == [(1, 100)]


def test_receipt_is_worth_what_it_stands_for(theft: Theft) -> None:
    theft.apply(tx("wash", ("thief", "contract", X, 100), ("contract", "thief", RY, 24)))
    assert theft.lots("contract") == [(100, 100)]


def test_prices_are_asked_for_where_something_is_exchanged(theft: Theft) -> None:
    swap = block(9, tx("swap", *paid(24)))
    assert needs_prices(theft.state, swap, theft.assets) == {X, Y}
    unlisted = block(9, tx("swap", ("thief", "c", X, 100), ("c", "thief", Z, 24)))
    assert needs_prices(theft.state, unlisted, theft.assets) == {X}
    assert needs_prices(theft.state, block(9, tx("send", ("thief", "a", X, 1))), LISTED) == set()
    strangers = block(9, tx("swap", ("b", "c", X, 100), ("c", "b", Y, 24)))
    assert needs_prices(theft.state, strangers, theft.assets) == set()
    assert needs_prices(theft.state, swap, {}) == set()
