"""kill -9 of every process during a play, and a second beat, lose nothing and double nothing."""

import pytest

from config.embedded.kills import Kill, play, random_kills
from config.embedded.victims import VICTIMS
from tests.effort import long_form

pytestmark = [pytest.mark.node, pytest.mark.drill]

# Theft, flight, the freeze requests and both forks (blocks 86 and 92) lie before this block.
UNTIL = 104
KILLS = [
    *long_form(
        more=[
            Kill(12, ("postgres",)),  # while contracts are deployed
            Kill(38, ("watcher",)),  # while the trace is new and people come in
        ]
    ),
    Kill(44, ("backend",)),
    Kill(58, ("redis", "web")),
    Kill(65, ("flushall", "worker")),  # nothing waits in a queue any more
    Kill(70, ("beat", "watcher")),  # nobody is left who would revive the watcher
    Kill(87, ("postgres",)),  # while the branch is applied that is dropped at 88
    Kill(92, ("watcher",)),  # between an orphaned block and its withdrawal
    *long_form(more=[Kill(96, ("postgres", "redis"))]),
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
    assert {name for kill in KILLS for name in kill.names} == set(VICTIMS)
    # The play was worth comparing.
    assert calm.verdict["reorgs_handled"] == 2
    assert calm.verdict["alerts_withdrawn"] > 0
    assert calm.verdict["freeze_requests_drafted"] > 2


def test_the_comparison_sees_a_loss_and_a_double() -> None:
    from tracing.drills.fingerprint import differences

    calm = {"hops": ["a", "b"], "answers": ["c"]}
    assert differences(calm, {"hops": ["a", "b"], "answers": ["c"]}) == []
    assert differences(calm, {"hops": ["a"], "answers": ["c", "c"]}) == ["answers + c", "hops - b"]


def test_random_kills_strike_everybody_and_many_of_them_at_the_tip_of_a_branch() -> None:
    tips = [88, 92, 150, 200, 250, 300, 320]
    kills = random_kills(7, 24, 350, tips)
    assert kills == random_kills(7, 24, 350, tips)
    assert kills != random_kills(8, 24, 350, tips)
    assert len({kill.block for kill in kills}) == 24
    assert len({kill.block for kill in kills} & set(tips)) == len(tips)
    struck = [name for kill in kills for name in kill.names]
    assert min(struck.count(victim) for victim in VICTIMS) >= 3
