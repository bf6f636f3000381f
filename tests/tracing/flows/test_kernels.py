"""The kernels against a naive reference, and what must hold of every policy."""

from collections import deque
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.effort import examples
from tests.tracing.flows import reference
from tracing.core.flows.prepared import Outcome, Prepared
from tracing.core.flows.trace import KERNELS
from tracing.core.policies import CONSERVING, POLICIES, PolicyName
from tracing.core.types import Lot, Origin

COUNT = 6
AMOUNTS = st.integers(1, 12) | st.integers(1, 2**256 - 1)
ROWS = st.lists(
    st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1), AMOUNTS).filter(
        lambda row: row[0] != row[1]
    ),
    max_size=40,
)
SOURCES = st.sets(st.integers(0, COUNT - 1), min_size=1)


def table(rows: list[tuple[int, int, int]], sources: set[int], count: int = COUNT) -> Prepared:
    frm, to, amount = ([row[place] for row in rows] for place in range(3))
    is_source = bytearray(int(at in sources) for at in range(count))
    return Prepared([f"a{at}" for at in range(count)], frm, to, amount, is_source)


def balances(rows: list[tuple[int, int, int]]) -> list[int]:
    held = [0] * COUNT
    for frm, to, amount in rows:
        held[frm] = max(0, held[frm] - amount)
        held[to] += amount
    return held


@examples(1000)
@pytest.mark.parametrize("policy", CONSERVING)
@given(rows=ROWS, sources=SOURCES)
def test_kernel_equals_the_reference(
    policy: PolicyName, rows: list[tuple[int, int, int]], sources: set[int]
) -> None:
    outcome = KERNELS[policy](table(rows, sources))
    expected = reference.trace(table(rows, sources), policy)
    assert (outcome.tainted, outcome.minted, outcome.opened) == expected


@examples(1000)
@given(ROWS, SOURCES)
def test_value_adds_up_and_stays_in_bounds(
    rows: list[tuple[int, int, int]], sources: set[int]
) -> None:
    held = balances(rows)
    for policy in CONSERVING:
        outcome = KERNELS[policy](table(rows, sources))
        assert sum(outcome.tainted) == outcome.minted
        assert all(0 <= part <= whole for part, whole in zip(outcome.tainted, held, strict=True))


@examples(1000)
@given(ROWS, SOURCES)
def test_poison_covers_every_other_policy(
    rows: list[tuple[int, int, int]], sources: set[int]
) -> None:
    touched = KERNELS[PolicyName.POISON](table(rows, sources)).tainted
    for policy in CONSERVING:
        parts = KERNELS[policy](table(rows, sources)).tainted
        assert all(part <= whole for part, whole in zip(parts, touched, strict=True))


@examples(1000)
@pytest.mark.parametrize("policy", CONSERVING)
@given(rows=ROWS, sources=SOURCES)
def test_kernel_equals_the_policy_of_the_engine(
    policy: PolicyName, rows: list[tuple[int, int, int]], sources: set[int]
) -> None:
    """The same rules, lot by lot, as the watcher applies them to a chain."""
    rule = POLICIES[policy]
    accounts: list[deque[Lot]] = [deque() for _ in range(COUNT)]
    for frm, to, amount in rows:
        account = accounts[frm]
        short = amount - sum(lot.amount for lot in account)
        if short > 0 and frm in sources:
            account.appendleft(Lot(short, Origin("theft", "usd", short)))
        taken, _ = rule.take(account, amount)
        rule.put(accounts[to], taken)
    stolen = [sum(lot.amount for lot in one if lot.origin) for one in accounts]
    assert KERNELS[policy](table(rows, sources)).tainted == stolen


@examples(1000)
@given(ROWS, SOURCES, SOURCES)
def test_fifo_and_lifo_are_linear_in_the_sources(
    rows: list[tuple[int, int, int]], first: set[int], second: set[int]
) -> None:
    second = second - first
    for policy in (PolicyName.FIFO, PolicyName.LIFO):
        parts = [KERNELS[policy](table(rows, one)).tainted for one in (first, second)]
        whole = KERNELS[policy](table(rows, first | second)).tainted
        assert whole == [a + b for a, b in zip(*parts, strict=True)]


@examples(1000)
@given(ROWS, SOURCES, SOURCES)
def test_more_sources_never_mean_less_taint(
    rows: list[tuple[int, int, int]], sources: set[int], more: set[int]
) -> None:
    for policy in (*CONSERVING, PolicyName.POISON):
        if policy is not PolicyName.HAIRCUT:  # it rounds down: so only up to a unit a row
            few = KERNELS[policy](table(rows, sources)).tainted
            many = KERNELS[policy](table(rows, sources | more)).tainted
            assert sum(few) <= sum(many)


# -- one account -------------------------------------------------------------------------------
# 0 is a thief, 1 a customer, 2 the account, 3 where it pays to.

LEDGER = st.lists(st.tuples(st.sampled_from("tco"), st.integers(1, 20)), max_size=40)


def ledger(steps: list[tuple[str, int]]) -> list[tuple[int, int, int]]:
    rows = {"t": (0, 2), "c": (1, 2), "o": (2, 3)}
    return [(*rows[kind], amount) for kind, amount in steps]


@examples(1000)
@given(LEDGER)
def test_taint_last_and_first_bracket_one_account(steps: list[tuple[str, int]]) -> None:
    rows = ledger(steps)
    for end in range(len(rows) + 1):
        out = {policy: KERNELS[policy](table(rows[:end], {0})).tainted[3] for policy in CONSERVING}
        assert out[PolicyName.TAINT_LAST] == min(out.values())
        assert out[PolicyName.TAINT_FIRST] == max(out.values())


def test_bracket_fails_over_a_network() -> None:
    """Taint-first sends the first account's stolen units to the second, which sends on no more than
    it must; under LIFO both accounts send stolen units."""
    rows = [(0, 2, 10), (1, 2, 10), (2, 3, 10), (0, 3, 10), (2, 4, 10), (3, 4, 10)]
    found = {policy: KERNELS[policy](table(rows, {0})).tainted[4] for policy in CONSERVING}
    assert found[PolicyName.TAINT_FIRST] == 10
    assert found[PolicyName.LIFO] == 20


@examples(1000)
@given(ROWS, st.sets(st.integers(0, COUNT - 1)), st.integers(2, 1000))
def test_scaled_amounts_scale_the_taint(
    rows: list[tuple[int, int, int]], sources: set[int], factor: int
) -> None:
    large = [(frm, to, amount * factor) for frm, to, amount in rows]
    for policy in CONSERVING:
        if policy is not PolicyName.HAIRCUT:  # haircut rounds down, so only up to rounding
            small = KERNELS[policy](table(rows, sources)).tainted
            scaled = KERNELS[policy](table(large, sources)).tainted
            assert scaled == [part * factor for part in small]


@examples(1000)
@given(ROWS, SOURCES)
def test_haircut_is_exact_up_to_rounding(
    rows: list[tuple[int, int, int]], sources: set[int]
) -> None:
    """Each row rounds down once, and what it rounded stays among the accounts."""
    exact = fractions(rows, sources)
    found = KERNELS[PolicyName.HAIRCUT](table(rows, sources)).tainted
    assert all(abs(part - share) <= len(rows) for part, share in zip(found, exact, strict=True))


def fractions(rows: list[tuple[int, int, int]], sources: set[int]) -> list[Fraction]:
    held, tainted = [Fraction(0)] * COUNT, [Fraction(0)] * COUNT
    for frm, to, amount in rows:
        if held[frm] < amount:
            tainted[frm] += amount - held[frm] if frm in sources else 0
            held[frm] = Fraction(amount)
        share = tainted[frm] * amount / held[frm]
        held[frm] -= amount
        tainted[frm] -= share
        held[to] += amount
        tainted[to] += share
    return tainted


def test_outcome_counts_lots() -> None:
    outcome = KERNELS[PolicyName.FIFO](table([(0, 2, 5), (1, 2, 5), (2, 3, 7)], {0}))
    assert outcome == Outcome([0, 0, 0, 5, 0, 0], 5, 5, {1}, lots_moved=4)
