"""What a bridge burns, and lots that go on with their origin elsewhere."""

from hypothesis import given
from hypothesis import strategies as st

from tests.effort import examples
from tests.tracing.core.ledger import CHAIN, Theft, X, tx
from tracing.core.legs import land, share_out
from tracing.core.types import BURN_ADDRESS, CROSSING_ADDRESS, HopKind, Lot, Origin
from tracing.core.types import Seed as CoreSeed


def stolen(amount: int, origin: int, seed: str = "s0") -> Lot:
    return Lot(amount, Origin(seed, X, origin), f"way:{seed}", 3)


def test_what_a_bridge_burns_is_in_crossing_and_what_another_burns_is_lost() -> None:
    theft = Theft(bridged={"bridge": {X}})
    theft.steal(100)
    theft.apply(tx("bridge", ("thief", None, X, 60)), tx("fire", ("thief", None, X, 10)))
    assert theft.lots(CROSSING_ADDRESS) == [(60, 60)]
    assert theft.lots(BURN_ADDRESS) == [(10, 10)]
    strip = theft.strip()
    assert (strip["in_crossing"], strip["lost"], strip["at_large"]) == (60, 10, 90)


def test_a_leg_goes_on_with_origins_hops_and_depths() -> None:
    leg = Theft()
    lots = (stolen(30, 40), stolen(20, 25, "s1"))
    leg.seeds.append(CoreSeed("leg", CHAIN, "land", "thief", X, 50, lots))
    effects = leg.apply(tx("land", ("relay", "thief", X, 55)), tx("on", ("thief", "mule", X, 35)))
    assert leg.lots("mule") == [(30, 40), (5, 6)]
    assert leg.lots("thief") == [(15, 19), (5, None)]
    assert [(hop.kind, hop.prev, hop.depth) for hop in effects.hops[:2]] == [
        (HopKind.SEED, "way:s0", 4),
        (HopKind.SEED, "way:s1", 4),
    ]


def test_the_fee_of_the_same_money_is_told_and_nothing_of_another_money_is() -> None:
    lots = [stolen(600, 900), stolen(300, 100, "s1")]
    same = land(lots, 1000, 980, same_unit=True)
    assert [(lot.amount, lot.origin and lot.origin.amount) for lot in same.lots] == [
        (588, 882),
        (294, 98),
    ]
    assert same.kept == {("s0", X): 18, ("s1", X): 2}
    other = land(lots, 1000, 98, same_unit=False)
    assert [lot.origin and lot.origin.amount for lot in other.lots] == [900, 100]
    assert (other.amount, other.kept) == (88, {})


def test_a_bridge_that_keeps_nearly_all_took_no_fee() -> None:
    assert land([stolen(100, 100)], 100, 1, same_unit=True).kept == {}


def test_lots_without_a_unit_on_the_far_side_lose_no_origin() -> None:
    landed = land([stolen(1, 5), stolen(99, 7)], 100, 10, same_unit=False)
    assert [(lot.amount, lot.origin and lot.origin.amount) for lot in landed.lots] == [(10, 12)]


def test_departures_of_one_transaction_share_its_lots_in_order() -> None:
    shares = share_out([stolen(50, 100), stolen(10, 10)], [20, 25, None])
    assert [[(lot.amount, lot.origin and lot.origin.amount) for lot in s] for s in shares] == [
        [(20, 40)],
        [(25, 50)],
        [(5, 10), (10, 10)],
    ]


amounts = st.integers(min_value=0, max_value=2**256 - 1)


@examples(1000)
@given(
    st.lists(st.tuples(amounts, amounts, st.sampled_from(["s0", "s1"])), min_size=1, max_size=8),
    amounts,
    amounts,
    st.booleans(),
)
def test_no_origin_is_lost_or_made_by_a_crossing(
    rows: list[tuple[int, int, str]], left: int, landed: int, same_unit: bool
) -> None:
    lots = [stolen(amount, origin, seed) for amount, origin, seed in rows]
    found = land(lots, left, landed, same_unit=same_unit)
    for seed in ("s0", "s1"):
        went = sum(origin for _, origin, name in rows if name == seed)
        came = sum(
            lot.origin.amount for lot in found.lots if lot.origin and lot.origin.seed == seed
        )
        assert went == came + found.kept.get((seed, X), 0)
    assert found.amount <= landed
