"""The drill on a real node: same hashes each time, balances as booked, forks that are real."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from config.embedded.node import Node, NodeOptions
from tracing.drills import kelpdao, oracle
from tracing.drills.calls import Translator, calldata
from tracing.drills.node import Rpc, WrongNodeError, options
from tracing.drills.plan import Act
from tracing.drills.player import DrillBrokenError, OutOfStepError, Pace, Player, Progress

pytestmark = pytest.mark.node
SCENARIO: dict[str, Any] = json.loads(kelpdao.FILE.read_text(encoding="utf-8"))
OPTIONS = NodeOptions(**options(SCENARIO))  # type: ignore[arg-type]
DEEP, SHALLOW = SCENARIO["forks"]


@dataclass
class Witness:
    """Hooks that write down what the player said; ``until``: stop after that many blocks."""

    said: list[tuple[Any, ...]] = field(default_factory=list)
    until: int = 10**9
    player: Player | None = None

    def on_block(self, number: int, block_hash: str, served_at: float) -> None:
        self.said.append(("block", number, block_hash))
        if len(self.blocks) >= self.until and self.player:
            self.player.stop()

    def wait_applied(self, number: int, block_hash: str) -> None:
        self.said.append(("wait", number, block_hash))

    def perform(self, act: Act) -> None:
        self.said.append(("act", act.id))

    @property
    def blocks(self) -> list[tuple[Any, ...]]:
        return [entry for entry in self.said if entry[0] == "block"]


@dataclass
class Played:
    node: Node
    player: Player
    progress: Progress
    witness: Witness
    rpc: Rpc

    def address(self, name: str) -> str:
        return str(SCENARIO["accounts"][name]["address"])

    def held(self, name: str, asset: str) -> int:
        if asset == "ETH":
            return int(self.rpc("eth_getBalance", self.address(name), "latest"), 16)
        return int(self.view(asset, "balanceOf", self.address(name)), 16)

    def view(self, asset: str, method: str, *args: Any) -> str:
        contract = SCENARIO["assets"][asset]["contract"]
        artefact = Translator(SCENARIO).contracts.get(contract, "ReceiptToken")
        data = calldata(artefact, method, *args)
        call = {"to": self.address(contract), "data": data}
        return str(self.rpc("eth_call", call, "latest"))


def play(node: Node, *, until: int = 10**9, journal: Path | None = None) -> Played:
    witness = Witness(until=until)
    player = Player(SCENARIO, node.url, hooks=witness, journal=journal)
    witness.player = player
    return Played(node, player, player.play(), witness, Rpc(node.url))


@pytest.fixture(scope="module")
def played(start_a_node: Callable[..., Node]) -> Played:
    return play(start_a_node(OPTIONS))


def test_whole_drill_is_mined(played: Played) -> None:
    orphans = sum(fork["depth"] for fork in SCENARIO["forks"])
    canonical = len(SCENARIO["blocks"])
    assert played.progress.finished
    assert (played.progress.head, played.progress.blocks) == (canonical, canonical + orphans)
    assert played.progress.reorgs == 2
    head = played.rpc("eth_getBlockByNumber", "latest", False)
    assert (int(head["number"], 16), head["baseFeePerGas"]) == (canonical, "0x0")
    assert played.progress.head_hash == head["hash"]


def test_balances_on_chain_are_those_that_the_oracle_booked(played: Played) -> None:
    books = oracle.play(SCENARIO)
    roles = {"attacker", "exchange", "custody", "return address", "white-hat", "burn"}
    for name, account in SCENARIO["accounts"].items():
        if account["role"] in roles:
            for asset in SCENARIO["assets"]:
                if asset != "HOSTILE":
                    booked = books.balances.get((name, asset), 0)
                    assert played.held(name, asset) == booked, (name, asset)
    assert played.held("council", "ETH") == 30_765_667501709008927568


def test_failed_transactions_are_mined_and_failed(played: Played) -> None:
    reverting = [s for b in SCENARIO["blocks"] for s in b["steps"] if s.get("reverts")]
    assert len(reverting) >= 3
    for step in reverting:
        receipt = played.rpc("eth_getTransactionReceipt", played.player.steps[step["id"]])
        assert receipt["status"] == "0x0"
        fee = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
        assert fee == int(step.get("fee", "0"))


def test_fees_are_exactly_those_of_the_script(played: Played) -> None:
    steps = [s for b in SCENARIO["blocks"] for s in b["steps"] if int(s.get("fee", "0"))]
    for step in steps[::7]:
        receipt = played.rpc("eth_getTransactionReceipt", played.player.steps[step["id"]])
        fee = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
        assert fee == int(step["fee"]), step["id"]


def test_issuers_freezes_are_on_chain_and_one_is_lifted(played: Played) -> None:
    state = {
        name: int(played.view("USDX", "isBlacklisted", played.address(name)), 16)
        for name in ("s0", "s1", "s2", "s3")
    }
    assert state == {"s0": 0, "s1": 1, "s2": 1, "s3": 0}


def test_a_fork_has_other_hashes_and_is_applied_before_it_is_replaced(played: Played) -> None:
    said = played.witness.said
    for fork in SCENARIO["forks"]:
        mined = [i for i, entry in enumerate(said) if entry[:2] == ("block", fork["at"])]
        orphan, canonical = mined
        assert said[orphan][2] != said[canonical][2]
        last = fork["at"] + fork["depth"] - 1
        assert said[canonical - 1][:2] == ("wait", last)
        assert said[canonical - 2] == ("block", last, said[canonical - 1][2])
        until = canonical + fork["depth"] + 1
        assert [entry[0] for entry in said[canonical:until]] == ["block"] * (fork["depth"] + 1)


def test_orphaned_deposit_left_no_trace_on_the_canonical_chain(played: Played) -> None:
    orphaned = played.player.steps[DEEP["orphans"][0]["steps"][0]["id"]]
    assert played.rpc("eth_getTransactionReceipt", orphaned) is None
    assert played.held("alder_dep3", "ETH") == 0


def test_reordered_block_has_the_same_transactions(played: Played) -> None:
    block = played.rpc("eth_getBlockByNumber", hex(SHALLOW["at"]), False)
    steps = SCENARIO["blocks"][SHALLOW["at"] - 1]["steps"]
    first, second = (played.player.steps[step["id"]] for step in steps)
    orphans = [played.player.steps[step["id"]] for step in SHALLOW["orphans"][0]["steps"]]
    assert orphans == [second, first]
    assert block["transactions"].index(first) < block["transactions"].index(second)


def test_watcher_saw_the_block_before_the_councils_move(played: Played) -> None:
    block = next(b for b in SCENARIO["blocks"] if any(s["kind"] == "state" for s in b["steps"]))
    said = played.witness.said
    index = next(i for i, entry in enumerate(said) if entry[:2] == ("block", block["n"]))
    assert said[index - 1] == ("wait", *said[index - 2][1:])
    assert said[index - 2][:2] == ("block", block["n"] - 1)


def test_every_act_comes_once_in_order_after_its_block_was_applied(played: Played) -> None:
    assert [e[1] for e in played.witness.said if e[0] == "act"] == [
        a["id"] for a in SCENARIO["acts"]
    ]
    height, applied = 0, 0
    due = {act["id"]: act["block"] for act in SCENARIO["acts"]}
    for entry in played.witness.said:
        if entry[0] == "block":
            height = entry[1]
        elif entry[0] == "wait":
            applied = entry[1]
        else:
            assert applied == height >= due[entry[1]]


def test_a_second_play_gives_the_same_hashes(
    played: Played, start_a_node: Callable[..., Node]
) -> None:
    again = play(start_a_node(OPTIONS))
    assert again.witness.said == played.witness.said
    assert again.progress == played.progress


@pytest.mark.parametrize("until", [40, DEEP["at"] + 1, 200])
def test_a_stopped_play_goes_on_with_the_same_hashes(
    until: int, played: Played, start_a_node: Callable[..., Node], tmp_path: Path
) -> None:
    node, journal = start_a_node(OPTIONS), tmp_path / "journal"
    first = play(node, until=until, journal=journal)
    assert not first.progress.finished
    rest = play(node, journal=journal)
    assert first.witness.blocks + rest.witness.blocks == played.witness.blocks
    assert rest.progress == played.progress


def test_a_player_killed_before_it_wrote_down_a_block_goes_on(
    played: Played, start_a_node: Callable[..., Node], tmp_path: Path
) -> None:
    node, journal = start_a_node(OPTIONS), tmp_path / "journal"
    play(node, until=60, journal=journal)
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join(lines[:-1]) + "\n" + lines[-1][:20])
    rest = play(node, journal=journal)
    assert rest.witness.blocks == played.witness.blocks[59:]


def test_a_node_that_came_back_with_an_older_head_catches_up(
    played: Played, start_a_node: Callable[..., Node], tmp_path: Path
) -> None:
    kept = NodeOptions(**options(SCENARIO), state=tmp_path / "state")  # type: ignore[arg-type]
    journal = tmp_path / "journal"
    node = start_a_node(kept)
    play(node, until=50, journal=journal)
    node.save()
    play(node, until=30, journal=journal)
    node.supervisor.stop(node.name)
    back = play(start_a_node(kept), journal=journal)
    assert back.witness.blocks == played.witness.blocks[50:]
    assert back.progress == played.progress


def test_a_foreign_chain_is_refused(start_a_node: Callable[..., Node], tmp_path: Path) -> None:
    node, journal = start_a_node(OPTIONS), tmp_path / "journal"
    node.call("evm_mine")
    with pytest.raises(OutOfStepError, match="does not know the node's head 1"):
        play(node)
    with pytest.raises(OutOfStepError):
        play(node, journal=journal)


def test_a_node_started_otherwise_is_refused(start_a_node: Callable[..., Node]) -> None:
    with pytest.raises(WrongNodeError, match="timestamp"):
        play(start_a_node(NodeOptions(base_fee=0)))


def test_a_script_that_does_not_happen_on_chain_is_refused(
    start_a_node: Callable[..., Node],
) -> None:
    broken = json.loads(json.dumps(SCENARIO))
    first = next(s for b in broken["blocks"] for s in b["steps"] if s["kind"] == "attest")
    first["by"] = "thief"
    with pytest.raises(DrillBrokenError, match=f"{first['id']} reverted"):
        Player(broken, start_a_node(OPTIONS).url).play()


def test_pace_follows_the_record_but_waits_no_longer_than_told() -> None:
    pace = Pace(speed=60, longest=1.5)
    assert [pace.pause(seconds) for seconds in (-5, 0, 30, 60, 86_400)] == [0, 0, 0.5, 1, 1.5]
