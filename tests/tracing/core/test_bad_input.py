"""What the core makes of input that should not be: each has an outcome, under every policy."""

import pytest

from tests.tracing.core.ledger import CHAIN, Theft, X, Y, block, key, tx
from tracing.core.policies import CONSERVING, policy
from tracing.core.types import AccountKind, Seed

LARGEST = 2**256 - 1
MADE_UP = f"{CHAIN}/erc20:madeup"


@pytest.fixture(params=CONSERVING)
def theft(request: pytest.FixtureRequest) -> Theft:
    return Theft(policy=policy(request.param))


def test_cycles_end_and_lose_nothing(theft: Theft) -> None:
    theft.steal(100)
    for _ in range(20):
        theft.apply(
            tx("a", ("thief", "a", X, 60), ("a", "b", X, 60), ("b", "thief", X, 60)),
            tx("b", ("thief", "a", X, 100)),
            tx("c", ("a", "b", X, 100)),
            tx("d", ("b", "thief", X, 100)),
        )
    assert theft.lots("thief") == [(100, 100)]
    assert theft.origin_total() == 100


def test_cycle_of_conversions_loses_nothing(theft: Theft) -> None:
    theft.steal(100)
    lines = (("thief", "p", X, 100), ("p", "q", Y, 9), ("q", "p", X, 50), ("q", "thief", X, 50))
    theft.apply(tx("round", *lines, ("p", "q", X, 150)))
    assert theft.origin_total() == 100


def test_transfer_to_oneself_moves_nothing(theft: Theft) -> None:
    theft.steal(100)
    effects = theft.apply(
        tx("self", ("thief", "thief", X, 100)), tx("more", ("thief", "thief", X, 999))
    )
    assert (effects.hops, effects.incomplete, theft.lots("thief")) == ([], [], [(100, 100)])


def test_zero_amounts_move_nothing_and_follow_nobody(theft: Theft) -> None:
    theft.steal(100)
    effects = theft.apply(tx("zero", ("thief", "a", X, 0)), tx("poison", ("a", "thief", X, 0)))
    assert (effects.hops, effects.opened) == ([], [])
    assert set(theft.state.followed(CHAIN)) == {"thief"}


def test_seed_of_nothing_taints_nothing(theft: Theft) -> None:
    theft.steal(0)
    theft.apply(tx("in", ("clean", "thief", X, 5)), tx("out", ("thief", "a", X, 5)))
    assert theft.origin_total() == 0
    assert theft.state.get(key("a")) is None or theft.lots("a") == []


def test_largest_amounts_are_exact(theft: Theft) -> None:
    theft.steal(LARGEST, LARGEST)
    theft.apply(tx("in", ("clean", "thief", X, LARGEST)))
    theft.apply(tx("out", ("thief", "a", X, 3 * LARGEST - 1)))
    theft.apply(tx("swap", ("a", "p", X, LARGEST), ("p", "a", Y, 7)))
    assert theft.origin_total() == 2 * LARGEST
    held = sum(amount for who in ("thief", "a") for amount, _ in theft.lots(who))
    assert held == 2 * LARGEST


def test_seed_larger_than_what_was_received_is_whole_and_says_so(theft: Theft) -> None:
    theft.seeds = [Seed("s", CHAIN, "t", "thief", X, 100), Seed("r", CHAIN, "u", "other", X, 60)]
    effects = theft.apply(tx("t", ("victim", "thief", X, 60)), tx("u", ("victim", "other", X, 60)))
    assert theft.lots("thief") == [(100, 100)]
    assert effects.incomplete == [key("thief")]
    assert theft.origin_total() == 160


def test_label_that_contradicts_a_seed_stops_it_where_it_is(theft: Theft) -> None:
    theft.kinds["thief"] = AccountKind.SERVICE
    theft.steal(100)
    theft.apply(tx("out", ("thief", "a", X, 100)))
    assert theft.lots("thief") == [(100, 100)]
    assert theft.state.get(key("a")) is None
    assert theft.strip()["at_services"] == 100


def test_label_that_comes_later_stops_what_is_there(theft: Theft) -> None:
    theft.steal(100)
    theft.kinds["thief"] = AccountKind.SERVICE
    theft.apply(tx("out", ("thief", "a", X, 100)))
    assert theft.state.get(key("a")) is None
    assert theft.origin_total() == theft.strip()["at_services"] == 100


def test_unknown_asset_is_followed_only_where_it_was_stolen(theft: Theft) -> None:
    theft.known = {X}
    theft.steal(100)
    theft.steal(7, receiver="other", asset=MADE_UP)
    theft.apply(tx("swap", ("thief", "c", X, 40), ("c", "thief", f"{CHAIN}/erc20:worse", 1)))
    theft.apply(tx("send", ("other", "a", MADE_UP, 7)))
    assert theft.lots("c") == [(40, 40)]
    assert theft.lots("a", MADE_UP) == [(7, 7)]


def test_unreadable_balance_counts_as_none_and_says_so_when_it_is_missed(theft: Theft) -> None:
    theft.balances[key("a")] = None
    theft.steal(100)
    theft.apply(tx("in", ("thief", "a", X, 100)))
    effects = theft.apply(tx("out", ("a", "b", X, 130)))
    assert effects.incomplete == [key("a")]
    assert sum(amount for amount, _ in theft.lots("b")) == 130
    assert theft.origin_total() == 100


def test_block_that_holds_a_theft_twice_mints_it_once(theft: Theft) -> None:
    theft.seeds = [Seed("s", CHAIN, "t", "thief", X, 100)]
    stolen = tx("t", ("victim", "thief", X, 100))
    theft.apply_block(block(9, stolen, stolen))
    theft.apply_block(block(9, stolen, stolen))
    assert theft.lots("thief") == [(100, 100)]
