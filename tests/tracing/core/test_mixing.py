"""The score of a withdrawal: whole percents that add up, and never certainty."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tracing.core.mixing import DAY, HOUR, MOST, OWN_RETURN, Coincidences, parts, score

ALONE = Coincidences(1, 0, 1, HOUR, is_fresh=True, has_relayer=True, is_met=False)
CROWD = Coincidences(1, 999, 1, 40 * DAY, is_fresh=False, has_relayer=False, is_met=False)


def test_a_withdrawal_alone_in_its_pool_scores_high_and_one_in_a_crowd_low() -> None:
    assert parts(ALONE) == {
        "share of the deposits since": 25,
        "time since the last deposit": 15,
        "paid by a relayer": 5,
        "fresh recipient": 10,
    }
    assert (score(ALONE), score(CROWD), parts(CROWD)) == (60, 5, {})


def test_each_coincidence_adds_and_the_sum_is_capped() -> None:
    assert score(replace(ALONE, others=1)) == 47
    assert score(replace(ALONE, seconds=DAY)) == 55
    assert score(replace(ALONE, tainted=3, nth=2)) == 65
    assert score(replace(ALONE, tainted=3, nth=3)) == 70
    assert score(replace(ALONE, tainted=3, nth=4)) == 60
    assert score(replace(ALONE, is_met=True)) == MOST


def test_a_depositor_who_takes_its_own_back_is_nearly_certain() -> None:
    assert score(replace(CROWD, is_return=True, is_met=True)) == OWN_RETURN
    assert score(replace(CROWD, is_return=True)) == 5


@given(
    st.builds(
        Coincidences,
        tainted=st.integers(0, 10**6),
        others=st.integers(0, 10**6),
        nth=st.integers(1, 10**6),
        seconds=st.integers(0, 10**9),
        is_fresh=st.booleans(),
        has_relayer=st.booleans(),
        is_met=st.booleans(),
        is_return=st.booleans(),
    )
)
def test_no_score_is_certain(seen: Coincidences) -> None:
    assert 5 <= score(seen) <= OWN_RETURN < 100
    assert all(points > 0 for points in parts(seen).values())
