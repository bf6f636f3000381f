"""Dust adds up at its address, and a hub ends no branch above 1 % of the theft (docs/taint.md)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracing.core.ledger import CHAIN, Theft, X, Y, key, tx
from tracing.core.engine import apply_block
from tracing.core.inference.hubs import Hubs, Past, counterparties, judge, sample
from tracing.core.types import AccountKind, BlockEffects, BlockMovements


class HubTheft(Theft):
    """A theft in whose neighbourhood "hub" is a hub."""

    stolen: dict[str, int]
    hubs = frozenset({"hub"})

    def apply_block(self, movements: BlockMovements) -> BlockEffects:
        return apply_block(
            self.state,
            movements,
            seeds=self.seeds,
            kinds=self.kinds,
            assets=self.assets,
            balances=self.balances,
            prices=self.prices,
            thresholds=self.thresholds,
            hubs=Hubs(self.hubs, self.stolen),
        )


@pytest.fixture
def theft() -> HubTheft:
    theft = HubTheft()
    theft.stolen = {X: 100_000}
    theft.thresholds[X] = 10
    theft.steal(100_000)
    return theft


def followed(theft: Theft, address: str, asset: str = X) -> bool:
    account = theft.state.get(key(address, asset))
    return account is not None and account.kind is AccountKind.FOLLOWED


def tainted(theft: Theft, address: str) -> list[tuple[int, int | None]]:
    """Lots that are followed; dust of before is among the clean units."""
    return [lot for lot in theft.lots(address) if lot[1] is not None]


def test_pieces_below_the_threshold_add_up_at_their_address() -> None:
    theft = Theft()
    theft.thresholds[X] = 10
    theft.steal(100)
    for piece in range(1, 6):
        theft.apply(tx(f"piece{piece}", ("thief", "a", X, 9), ("thief", f"other{piece}", X, 9)))
    assert theft.lots("a") == [(9, 9)] * 4  # the first piece stays dust, from the second on it is
    assert not any(followed(theft, f"other{piece}") for piece in range(1, 6))
    assert theft.origin_total() == 100


def test_pieces_of_one_block_add_up_too() -> None:
    theft = Theft()
    theft.thresholds[X] = 10
    theft.steal(100)
    theft.apply(*(tx(f"piece{n}", ("thief", "a", X, 4)) for n in range(5)))
    assert tainted(theft, "a") == [(4, 4)] * 3


def test_a_hub_ends_a_branch_below_one_percent(theft: HubTheft) -> None:
    theft.apply(tx("little", ("thief", "hub", X, 999)), tx("twin", ("thief", "a", X, 999)))
    assert not followed(theft, "hub")
    assert followed(theft, "a")
    assert theft.origin_total() == 100_000


def test_a_hub_ends_no_branch_of_one_percent(theft: HubTheft) -> None:
    theft.apply(tx("much", ("thief", "hub", X, 1000)))
    theft.apply(tx("on", ("hub", "b", X, 1000)))
    assert theft.lots("b") == [(1000, 1000)]


@pytest.mark.parametrize("in_one_block", [True, False])
def test_splitting_below_one_percent_does_not_help(theft: HubTheft, in_one_block: bool) -> None:
    pieces = [tx(f"piece{n}", ("thief", "hub", X, 300)) for n in range(40)]
    if in_one_block:
        theft.apply(*pieces)
    else:
        for piece in pieces:
            theft.apply(piece)
    account = theft.state.get(key("hub"))
    assert account is not None
    assert sum(lot.amount for lot in account.dust) == 900  # below 1 %: three pieces, not more
    assert tainted(theft, "hub") == [(300, 300)] * 37


def test_another_asset_of_the_same_theft_counts_at_the_same_hub(theft: HubTheft) -> None:
    theft.apply(tx("swap", ("thief", "pool", X, 50_000), ("pool", "thief", Y, 50)))
    theft.apply(tx("x", ("thief", "hub", X, 900)))
    assert not followed(theft, "hub")
    theft.apply(tx("y", ("thief", "hub", Y, 1)))  # 1 Y is 1,000 stolen X
    assert followed(theft, "hub", Y)
    theft.apply(tx("more", ("thief", "hub", X, 11)))  # and then it is followed in every asset
    assert followed(theft, "hub")


def test_undoing_a_block_gives_back_what_the_hub_may_still_end(theft: HubTheft) -> None:
    theft.apply(tx("first", ("thief", "hub", X, 900)))
    effects = theft.apply(tx("second", ("thief", "hub", X, 100)))
    assert followed(theft, "hub")
    theft.state.restore(effects.before)
    theft.apply(tx("other", ("thief", "hub", X, 99)))
    assert not followed(theft, "hub")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4000), st.booleans()), max_size=40))
def test_what_ended_at_a_hub_is_always_below_one_percent(pieces: list[tuple[int, bool]]) -> None:
    theft = HubTheft()
    theft.stolen = {X: 200_000}
    theft.steal(200_000)
    theft.apply(tx("swap", ("thief", "pool", X, 100_000), ("pool", "thief", Y, 20_000)))
    for number, (amount, in_y) in enumerate(pieces):
        asset = Y if in_y else X
        theft.apply(tx(f"piece{number}", ("thief", "hub", asset, amount // (5 if in_y else 1))))
    ended = sum(
        lot.origin.amount
        for asset in (X, Y)
        if (account := theft.state.get(key("hub", asset)))
        for lot in account.dust
        if lot.origin
    )
    assert ended * 100 < 200_000
    assert theft.origin_total() == theft.minted()


def test_a_theft_of_two_assets_reaches_one_percent_with_either() -> None:
    hubs = Hubs(frozenset({"hub"}), {X: 1000, Y: 50_000})
    assert hubs.may_end({X: 9, Y: 499}, {X: 9, Y: 499})
    assert not hubs.may_end({X: 10}, {X: 10})
    assert not hubs.may_end({f"{CHAIN}/erc20:unheard-of": 1}, {})


def test_many_hubs_end_less_than_five_percent_together() -> None:
    theft = HubTheft()
    theft.stolen = {X: 100_000}
    theft.hubs = frozenset(f"hub{n}" for n in range(40))
    theft.steal(100_000)
    for n in range(40):
        theft.apply(tx(f"piece{n}", ("thief", f"hub{n}", X, 990)))
    assert [followed(theft, f"hub{n}") for n in range(40)] == [False] * 5 + [True] * 35


# -- who is one ------------------------------------------------------------------------------------


def judged(past: list[Past], acting: set[str]) -> bool:
    found = counterparties(past, {X}, {X: 10}, 1)
    looked_at = sample(found, "0xparent")
    return judge(len(found), len(looked_at), len(acting & set(looked_at))).is_hub


def test_many_acting_counterparties_make_a_hub() -> None:
    people = [f"p{n}" for n in range(100)]
    assert judged([Past(p, X, 10) for p in people], set(people))
    assert not judged([Past(p, X, 10) for p in people[1:]], set(people))


def test_a_thousand_dust_sends_make_no_hub() -> None:
    people = [f"p{n}" for n in range(1000)]
    assert not judged([Past(p, X, 9) for p in people], set(people))
    assert not judged([Past(p, Y, 10**30) for p in people], set(people))  # nobody knows that token


def test_a_thousand_fresh_addresses_of_one_hand_make_no_hub() -> None:
    people = [f"p{n}" for n in range(1000)]
    assert not judged([Past(p, X, 10) for p in people], set())
    assert judged([Past(p, X, 10) for p in people], set(people))


def test_one_counterparty_counts_once() -> None:
    assert not judged([Past("p", X, 10)] * 1000, {"p"})


def test_the_sample_depends_on_the_block_and_not_on_the_order() -> None:
    people = [f"p{n}" for n in range(1000)]
    assert sample(people, "0x1") == sample(reversed(people), "0x1")
    assert sample(people, "0x1") != sample(people, "0x2")
    assert len(sample(people, "0x1")) == 50
