"""Tracing whole tables: the real cases, and what order and odd rows must not change."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.effort import examples
from tests.tracing.flows.cases import case, flow, needs_cases
from tracing.core.flows import Flow, trace_table
from tracing.core.policies.names import CONSERVING, VERSIONS, PolicyName

NAMES = "abcdefgh"
ROWS = st.lists(
    st.builds(
        flow,
        st.integers(1, 4),
        st.sampled_from(NAMES),
        st.sampled_from(NAMES),
        st.integers(0, 9) | st.just(2**256 - 1),
        st.sampled_from(["", "t1", "t2"]),
    ),
    max_size=25,
)


@needs_cases
@pytest.mark.parametrize(
    ("name", "addresses", "terminals", "coverage"), [("HB", 469, 11, 0.856), ("LIFI", 93, 33, 1.0)]
)
def test_real_theft_is_followed(name: str, addresses: int, terminals: int, coverage: float) -> None:
    flows, sources, ends = case(name)
    result = trace_table(flows, sources, ends, "fifo")
    assert (len(result.reached), result.addresses) == (addresses, addresses)
    assert (len(result.terminals & result.reached), len(result.terminals)) == (terminals, terminals)
    assert round(result.covered / result.total, 3) == coverage
    assert result.conserved
    assert result.minted == result.at_terminals + result.elsewhere
    assert result.low <= result.at_terminals <= result.high


@needs_cases
def test_every_policy_adds_up_on_real_thefts() -> None:
    for name in ("HB", "LIFI"):
        flows, sources, ends = case(name)
        results = [trace_table(flows, sources, ends, policy) for policy in CONSERVING]
        assert all(result.conserved for result in results)
        assert len({result.minted for result in results}) == 1
        assert len({result.clean_opened for result in results}) == 1
        assert {result.low for result in results} == {min(r.at_terminals for r in results)}
        assert {result.high for result in results} == {max(r.at_terminals for r in results)}


@needs_cases
def test_order_of_the_file_changes_nothing() -> None:
    flows, sources, ends = case("HB")
    shuffled = random.Random(3).sample(flows, len(flows))
    for policy in ("fifo", "lifo"):
        assert trace_table(shuffled, sources, ends, policy) == trace_table(
            flows, sources, ends, policy
        )


@examples(1000)
@given(ROWS, st.randoms(use_true_random=False), st.sets(st.sampled_from(NAMES)))
def test_result_depends_on_the_rows_alone(
    rows: list[Flow], chance: random.Random, sources: set[str]
) -> None:
    shuffled = chance.sample(rows, len(rows))
    for policy in PolicyName:
        result = trace_table(rows, sources, {"h"}, policy)
        assert result == trace_table(shuffled, sources, {"h"}, policy)
        assert (result.policy, result.version) == (policy, VERSIONS[policy])
        if policy in CONSERVING:
            assert result.conserved
            assert result.held.keys() <= result.reached


def earliest(rows: list[Flow], sources: set[str]) -> tuple[set[str], int]:
    """Earliest arrival, by rounds inside each block: an independent oracle."""
    reached, covered = set(sources), 0
    for block in sorted({row.block for row in rows if row.block is not None}):
        own = [row for row in rows if row.block == block]
        for _ in own:
            reached |= {row.to for row in own if row.frm in reached and row.amount}
        covered += sum(row.amount for row in own if row.frm in reached)
    return reached, covered


@examples(1000)
@given(ROWS, st.sets(st.sampled_from(NAMES)))
def test_reach_is_earliest_arrival(rows: list[Flow], sources: set[str]) -> None:
    reached, covered = earliest(rows, sources)
    everybody = {row.frm for row in rows} | {row.to for row in rows}
    result = trace_table(rows, sources, NAMES, "poison")
    assert result.reached == reached & everybody
    assert result.covered == covered


def test_rows_of_one_block_let_value_through() -> None:
    rows = [flow(5, "c", "d", 10), flow(5, "b", "c", 10), flow(5, "a", "b", 10)]
    result = trace_table(rows, ["a"], ["d"], "fifo")
    assert dict(result.held) == {"d": 10}
    assert (result.minted, result.clean_opened) == (10, 0)


def test_later_block_comes_later_wherever_it_stands() -> None:
    rows = [flow(9, "a", "b", 10), flow(8, "b", "c", 10)]
    result = trace_table(rows, ["a"], ["c"], "fifo")
    assert dict(result.held) == {"b": 10}
    assert result.reached == {"a", "b"}
    assert result.clean_opened == 10
    assert result.incomplete == {"b"}


def test_value_goes_round_before_it_leaves() -> None:
    """Paid in the one order in which everybody has what they send."""
    rows = [flow(1, "s", "a", 100), flow(1, "a", "b", 100), flow(1, "b", "a", 50)]
    result = trace_table([*rows, flow(1, "a", "c", 50)], ["s"], ["c"], "fifo")
    assert dict(result.held) == {"b": 50, "c": 50}
    assert result.clean_opened == 0


def test_source_that_receives_mints_only_the_rest() -> None:
    rows = [flow(1, "x", "s", 30), flow(2, "s", "t", 100)]
    result = trace_table(rows, ["s"], ["t"], "fifo")
    assert (result.minted, result.clean_opened, dict(result.held)) == (70, 30, {"t": 70})


def test_source_may_be_a_terminal_and_lists_may_name_strangers() -> None:
    rows = [flow(1, "s", "r", 5), flow(2, "r", "s", 5)]
    result = trace_table(rows, ["s", "nobody"], ["s", "elsewhere"], "fifo")
    assert (result.sources, len(result.terminals), len(result.reached)) == (2, 1, 2)
    assert (result.minted, result.at_terminals, result.elsewhere) == (5, 5, 0)


def test_zero_amounts_and_sends_to_oneself_move_nothing() -> None:
    rows = [flow(1, "s", "a", 7), flow(2, "a", "look-alike", 0), flow(2, "a", "a", 99)]
    result = trace_table(rows, ["s"], [], "poison")
    assert result.reached == {"s", "a"}
    assert dict(result.held) == {"a": 7}
    assert (result.rows, result.clean_opened) == (3, 0)


def test_repeated_rows_are_paid_twice() -> None:
    rows = [flow(1, "s", "a", 7, "t"), flow(1, "s", "a", 7, "t")]
    assert dict(trace_table(rows, ["s"], [], "fifo").held) == {"a": 14}


def test_router_holds_nothing_within_a_transaction() -> None:
    rows = [flow(1, "x", "hub", 900, "t1"), flow(1, "hub", "y", 900, "t1")]
    rows += [flow(1, "s", "hub", 50, "t2"), flow(1, "hub", "z", 50, "t2")]
    result = trace_table(rows, ["s"], ["z"], "fifo")
    assert dict(result.held) == {"z": 50}
    assert result.reached == {"s", "hub", "y", "z"}  # without an order they may have been touched


def test_largest_amounts_stay_exact() -> None:
    most = 2**256 - 1
    rows = [flow(1, "s", "a", most), flow(2, "x", "a", most), flow(3, "a", "b", most)]
    shares = {policy: trace_table(rows, ["s"], ["b"], policy).at_terminals for policy in CONSERVING}
    assert shares == {
        PolicyName.HAIRCUT: most // 2,
        PolicyName.FIFO: most,
        PolicyName.LIFO: 0,
        PolicyName.TAINT_FIRST: most,
        PolicyName.TAINT_LAST: 0,
    }


def test_empty_table_is_all_zeros() -> None:
    figures = trace_table([], [], [], "haircut").figures(2)
    assert figures["usd_total"] == "0.00"
    assert figures["conserved"] is True
