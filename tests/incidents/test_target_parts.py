"""What a target's log makes of it: partial answers, amounts that fit, nothing that is hidden."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.choices import Confirmation, Evidence, Outcome, TargetState
from incidents.services import transitions as t
from incidents.services.parts import AMOUNTS, Fold, Part, Row, fold
from tests.effort import examples

START = datetime(2026, 4, 18, tzinfo=UTC)
DESK, CHAIN = Confirmation.DESK, Confirmation.CHAIN
SENT = Row(1, "sent", is_step=True)
STEPS = ["sent", "bounced", "no_reply", "lapsed", "withdrawn", "frozen", "released", "moved_on"]
SILENT = [t.ADDED, t.EVIDENCE_CHANGED, t.EVIDENCE_REVIEWED, t.TAKEN_BACK]


def said(seq: int, outcome: str, amount: int | None = None, part: int = 0, until: int = 0) -> Row:
    """A desk's answer, in the minute of its number; held until minute ``until``."""
    end = START + timedelta(minutes=until) if until else None
    return Row(seq, outcome, part, amount, DESK, end, START + timedelta(minutes=seq))


def step(
    seq: int, kind: str, amount: int | None = None, part: int = 0, *, chain: bool = False
) -> Row:
    by = CHAIN if chain else Confirmation.NONE
    return Row(seq, kind, part, amount, by, None, START + timedelta(minutes=seq), is_step=True)


def shown(told: Fold) -> list[tuple[int, int, str, dict[str, int]]]:
    """Parts by key, with the amounts that are not nothing."""
    return [(p.key, p.size, str(p.state), amounts(p)) for p in told.parts]


def amounts(part: Part) -> dict[str, int]:
    found = {name: getattr(part, name).units for name in AMOUNTS}
    return {name: units for name, units in found.items() if units}


def test_partial_hold_splits_the_target() -> None:
    told = fold([SENT, said(2, "held", 400, until=60), said(3, "declined")], 1000)
    assert shown(told) == [(0, 600, "declined", {}), (2, 400, "held", {"held": 400})]
    assert (told.state, told.held_until) == (TargetState.DECLINED, START + timedelta(minutes=60))
    assert [part.number for part in told.parts] == [1, 2]


def test_piece_of_a_piece_goes_its_own_way() -> None:
    log = [SENT, said(2, "held", 400), said(3, "frozen", 150, part=2), said(4, "returned", 50, 3)]
    assert shown(fold(log, 1000)) == [
        (0, 600, "sent", {}),
        (2, 250, "held", {"held": 250}),
        (3, 100, "frozen", {"frozen": 100}),
        (4, 50, "returned", {"returned": 50}),
    ]


def test_less_held_than_before_is_said_anew_and_does_not_add_up() -> None:
    told = fold([SENT, said(2, "located", 900), said(3, "held"), said(4, "held", 250)], 1000)
    assert (told.totals["held"].units, told.totals["located"].units) == (250, 900)
    again = fold([SENT, said(2, "held", 400), said(3, "held", 300)], 1000)
    assert again.totals["held"].units == 700  # of another part, so it is more


def test_hold_lapses_by_the_clock_and_by_its_step_once() -> None:
    log = [SENT, said(2, "held", 400, until=10), said(3, "held", 600, until=90)]
    late = START + timedelta(minutes=20)
    by_clock = fold(log, 1000, now=late)
    by_step = fold([*log, step(20, "lapsed")], 1000)
    assert shown(by_clock) == shown(by_step)
    assert shown(by_clock) == [(0, 600, "held", {"held": 600}), (2, 400, "lapsed", {})]
    assert (by_clock.state, fold(log, 1000).totals["held"].units) == (TargetState.LAPSED, 1000)


def test_withdrawn_evidence_takes_from_the_rest_first() -> None:
    log = [step(1, t.ADDED, 1000), step(2, "sent"), said(3, "held", 400)]
    less = fold([*log, step(4, t.EVIDENCE_CHANGED, 500)], 500)
    assert shown(less) == [(0, 100, "sent", {}), (3, 400, "held", {"held": 400})]
    assert less.evidence_state == Evidence.CHANGED
    least = fold([*log, step(4, t.EVIDENCE_CHANGED, 900), step(5, t.EVIDENCE_REVIEWED)], 100)
    assert shown(least) == [(3, 100, "held", {"held": 100})]
    assert least.evidence_state == Evidence.STANDING


def test_chain_outweighs_the_desk_and_is_taken_back_by_a_step() -> None:
    log = [SENT, said(2, "held", 400), step(3, "frozen", chain=True)]
    frozen = fold(log, 1000)
    assert (frozen.totals["frozen"].units, frozen.totals["held"].units) == (1000, 0)
    assert frozen.totals["frozen"].by is CHAIN
    released = fold([*log, said(4, "released", part=2)], 1000)
    assert released.totals["frozen"].units == 1000
    assert fold([*log, step(4, "released", chain=True)], 1000).totals["frozen"].units == 0
    back = fold([*log, step(4, t.TAKEN_BACK, part=3)], 1000)
    assert shown(back) == shown(fold(log[:2], 1000))


def test_part_whose_split_is_hidden_is_the_rest_to_who_does_not_see_it() -> None:
    log = [SENT, said(2, "held", 400, until=10), said(3, "renewed", 400, part=2, until=90)]
    hidden = [row for row in log if row.seq != 2]
    assert shown(fold(hidden, 1000)) == [(0, 600, "sent", {}), (3, 400, "renewed", {"held": 400})]
    lapse = step(20, "lapsed", part=2)
    assert shown(fold([SENT, lapse], 1000)) == shown(fold([SENT], 1000))


@pytest.mark.parametrize("outcome", Outcome.values)
def test_every_answer_can_follow_something_and_none_what_was_not_sent(outcome: str) -> None:
    before = t.AFTER[TargetState(outcome)]
    assert before - t.UNSENT
    assert not before & (t.UNSENT | t.ENDED)


# -- random histories ---------------------------------------------------------------------------


def _row(seq: int, drawn: tuple[str, int | None, int, bool, int]) -> Row:
    kind, amount, part, chain, until = drawn
    if kind in SILENT:
        return step(seq, kind, amount or 0, part)
    if kind in STEPS and (chain or kind not in Outcome.values):
        on_chain = chain and TargetState(kind) in t.AFTER_ON_CHAIN
        return step(seq, kind, amount if on_chain else None, part, chain=on_chain)
    return said(seq, kind, amount, part, until)


kinds = st.sampled_from(sorted({*Outcome.values, *STEPS, *SILENT}))
drawn = st.tuples(
    kinds,
    st.none() | st.integers(0, 120),
    st.integers(0, 14),
    st.booleans(),
    st.integers(0, 30),
)
histories = st.lists(drawn, max_size=14).map(
    lambda rows: [SENT, *(_row(seq, one) for seq, one in enumerate(rows, 2))]
)


def asked(log: list[Row], spare: int) -> int:
    """What is asked for after this log, if it was enough for all that was withdrawn."""
    return spare + sum(row.amount or 0 for row in log if row.kind == t.ADDED)


def consistent(told: Fold, requested: int) -> None:
    """No amount above its part, sizes that add up, holds where something is held."""
    assert sum(part.size for part in told.parts) == requested
    assert len({part.key for part in told.parts}) == len(told.parts)
    for part in told.parts:
        assert part.size >= 0
        for name in AMOUNTS:
            amount = getattr(part, name)
            assert 0 <= amount.units <= part.size
            assert amount.units or amount.by is Confirmation.NONE
        assert part.held_until is None or part.held.units > 0
        # One word of a desk is the last one: it holds, froze, or has given it back.
        assert not part.held.units or part.frozen.by in (Confirmation.NONE, CHAIN)
        assert not (part.held.units and part.state in t.REFUSED | {"lapsed", "released"})
    for name in AMOUNTS:
        whole = told.totals[name].units
        assert whole == sum(getattr(part, name).units for part in told.parts) <= requested


@given(log=histories, requested=st.integers(0, 100), minute=st.integers(0, 40))
@examples(1500)
def test_amounts_are_never_inconsistent(log: list[Row], requested: int, minute: int) -> None:
    for length in range(1, len(log) + 1):
        consistent(fold(log[:length], requested), requested)
    consistent(fold(log, requested, now=START + timedelta(minutes=minute)), requested)


@given(log=histories, requested=st.integers(1, 100), minute=st.integers(0, 40))
@examples(500)
def test_a_lapse_by_the_clock_is_the_lapse_that_is_recorded(
    log: list[Row], requested: int, minute: int
) -> None:
    late = START + timedelta(minutes=len(log) + 1 + minute)
    recorded = Row(len(log) + 1, "lapsed", at=late, is_step=True)
    by_clock, by_step = fold(log, requested, now=late), fold([*log, recorded], requested)
    assert shown(by_clock) == shown(by_step)


@given(log=histories, requested=st.integers(1, 100), data=st.data())
@examples(500)
def test_a_partial_answer_moves_as_much_as_it_says(
    log: list[Row], requested: int, data: st.DataObject
) -> None:
    requested = asked(log, requested)
    before = fold(log, requested)
    free = [p for p in before.parts if p.size and p.state in t.LOOSE]
    if not free:
        return
    part = data.draw(st.sampled_from(free))
    amount = data.draw(st.integers(1, part.size))
    after = fold([*log, said(len(log) + 1, "held", amount, part.key)], requested)
    gained = after.totals["held"].units - before.totals["held"].units
    assert gained == amount - part.held.units
    others = [p for p in after.parts if p.key not in (part.key, len(log) + 1)]
    kept = [p for p in before.parts if p.key != part.key]
    assert [(p.key, amounts(p)) for p in others] == [(p.key, amounts(p)) for p in kept]
