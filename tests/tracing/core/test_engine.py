"""The engine on small ledgers, one behaviour each (docs/taint.md)."""

import pytest

from tests.tracing.core.ledger import CHAIN, ETH, WETH, Theft, X, Y, Z, block, key, tx
from tracing.core.types import AccountKind, HopKind, Movement, MovementKind, Seed, Transaction


@pytest.fixture
def theft() -> Theft:
    theft = Theft()
    theft.steal(100)
    return theft


def test_seed_taints_what_the_receiver_got_and_opens_its_account() -> None:
    theft = Theft(balances={key("thief"): 7})
    effects = theft.steal(100)
    assert theft.lots("thief") == [(7, None), (100, 100)]
    assert effects.opened == [key("thief")]
    (hop,) = effects.hops
    assert (hop.kind, hop.key, hop.frm, hop.to) == (
        HopKind.SEED,
        "theft-s0:0",
        None,
        key("thief"),
    )
    assert (hop.depth, hop.prev, hop.amount_to) == (0, None, 100)


def test_oldest_units_leave_first(theft: Theft) -> None:
    theft.apply(tx("in", ("clean", "thief", X, 50)))
    theft.apply(tx("out", ("thief", "a", X, 120)))
    assert theft.lots("a") == [(100, 100), (20, None)]
    assert theft.lots("thief") == [(30, None)]


def test_opening_counts_the_blocks_earlier_transactions_and_the_fee_of_its_own(
    theft: Theft,
) -> None:
    theft.balances[key("a")] = 10
    theft.balances[key("a", ETH)] = 1000
    theft.steal(500, asset=ETH)
    theft.apply(
        tx("before", ("b", "a", X, 5), ("a", "c", X, 3)),
        tx("taint", ("thief", "a", X, 40), ("thief", "a", ETH, 500), sender="a", fee=30),
    )
    assert theft.lots("a") == [(12, None), (40, 40)]
    assert theft.lots("a", ETH) == [(970, None), (500, 500)]


def test_opening_is_never_negative(theft: Theft) -> None:
    theft.balances[key("a")] = None
    theft.apply(tx("before", ("a", "c", X, 3)), tx("taint", ("thief", "a", X, 40)))
    assert theft.lots("a") == [(40, 40)]


def test_debit_larger_than_the_queue_is_clean_first_and_marks_history_incomplete(
    theft: Theft,
) -> None:
    effects = theft.apply(tx("out", ("thief", "a", X, 130)))
    assert theft.lots("a") == [(30, None), (100, 100)]
    assert effects.incomplete == [key("thief")]
    account = theft.state.get(key("thief"))
    assert account is not None
    assert account.incomplete


def test_origin_is_split_by_floor_and_the_rest_keeps_the_rest() -> None:
    theft = Theft()
    theft.steal(100)
    theft.apply(tx("swap", ("thief", "pool", X, 100), ("pool", "thief", Y, 7)))
    theft.apply(tx("out", ("thief", "a", Y, 3)))
    assert theft.lots("a", Y) == [(3, 42)]  # 100 * 3 // 7
    assert theft.lots("thief", Y) == [(4, 58)]


def test_disperse_deals_units_in_order_of_first_movements(theft: Theft) -> None:
    theft.balances[key("thief")] = 0
    theft.apply(tx("in", ("clean", "thief", X, 20)))
    theft.apply(
        tx(
            "disperse",
            ("thief", "disperser", X, 120),
            ("disperser", "a", X, 90),
            ("disperser", "b", X, 30),
        )
    )
    assert theft.lots("a") == [(90, 90)]
    assert theft.lots("b") == [(10, 10), (20, None)]
    assert theft.lots("disperser") == []


def test_clean_cosender_in_one_transaction_keeps_its_own_units(theft: Theft) -> None:
    theft.apply(tx("batch", ("clean", "a", X, 10), ("thief", "b", X, 20), ("clean", "b", X, 5)))
    assert theft.lots("a") == []
    assert theft.lots("b") == [(5, None), (20, 20)]


def test_value_that_comes_back_within_the_transaction_moves_nothing(theft: Theft) -> None:
    theft.apply(tx("round", ("thief", "a", X, 80), ("a", "b", X, 80), ("b", "thief", X, 80)))
    theft.apply(tx("self", ("thief", "thief", X, 80), ("thief", "a", X, 0)))
    assert theft.lots("thief") == [(100, 100)]
    assert theft.lots("a") == theft.lots("b") == []


def test_fee_is_paid_first_and_its_taint_is_lost() -> None:
    theft = Theft()
    theft.steal(100, asset=ETH)
    effects = theft.apply(tx("pay", ("thief", "a", ETH, 90), sender="thief", fee=10))
    assert theft.lots("a", ETH) == [(90, 90)]
    assert theft.strip(ETH)["lost"] == 10
    assert [hop.kind for hop in effects.hops] == [HopKind.FEE, HopKind.TRANSFER]


def test_fee_larger_than_the_queue_burns_what_is_there() -> None:
    theft = Theft()
    theft.steal(100, asset=ETH)
    effects = theft.apply(tx("pay", sender="thief", fee=130))
    assert theft.strip(ETH)["lost"] == 100
    assert effects.incomplete == [key("thief", ETH)]


def test_swap_moves_the_whole_origin_to_what_was_bought(theft: Theft) -> None:
    effects = theft.apply(tx("swap", ("thief", "pool", X, 100), ("pool", "thief", Y, 30)))
    assert theft.lots("thief", Y) == [(30, 100)]
    assert theft.lots("pool") == theft.lots("pool", Y) == []
    (hop,) = effects.hops
    assert (hop.kind, hop.frm, hop.to) == (HopKind.CONVERSION, key("thief"), key("thief", Y))
    assert (hop.amount_from, hop.amount_to, hop.estimated) == (100, 30, False)


def test_swap_through_a_router_and_two_pools_is_one_conversion(theft: Theft) -> None:
    theft.kinds["pool2"] = AccountKind.POOL
    theft.apply(
        tx(
            "swap",
            ("thief", "router", X, 100),
            ("router", "pool1", X, 100),
            ("pool1", "pool2", Y, 50),
            ("pool2", "router", Z, 25),
            ("router", "other", Z, 25),
        )
    )
    assert theft.lots("other", Z) == [(25, 100)]
    assert theft.origin_total() == 100


def test_swap_of_mixed_units_keeps_their_order(theft: Theft) -> None:
    theft.apply(tx("in", ("clean", "thief", X, 100)))
    theft.apply(tx("swap", ("thief", "pool", X, 200), ("pool", "thief", Y, 30)))
    assert theft.lots("thief", Y) == [(15, 100), (15, None)]


def test_wrap_is_a_conversion_at_the_wrapper() -> None:
    theft = Theft()
    theft.steal(100, asset=ETH)
    theft.apply(tx("wrap", ("thief", "weth", ETH, 100), (None, "thief", WETH, 100)))
    assert theft.lots("thief", WETH) == [(100, 100)]
    theft.apply(tx("unwrap", ("thief", None, WETH, 40), ("weth", "a", ETH, 40)))
    assert theft.lots("a", ETH) == [(40, 40)]
    assert theft.lots("thief", WETH) == [(60, 60)]


def test_swap_with_two_things_bought_splits_the_origin_by_value(theft: Theft) -> None:
    theft.prices.update({Y: 3, Z: 1})
    lines = (("thief", "pool", X, 100), ("pool", "thief", Y, 10), ("pool", "thief", Z, 10))
    effects = theft.apply(tx("swap", *lines))
    assert theft.lots("thief", Y) == [(10, 75)]
    assert theft.lots("thief", Z) == [(10, 25)]
    assert all(hop.estimated for hop in effects.hops)


def test_swap_without_prices_splits_the_origin_equally(theft: Theft) -> None:
    lines = (("thief", "pool", X, 100), ("pool", "thief", Y, 10), ("pool", "thief", Z, 99))
    theft.apply(tx("swap", *lines))
    assert theft.lots("thief", Y) == [(10, 50)]
    assert theft.lots("thief", Z) == [(99, 50)]


def test_two_things_sold_cover_what_was_bought_in_order(theft: Theft) -> None:
    theft.prices.update({X: 1, Z: 3})
    theft.apply(
        tx(
            "swap",
            ("thief", "pool", X, 100),
            ("thief", "pool", Z, 100),
            ("pool", "thief", Y, 40),
        )
    )
    assert theft.lots("thief", Y) == [(10, 100), (30, None)]


def test_piece_too_small_for_a_unit_gives_its_origin_to_the_next() -> None:
    theft = Theft()
    theft.steal(1, 1, 1)
    theft.apply(tx("in", ("clean", "thief", X, 7)))
    theft.apply(tx("swap", ("thief", "pool", X, 10), ("pool", "a", Y, 2)))
    assert sum(origin or 0 for _, origin in theft.lots("a", Y)) == 3
    assert theft.origin_total() == theft.minted() == 3


def test_assets_that_wait_for_one_another_lose_nothing(theft: Theft) -> None:
    theft.apply(
        tx(
            "arbitrage",
            ("thief", "a", X, 100),
            ("a", "b", Y, 50),
            ("b", "a", X, 30),
            ("b", "c", X, 60),
            ("c", "b", Y, 10),
        )
    )
    assert theft.origin_total() == 100


FAKE, FAKE2 = f"{CHAIN}/erc20:fake", f"{CHAIN}/erc20:fake2"


def test_made_up_token_does_not_carry_the_origin_away(theft: Theft) -> None:
    lines = (("thief", "contract", X, 100), ("contract", "accomplice", FAKE, 1))
    theft.apply(tx("plain reading", *lines))
    assert theft.lots("accomplice", FAKE) == [(1, 100)]
    theft = Theft(known={X, Y})
    theft.steal(100)
    theft.apply(tx("known assets", *lines))
    assert theft.lots("contract") == [(100, 100)]


def test_made_up_tokens_do_not_thin_the_origin_of_a_swap() -> None:
    theft = Theft(known={X, Y}, kinds={"pool": AccountKind.POOL})
    theft.steal(100)
    theft.apply(
        tx(
            "swap",
            ("thief", "pool", FAKE, 10**9),
            ("thief", "pool", X, 100),
            ("pool", "thief", Y, 10),
            ("pool", "thief", FAKE2, 10**9),
        )
    )
    assert theft.lots("thief", Y) == [(10, 100)]
    assert theft.origin_total() == 100


def test_labelled_pool_converts_into_a_token_that_nobody_knows() -> None:
    theft = Theft(known={X}, kinds={"pool": AccountKind.POOL})
    theft.steal(100)
    theft.apply(tx("swap", ("thief", "pool", X, 100), ("pool", "thief", Y, 10)))
    theft.apply(tx("send", ("thief", "a", Y, 10)), tx("in", ("clean", "a", Y, 5)))
    assert theft.lots("a", Y) == [(10, 100), (5, None)]


def test_stolen_token_that_nobody_knows_is_followed() -> None:
    theft = Theft(known=set())
    theft.steal(100, asset=FAKE)
    theft.apply(tx("send", ("thief", "a", FAKE, 100)))
    assert theft.lots("a", FAKE) == [(100, 100)]


@pytest.mark.parametrize(
    ("kind", "hop", "bucket"),
    [
        (AccountKind.SERVICE, HopKind.ARRIVAL, "at_services"),
        (AccountKind.POOL, HopKind.ARRIVAL, "at_services"),
        (AccountKind.CROSSING, HopKind.CROSSING, "in_crossing"),
        (AccountKind.MIXER, HopKind.MIX, "lost"),
        (AccountKind.CUSTODY, HopKind.CUSTODY, "frozen"),
        (AccountKind.RETURN, HopKind.RETURN, "recovered"),
    ],
)
def test_labelled_place_keeps_what_arrives(
    theft: Theft, kind: AccountKind, hop: HopKind, bucket: str
) -> None:
    theft.kinds["place"] = kind
    effects = theft.apply(tx("in", ("thief", "place", X, 60)))
    theft.apply(tx("out", ("place", "elsewhere", X, 1000)))
    assert theft.lots("place") == [(60, 60)]
    assert effects.hops[0].kind is hop
    assert theft.strip()[bucket] == 60
    assert theft.origin_total() == 100


def test_unlabelled_twin_of_a_labelled_place_is_followed(theft: Theft) -> None:
    theft.apply(tx("in", ("thief", "place", X, 60)))
    theft.apply(tx("out", ("place", "elsewhere", X, 60)))
    assert theft.lots("elsewhere") == [(60, 60)]


def test_burnt_units_are_lost(theft: Theft) -> None:
    dead = "0x000000000000000000000000000000000000dead"
    theft.apply(tx("burn", ("thief", None, X, 30)), tx("dead", ("thief", dead, X, 20)))
    assert theft.strip()["lost"] == 50
    assert theft.lots("x") == []


def test_dust_is_booked_and_not_followed_until_enough_arrives(theft: Theft) -> None:
    theft.thresholds[X] = 10
    theft.apply(tx("dust", ("thief", "a", X, 9)))
    assert theft.lots("a") == []
    theft.apply(tx("spent", ("a", "b", X, 9)))
    theft.apply(tx("enough", ("thief", "a", X, 10)))
    assert theft.lots("a") == [(10, 10)]
    theft.apply(tx("more", ("thief", "a", X, 1)))
    assert theft.lots("a") == [(10, 10), (1, 1)]
    assert theft.strip()["at_large"] == theft.origin_total() == 100


def test_two_seeds_in_one_transaction_are_both_followed_through() -> None:
    theft = Theft()
    theft.seeds = [Seed("s", CHAIN, "t", "proxy", X, 60), Seed("r", CHAIN, "t", "b", Y, 5)]
    theft.apply(
        tx("t", ("victim", "proxy", X, 60), ("proxy", "a", X, 60), ("victim", "b", Y, 5)),
    )
    assert theft.lots("a") == [(60, 60)]
    assert theft.lots("b", Y) == [(5, 5)]
    assert theft.lots("proxy") == []


def test_state_move_by_a_council_needs_no_sender(theft: Theft) -> None:
    theft.kinds["council"] = AccountKind.CUSTODY
    move = Movement(9, MovementKind.STATE, X, "thief", "council", 40)
    theft.apply_block(block(9, Transaction("block:0x9", 0, None, None, (move,))))
    assert theft.strip()["frozen"] == 40


def test_token_that_keeps_a_fee_on_transfer_adds_up(theft: Theft) -> None:
    theft.apply(tx("transfer", ("thief", "a", X, 95), ("thief", "x", X, 5)))
    assert theft.lots("a") == [(95, 95)]
    assert theft.origin_total() == 100


def test_hops_chain_back_to_the_seed(theft: Theft) -> None:
    first = theft.apply(tx("one", ("thief", "a", X, 100)))
    second = theft.apply(tx("two", ("a", "b", X, 10)))
    assert second.hops[0].prev == first.hops[0].key
    assert (first.hops[0].prev, second.hops[0].depth) == ("theft-s0:0", 2)


def test_held_and_frozen_follow_the_first_match(theft: Theft) -> None:
    theft.kinds["desk"] = AccountKind.SERVICE
    theft.apply(tx("a", ("thief", "desk", X, 60)), tx("b", ("thief", "cold", X, 40)))
    strip = theft.strip(held={key("desk"): 25}, frozen={key("cold")})
    assert strip == {
        "at_large": 35,
        "at_services": 35,
        "in_crossing": 0,
        "held": 25,
        "frozen": 40,
        "recovered": 0,
        "lost": 0,
    }


def test_rollback_restores_every_account(theft: Theft) -> None:
    before = theft.state.to_rows()
    effects = theft.apply(tx("a", ("thief", "b", X, 70)), tx("c", ("b", None, X, 5)))
    assert theft.state.to_rows() != before
    theft.state.restore(effects.before)
    assert theft.state.to_rows() == before
    assert set(theft.state.followed(CHAIN)) == {"thief"}
