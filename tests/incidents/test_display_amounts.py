"""Amounts, shares and the money strip: exact, and adding up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.display import amounts, strip
from incidents.ports import Strip

E18 = 10**18
UINT256_MAX = 2**256 - 1
BUCKETS = ("at_large", "at_services", "in_crossing", "held", "frozen", "recovered", "lost")


@pytest.mark.parametrize(
    ("base_units", "decimals", "shown"),
    [
        (116_500 * E18, 18, "116,500"),
        (30_765_667501709008927568, 18, "30,765.667501709008927568"),
        (1, 18, "0.000000000000000001"),
        (1_500_000, 6, "1.5"),
        (42, 0, "42"),
        (-1_500_000, 6, "-1.5"),
        (
            UINT256_MAX,
            18,
            "115,792,089,237,316,195,423,570,985,008,687,907,853,269,984,665,640,564,039,457"
            ".584007913129639935",
        ),
    ],
)
def test_amounts_are_shown_exactly(base_units: int, decimals: int, shown: str) -> None:
    assert str(amounts.show(base_units, decimals)) == shown


def test_negative_decimals_are_refused() -> None:
    with pytest.raises(ValueError, match="decimals"):
        amounts.show(1, -1)


@given(st.integers(0, UINT256_MAX), st.integers(0, 40), st.integers(0, 40))
def test_no_digit_is_lost(base_units: int, decimals: int, places: int) -> None:
    shown = amounts.show(base_units, decimals, places=places)
    fraction = shown.fraction.removeprefix(".")
    digits = shown.whole.replace(",", "") + fraction.rstrip("0").ljust(decimals, "0")
    assert int(digits) == base_units
    assert len(fraction) >= places


@given(st.lists(st.integers(0, UINT256_MAX), max_size=8))
def test_shares_add_up_to_the_scale(parts: list[int]) -> None:
    found = amounts.shares(parts, scale=10_000)
    assert sum(found) == (10_000 if sum(parts) else 0)
    assert all(share == 0 for part, share in zip(parts, found, strict=True) if part == 0)


def _strip(**changed: int) -> Strip:
    values = {
        "stolen": 100 * E18,
        "at_large": 50 * E18,
        "held": 10 * E18,
        "frozen": 30 * E18,
        "recovered": 4 * E18,
        "lost": 6 * E18,
        "at_services": 20 * E18,
        "in_crossing": 5 * E18,
    } | changed
    return Strip("eip155:1/erc20:0x01", "rsETH", 18, **values)


def test_strip_rows_and_segments_add_up() -> None:
    rows = strip.rows(_strip())
    assert [(r.bucket, str(r.amount), r.percent) for r in rows] == [
        ("at_large", "50", "50.00"),
        ("at_services", "20", "20.00"),
        ("in_crossing", "5", "5.00"),
        ("held", "10", "10.00"),
        ("frozen", "30", "30.00"),
        ("recovered", "4", "4.00"),
        ("lost", "6", "6.00"),
    ]
    segments = strip.segments(_strip())
    assert sum(s.width for s in segments if not s.sub) == strip.SCALE
    assert [(s.bucket, s.x, s.width) for s in segments if s.sub] == [
        ("at_services", 2500, 2000),
        ("in_crossing", 4500, 500),
    ]


def test_all_amounts_of_a_strip_have_the_same_number_of_places() -> None:
    rows = strip.rows(_strip(at_large=50 * E18 - 1, lost=6 * E18 + 1))
    assert {len(r.amount.fraction) for r in rows} == {19}
    assert str(strip.total(_strip(at_large=50 * E18 - 1, lost=6 * E18 + 1))) == "100." + "0" * 18


@pytest.mark.parametrize(
    "changed",
    [{"lost": 6 * E18 + 1}, {"lost": -1, "frozen": 36 * E18 + 1}, {"at_services": 46 * E18}],
)
def test_a_strip_that_does_not_add_up_is_never_shown(changed: dict[str, int]) -> None:
    with pytest.raises(strip.DoesNotAddUpError):
        strip.rows(_strip(**changed))
    with pytest.raises(strip.DoesNotAddUpError):
        strip.segments(_strip(**changed))


def test_nothing_stolen_yet_is_an_empty_bar() -> None:
    empty = Strip("a", "ETH", 18, **dict.fromkeys(("stolen", *BUCKETS), 0))
    assert strip.segments(empty) == []
    assert [r.percent for r in strip.rows(empty)] == ["0.00"] * 7
