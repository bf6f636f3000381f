"""The scenario file is what its builder writes, with the record's figures and all its turns."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tracing.drills import kelpdao, oracle

UNIT = 10**18


@pytest.fixture(scope="module")
def scenario() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(kelpdao.FILE.read_text(encoding="utf-8"))
    return document


def steps(scenario: dict[str, Any], kind: str, **wanted: Any) -> list[dict[str, Any]]:
    return [
        step
        for block in scenario["blocks"]
        for step in block["steps"]
        if step["kind"] == kind and all(step.get(k) == v for k, v in wanted.items())
    ]


def total(found: list[dict[str, Any]]) -> int:
    return sum(int(step["amount"]) for step in found)


def test_file_is_what_the_builder_writes() -> None:
    assert kelpdao.FILE.read_text(encoding="utf-8") == kelpdao.text(kelpdao.build())


def test_builder_is_deterministic() -> None:
    assert kelpdao.build() == kelpdao.build()


def test_figures_are_those_of_the_record(scenario: dict[str, Any]) -> None:
    theft = steps(scenario, "release", seed="kelp")
    assert total(theft) == 116_500 * UNIT
    assert total(steps(scenario, "transfer", asset="rsETH", **{"from": "thief"})) == 116_500 * UNIT
    receivers = steps(scenario, "transfer", asset="rsETH", **{"from": "thief"})
    assert len({step["to"] for step in receivers}) == 7
    supplies = steps(scenario, "supply", asset="rsETH")
    assert (total(supplies), len({step["from"] for step in supplies})) == (89_567 * UNIT, 8)
    assert total(steps(scenario, "borrow", asset="WETH")) == 82_650 * UNIT
    assert total(steps(scenario, "borrow", asset="wstETH")) == 821 * UNIT
    assert total(steps(scenario, "release", reverts=True)) == 40_000 * UNIT
    council = steps(scenario, "state")
    assert [step["amount"] for step in council] == ["30765667501709008927568"]
    bridged = total(steps(scenario, "bridge"))
    assert abs(bridged - 75_700 * UNIT) < 15 * UNIT


def test_nothing_else_touches_the_council_block(scenario: dict[str, Any]) -> None:
    (step,) = steps(scenario, "state")
    block = next(b for b in scenario["blocks"] if step in b["steps"])
    assert block["steps"] == [step]
    assert (block["time"], scenario["accounts"][step["to"]]["address"]) == (
        "2026-04-21T03:26:00Z",
        "0x0000000000000000000000000000000000000da0",
    )


def test_drill_is_as_large_as_the_issue_asks(scenario: dict[str, Any]) -> None:
    books = oracle.play(scenario)
    followed = {name for name, _ in books.queues if not books.is_sink(name)}
    assert len(scenario["blocks"]) >= 340
    assert sum(block["background"] for block in scenario["blocks"]) >= 2_400
    assert len(followed) >= 80
    assert books.depth >= 20


def test_drill_has_every_turn_that_a_watcher_must_take(scenario: dict[str, Any]) -> None:
    kinds = {step["kind"] for block in scenario["blocks"] for step in block["steps"]}
    assert kinds >= {
        *("wrap", "unwrap", "swap", "supply", "borrow", "repay", "withdraw", "liquidate", "bridge"),
        *("mix", "disperse", "state", "freeze", "unfreeze", "pause", "spam", "spoof", "poison"),
    }
    reverting = [s for b in scenario["blocks"] for s in b["steps"] if s.get("reverts")]
    assert len(reverting) >= 3
    assert any(int(step.get("fee", "0")) for step in reverting)
    depths = sorted(fork["depth"] for fork in scenario["forks"])
    assert depths == [1, 3]


def test_every_step_says_whether_the_record_has_it(scenario: dict[str, Any]) -> None:
    for block in scenario["blocks"]:
        for step in block["steps"]:
            assert ("note" in step) != step.get("exercise", False), step["id"]


def test_orphaned_deposit_is_not_on_the_canonical_chain(scenario: dict[str, Any]) -> None:
    deep = next(fork for fork in scenario["forks"] if fork["depth"] == 3)
    orphaned = [step["to"] for block in deep["orphans"] for step in block["steps"]]
    assert "alder_dep3" in orphaned
    assert steps(scenario, "transfer", to="alder_dep3") == []


def test_reordered_block_has_the_same_transactions_in_other_order(scenario: dict[str, Any]) -> None:
    fork = next(fork for fork in scenario["forks"] if fork["depth"] == 1)
    canonical = scenario["blocks"][fork["at"] - 1]["steps"]
    orphaned = fork["orphans"][0]["steps"]
    fields = ("kind", "from", "to", "asset", "amount", "fee")
    first, second = (
        [tuple(step[f] for f in fields) for step in side] for side in (canonical, orphaned)
    )
    assert first == list(reversed(second))


def test_only_the_council_and_the_dead_address_are_real(scenario: dict[str, Any]) -> None:
    accounts = scenario["accounts"]
    short = {name for name, a in accounts.items() if a["address"].startswith("0x" + "0" * 24)}
    assert short == {"council", "dead"}
    addresses = [account["address"] for account in accounts.values()]
    assert len(addresses) == len(set(addresses))


def test_acts_are_by_people_of_the_cast_on_blocks_of_the_drill(scenario: dict[str, Any]) -> None:
    people = {p["slug"] for o in scenario["organizations"] for p in o["people"]}
    last = len(scenario["blocks"])
    assert {act["by"] for act in scenario["acts"]} <= people
    assert all(1 <= act["block"] <= last for act in scenario["acts"])
    assert {s["slug"] for s in scenario["services"]} >= {
        account["service"] for account in scenario["accounts"].values() if "service" in account
    }
