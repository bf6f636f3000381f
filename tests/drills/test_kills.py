"""kill -9 of worker, beat and web during a play loses nothing and doubles nothing."""

import pytest

from config.embedded.kills import Kill, play

pytestmark = [pytest.mark.node, pytest.mark.drill]

# Theft, flight, the freeze requests and both forks (blocks 86 and 92) lie before this block.
UNTIL = 104
KILLS = [
    Kill(38, ("worker",)),  # while the trace is new and people come in
    Kill(60, ("web",)),
    Kill(70, ("beat", "worker")),  # nobody is left who would revive the watcher
    Kill(87, ("worker",)),  # between an orphaned block and its withdrawal
    Kill(96, ("web", "worker")),
]


def test_kills_lose_nothing_and_double_nothing() -> None:
    from config.management.commands.run import node_options
    from tracing.drills.fingerprint import differences

    options = node_options("kelpdao")
    calm = play("kelpdao", options, until=UNTIL)
    killed = play("kelpdao", options, KILLS, until=UNTIL)
    assert differences(calm.rows, killed.rows) == []
    assert calm.verdict["checks"] == killed.verdict["checks"]
    assert all(calm.verdict["checks"].values())
    assert [cost["killed"] for cost in killed.recoveries] == [list(k.names) for k in KILLS]
    # The play was worth comparing.
    assert calm.verdict["reorgs_handled"] == 2
    assert calm.verdict["alerts_withdrawn"] > 0
    assert calm.verdict["freeze_requests_drafted"] > 2


def test_the_comparison_sees_a_loss_and_a_double() -> None:
    from tracing.drills.fingerprint import differences

    calm = {"hops": ["a", "b"], "answers": ["c"]}
    assert differences(calm, {"hops": ["a", "b"], "answers": ["c"]}) == []
    assert differences(calm, {"hops": ["a"], "answers": ["c", "c"]}) == ["answers + c", "hops - b"]
