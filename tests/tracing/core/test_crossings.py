"""Matching the two sides of a bridge: certain only by the key, probable by the rest."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.effort import examples
from tracing.core.crossings import (
    Certainty,
    Departure,
    Kind,
    Landing,
    Reason,
    Seen,
    match,
    unbacked,
)

NEAR, FAR, ALICE = "eip155:1", "eip155:10", "0x" + "a1" * 20
USDC, FAR_USDC, FAR_DAI = f"{NEAR}/erc20:0x1", f"{FAR}/erc20:0x2", f"{FAR}/erc20:0x3"
KINDS = {USDC: Kind("USDC", 6), FAR_USDC: Kind("USDC", 18), FAR_DAI: Kind("DAI", 18)}
LEFT_AT, SENT = 1_000_000, 50_000_000  # 50 USDC
LEFT = Departure(
    bridge="b", chain=NEAR, tx="0x1", index=0, contract="0xc", sender=ALICE, asset=USDC,
    amount=SENT, to_chain=FAR, to_address=ALICE, match_key="k",
)  # fmt: skip
CAME = Landing(
    bridge="b", chain=FAR, tx="0x2", index=0, contract="0xd", from_chain=NEAR, to_address=ALICE,
    asset=FAR_USDC, amount=SENT * 10**12, match_key="k",
)  # fmt: skip
NO_KEY = replace(LEFT, match_key="")


def seen(*landings: Landing, after: int = 60) -> list[Seen]:
    return [Seen(landing, LEFT_AT + after) for landing in landings]


def by(departure: Departure, *landings: Landing, after: int = 60) -> list[tuple[str, int]]:
    found = match(departure, LEFT_AT, seen(*landings, after=after), kinds=KINDS)
    return [(one.certainty, one.confidence) for one in found]


def test_same_key_on_the_named_chain_is_certain() -> None:
    (one,) = match(LEFT, LEFT_AT, seen(CAME), kinds=KINDS)
    assert (one.certainty, one.confidence, one.reasons) == (Certainty.CERTAIN, 100, (Reason.KEY,))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"chain": "eip155:8453", "asset": ""}, Reason.OTHER_CHAIN),
        ({"from_chain": "eip155:8453"}, Reason.OTHER_ORIGIN),
        ({"amount": SENT * 10**12 * 2}, Reason.OTHER_AMOUNT),
        ({"amount": 1}, Reason.OTHER_AMOUNT),  # the rest went to a relayer, as his fee
    ],
)
def test_same_key_with_a_contradiction_is_not_certain(
    change: dict[str, Any], reason: Reason
) -> None:
    (one,) = match(LEFT, LEFT_AT, seen(replace(CAME, **change)), kinds=KINDS)
    assert (one.certainty, one.confidence) == (Certainty.PROBABLE, 40)
    assert reason in one.reasons


def test_promised_asset_and_amount_bind_the_key_as_well() -> None:
    """Less than promised, or something else, is not what left, whatever its number is."""
    promised = replace(LEFT, to_asset=FAR_USDC, to_amount=49 * 10**18)
    assert by(promised, replace(CAME, amount=49 * 10**18)) == [("certain", 100)]
    assert by(promised, replace(CAME, amount=48 * 10**18)) == [("probable", 40)]
    assert by(promised, replace(CAME, asset=FAR_DAI)) == [("probable", 40)]
    assert by(promised, replace(CAME, asset="", amount=None)) == [("certain", 100)]  # not told


def test_a_token_that_nobody_knows_is_no_certain_end() -> None:
    """Intents pay out what their sender asks for: he makes a token and fills his own order."""
    his = f"{FAR}/erc20:0x666"
    asked = replace(LEFT, to_asset=his, to_amount=1)
    (one,) = match(asked, LEFT_AT, seen(replace(CAME, asset=his, amount=1)), kinds=KINDS)
    assert (one.certainty, one.confidence) == (Certainty.PROBABLE, 40)
    assert Reason.UNKNOWN_ASSET in one.reasons
    real = replace(LEFT, to_asset=FAR_DAI, to_amount=49 * 10**18)
    assert by(real, replace(CAME, asset=FAR_DAI, amount=49 * 10**18)) == [("certain", 100)]


def test_wrapped_coin_may_come_as_the_coin_unit_for_unit() -> None:
    wrapped = replace(LEFT, asset="", to_asset=f"{FAR}/erc20:0xweth", to_amount=49 * 10**18)
    coin = replace(CAME, asset=f"{FAR}/slip44:60", amount=49 * 10**18)
    assert by(wrapped, coin) == [("certain", 100)]
    assert by(wrapped, replace(coin, amount=49)) == [("probable", 40)]  # 49 wei for 49 of a token
    unkeyed, plain = replace(wrapped, match_key=""), replace(coin, match_key="")
    assert by(unkeyed, plain, after=0) == [("probable", 45 + 25 + 10)]
    assert by(unkeyed, replace(plain, amount=49)) == []


def test_landing_before_the_departure_is_not_certain() -> None:
    assert by(LEFT, CAME, after=-300) == [("probable", 40)]
    assert by(LEFT, CAME, after=-60) == [("certain", 100)]  # clocks of two chains differ


def test_two_landings_with_one_key_are_both_only_probable() -> None:
    assert by(LEFT, CAME, replace(CAME, tx="0x3")) == [("probable", 45)] * 2


def test_same_key_of_another_bridge_is_nothing() -> None:
    assert by(LEFT, replace(CAME, bridge="x")) == []


def test_refund_comes_back_to_where_it_left() -> None:
    back = replace(CAME, chain=NEAR, asset=USDC, amount=SENT, is_refund=True)
    (one,) = match(LEFT, LEFT_AT, seen(back), kinds=KINDS)
    assert (one.certainty, one.reasons) == (Certainty.CERTAIN, (Reason.KEY, Reason.REFUND))
    assert by(LEFT, replace(back, chain=FAR)) == [("probable", 40)]


def test_without_a_key_confidence_follows_the_documented_points() -> None:
    keyless = replace(CAME, match_key="")
    assert by(NO_KEY, keyless, after=0) == [("probable", 95)]
    half_fee = replace(keyless, amount=SENT * 10**12 * 975 // 1000)
    assert by(NO_KEY, half_fee, after=3 * 3600) == [("probable", 45 + 15 + 25 - 7 + 5)]
    untold = replace(keyless, to_address="", asset="", amount=None)
    assert by(NO_KEY, untold, after=0) == []  # time alone is no candidate
    assert by(replace(NO_KEY, to_address=""), keyless, after=0) == [("probable", 50)]


@pytest.mark.parametrize(
    "change",
    [
        {"to_address": "0x" + "b0" * 20},
        {"amount": SENT * 10**12 * 94 // 100},  # more than the fee tolerance is missing
        {"amount": SENT * 10**12 * 101 // 100},  # and nothing pays out more than came in
        {"chain": "eip155:8453"},
        {"from_chain": "eip155:8453"},
        {"bridge": "x"},
        {"is_refund": True},
    ],
)
def test_without_a_key_one_contradiction_is_enough(change: dict[str, Any]) -> None:
    keyless = replace(CAME, match_key="")
    assert by(NO_KEY, keyless) != []
    assert by(NO_KEY, replace(keyless, **change)) == []


def test_time_window_ends() -> None:
    keyless = replace(CAME, match_key="")
    assert by(NO_KEY, keyless, after=6 * 3600) == [("probable", 85)]
    assert by(NO_KEY, keyless, after=6 * 3600 + 1) == []


def test_promised_asset_must_be_the_one_that_came() -> None:
    promised = replace(NO_KEY, to_asset=FAR_DAI, to_amount=49 * 10**18)
    dai = replace(CAME, match_key="", asset=FAR_DAI, amount=49 * 10**18)
    assert by(promised, dai, after=0) == [("probable", 95)]
    assert by(promised, replace(dai, amount=48 * 10**18)) == []
    assert by(promised, replace(dai, asset=FAR_USDC)) == []


def test_several_candidates_share_the_confidence() -> None:
    keyless = replace(CAME, match_key="")
    found = by(NO_KEY, keyless, replace(keyless, tx="0x3"), replace(keyless, tx="0x4"), after=0)
    assert found == [("probable", 31)] * 3


def test_landing_with_another_key_is_another_transfer() -> None:
    assert by(LEFT, replace(CAME, match_key="other")) == []
    assert by(LEFT, replace(CAME, match_key=""), after=0) == [("probable", 95)]


def test_unbacked_are_those_that_nothing_pays_for() -> None:
    paid = replace(CAME, asset=USDC, amount=SENT)
    again, more = replace(paid, tx="0x3"), replace(paid, amount=SENT + 1)
    other = replace(paid, to_address="0x" + "b0" * 20)
    assert unbacked([paid], [LEFT]) == []
    assert unbacked([paid, again], [LEFT]) == [again]
    assert unbacked([more, other, replace(paid, match_key="z")], [LEFT]) != []
    assert len(unbacked([more, other, replace(paid, match_key="z")], [LEFT])) == 3


@examples(1000)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2 * SENT * 10**12), st.integers(-10_000, 30_000), st.sampled_from("k-x"),
            st.sampled_from([FAR, NEAR]), st.booleans(),
        ),
        max_size=6,
    ),
    st.sampled_from(["", "k"]),
)  # fmt: skip
def test_certain_means_one_key_and_nothing_against_it(
    rows: list[tuple[int, int, str, str, bool]], key: str
) -> None:
    far = [
        Seen(
            replace(CAME, tx=f"0x{at}", amount=amount, chain=chain, match_key=mark.strip("-"),
                    is_refund=back),
            LEFT_AT + when,
        )
        for at, (amount, when, mark, chain, back) in enumerate(rows)
    ]  # fmt: skip
    found = match(replace(LEFT, match_key=key), LEFT_AT, far, kinds=KINDS)
    assert all(0 <= one.confidence <= 100 for one in found)
    assert all((one.confidence == 100) == (one.certainty is Certainty.CERTAIN) for one in found)
    certain = [one for one in found if one.certainty is Certainty.CERTAIN]
    assert len(certain) <= 1
    assert not certain or (key and [one.landing.match_key for one in found] == [key])
