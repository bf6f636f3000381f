"""Which label counts where several are known, and when they disagree."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.core.labelling import Decision, Reason, Standing, Word, decide

SOURCED, CONFIRMED = Standing.SOURCED, Standing.CONFIRMED
REJECTED, INFERRED = Standing.REJECTED, Standing.INFERRED
EX, MIX = "service:exchange", "service:mixer"


def word(
    ident: int, meaning: str, standing: Standing = SOURCED, day: int = 1, party: int = 0
) -> Word:
    return Word(ident, meaning, standing, day, party or None)


def test_no_label_no_sink() -> None:
    assert decide([]) == Decision(None, False, Reason.NOTHING_SAID)


def test_the_newest_source_counts_whatever_was_added_last() -> None:
    old_last = [word(1, EX, day=9), word(2, MIX, day=5)]
    assert decide(old_last) == Decision(1, True, Reason.NEWEST)
    assert decide([word(1, EX, day=5), word(2, MIX, day=9)]) == Decision(2, True, Reason.NEWEST)


def test_sources_that_agree_do_not_disagree() -> None:
    assert decide([word(1, EX, day=9), word(2, EX, day=5)]) == Decision(1, False, Reason.NEWEST)


def test_sources_of_one_day_that_differ_make_no_sink() -> None:
    assert decide([word(1, EX), word(2, MIX)]) == Decision(None, True, Reason.SAME_DAY)
    assert decide([word(1, EX), word(2, EX)]) == Decision(2, False, Reason.NEWEST)


def test_a_name_alone_contradicts_nothing() -> None:
    assert decide([word(1, EX, day=1), word(2, "", day=9)]) == Decision(1, False, Reason.NEWEST)


def test_an_inferred_label_never_counts() -> None:
    assert decide([word(1, EX, INFERRED)]) == Decision(None, False, Reason.NOTHING_SAID)
    both = decide([word(1, EX, SOURCED), word(2, MIX, INFERRED, day=9)])
    assert both == Decision(1, False, Reason.NEWEST)


def test_an_analyst_beats_every_source() -> None:
    words = [word(1, EX, day=99), word(2, MIX, CONFIRMED, day=1, party=7)]
    assert decide(words) == Decision(2, True, Reason.CONFIRMED)


def test_parties_that_confirm_different_things_make_no_sink() -> None:
    words = [word(1, EX, CONFIRMED, party=7), word(2, MIX, CONFIRMED, party=8)]
    assert decide(words) == Decision(None, True, Reason.PARTIES_DISAGREE)
    agreed = [word(1, EX, CONFIRMED, party=7), word(2, EX, CONFIRMED, party=8)]
    assert decide(agreed) == Decision(2, False, Reason.CONFIRMED)


def test_what_one_party_confirms_and_another_rejects_is_no_sink() -> None:
    words = [word(1, EX, CONFIRMED, party=7), word(2, EX, REJECTED, party=8)]
    assert decide(words).ident is None
    assert decide(words).reason is Reason.PARTIES_DISAGREE


def test_a_rejected_source_drops_out_and_the_next_one_counts() -> None:
    words = [word(1, EX, day=9), word(2, MIX, day=5), word(3, EX, REJECTED, party=7)]
    assert decide(words) == Decision(2, True, Reason.NEWEST, frozenset({EX}))
    alone = decide([word(1, EX), word(3, EX, REJECTED, party=7)])
    assert alone == Decision(None, True, Reason.REJECTED, frozenset({EX}))


def test_a_party_may_take_its_word_back() -> None:
    rejected_then_confirmed = [word(1, EX, REJECTED, party=7), word(2, EX, CONFIRMED, party=7)]
    assert decide(rejected_then_confirmed) == Decision(2, False, Reason.CONFIRMED)
    confirmed_then_rejected = [word(1, EX, CONFIRMED, party=7), word(2, EX, REJECTED, party=7)]
    assert decide(confirmed_then_rejected).ident is None
    changed = [word(1, EX, CONFIRMED, party=7), word(2, MIX, CONFIRMED, party=7)]
    assert decide(changed) == Decision(2, True, Reason.CONFIRMED)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", EX, MIX, "category:scam"]),
            st.sampled_from(list(Standing)),
            st.integers(0, 3),
            st.integers(0, 2),
        ),
        max_size=6,
    )
)
def test_a_decision_is_one_of_the_words_and_the_order_given_is_no_matter(
    rows: list[tuple[str, Standing, int, int]],
) -> None:
    words = [word(n, m, s, d, p) for n, (m, s, d, p) in enumerate(rows)]
    decision = decide(words)
    for order in itertools.islice(itertools.permutations(words), 24):
        assert decide(order) == decision
    if decision.ident is not None:
        chosen = words[decision.ident]
        assert chosen.standing in (SOURCED, CONFIRMED)
        if chosen.standing is SOURCED:
            assert chosen.meaning not in decision.rejected


@pytest.mark.parametrize("standing", [REJECTED, INFERRED])
def test_only_sources_and_analysts_make_sinks(standing: Standing) -> None:
    assert decide([word(1, EX, standing, party=3)]).ident is None
