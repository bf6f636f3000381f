"""More forks than the drill has: real ones, apart from each other, the same for one seed."""

from itertools import pairwise

from tracing.drills.forks import DEEPEST, with_forks
from tracing.drills.plan import Mine, Rollback, operations
from tracing.drills.play import scenario_of

SCENARIO = scenario_of("kelpdao")


def test_forks_lie_apart_and_where_no_state_is_changed() -> None:
    forks = with_forks(SCENARIO, 3, 12)["forks"]
    assert len(forks) == len(SCENARIO["forks"]) + 12
    assert forks == with_forks(SCENARIO, 3, 12)["forks"]
    assert forks != with_forks(SCENARIO, 4, 12)["forks"]
    spans = [range(fork["at"], fork["at"] + fork["depth"]) for fork in forks]
    assert all(one.stop < two.start for one, two in pairwise(spans))
    assert {len(span) for span in spans} <= set(range(1, DEEPEST + 1))
    state = {b["n"] for b in SCENARIO["blocks"] if any(s["kind"] == "state" for s in b["steps"])}
    assert state
    assert not any(state.intersection(span) for span in spans)
    signing = range(36, 103)
    assert [span.start for span in spans if set(span).intersection(signing)] == [86, 92]


def test_every_branch_is_dropped_and_differs_from_what_replaces_it() -> None:
    done = list(operations(with_forks(SCENARIO, 3, 12)))
    mined = {(op.number, op.branch): op.calls for op in done if isinstance(op, Mine)}
    forks = with_forks(SCENARIO, 3, 12)["forks"]
    assert [op.depth for op in done if isinstance(op, Rollback)] == [f["depth"] for f in forks]
    for fork in forks[2:]:
        at = fork["at"]
        assert mined[at, f"orphan-{at}"] != mined[at, ""]
    plain = [op for op in operations(SCENARIO) if isinstance(op, Mine) and not op.branch]
    assert [op.calls for op in plain] == [
        op.calls for op in done if isinstance(op, Mine) and not op.branch
    ]
