"""Two readings of docs/taint.md agree on the drill to the last unit: the engine's, block by block
from a real node through the decoder, reorgs included, and the oracle's, from the script."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from config.embedded.node import Node, NodeOptions
from tests.tracing.core.test_provenance import InMemory, holding, listed
from tracing.chains.evm import EvmAdapter
from tracing.core import provenance
from tracing.core.buckets import PARTITION, strip
from tracing.core.engine import apply_block
from tracing.core.policies import FIFO, Policy, policy
from tracing.core.provenance import UNEXPLAINED
from tracing.core.reach import needs_prices, reach
from tracing.core.state import TraceState
from tracing.core.types import (
    AccountKey,
    AccountKind,
    BlockEffects,
    BlockMovements,
    Kinds,
    Movement,
    MovementKind,
    Seed,
    Transaction,
)
from tracing.drills import oracle, oracle_policies
from tracing.drills.node import options
from tracing.drills.plan import Act
from tracing.drills.player import Player
from tracing.drills.scenario import Scenario, load

pytestmark = pytest.mark.node
IS_BLACKLISTED = bytes.fromhex("fe575a87")  # isBlacklisted(address)


@dataclass
class Follower:
    """Hooks that follow the drill as a watcher would, with everything in memory."""

    drill: Scenario
    adapter: EvmAdapter
    player: Player | None = None
    state: TraceState = field(default_factory=TraceState)
    applied: list[BlockEffects] = field(default_factory=list)
    held: dict[AccountKey, int] = field(default_factory=dict)
    policy: Policy = FIFO
    depth: int = 0
    undone: int = 0

    def on_block(self, number: int, block_hash: str, served_at: float) -> None:
        while len(self.applied) >= number:
            self.state.restore(self.applied.pop().before)
            self.undone += 1
        block = self.adapter.decode(self.adapter.read_block(number))
        assert block.hash == block_hash
        self.applied.append(self.apply(self.with_state_moves(block)))

    def wait_applied(self, number: int, block_hash: str) -> None:
        assert len(self.applied) == number

    def perform(self, act: Act) -> None:
        if act.fields["act"] == "answer_freeze" and act.fields["answer"] == "held":
            self.held[self.drill.account(act.fields["target"])] = int(act.fields["amount"])

    def kinds(self, number: int) -> Kinds:
        labels = [label for label in self.drill.labels if number > label.after_block]
        return {label.address: label.kind for label in labels}

    def seeds(self) -> list[Seed]:
        assert self.player is not None
        known = self.player.progress.seeds
        return [
            Seed(s.key, self.drill.chain, known[s.key], s.receiver, s.asset, s.amount)
            for s in self.drill.seeds
            if s.key in known
        ]

    def with_state_moves(self, block: BlockMovements) -> BlockMovements:
        """Add what changed followed balances without a transaction."""
        native = self.drill.assets["ETH"].info.asset
        before = {
            key: sum(lot.amount for lot in account.lots)
            for key, account in self.state.accounts.items()
            if account.kind is AccountKind.FOLLOWED and key.asset == native
        }
        custody = AccountKey(self.drill.chain, self.drill.address("council"), native)
        known = {**before, custody: 0}
        deltas = self.adapter.balance_deltas(before, block, known)
        moves = [(key, -delta) for key, delta in deltas.items() if delta < 0]
        if not moves:
            return block
        last = max((m.position for tx in block.transactions for m in tx.movements), default=0)
        movements = tuple(
            Movement(last + i, MovementKind.STATE, native, key.address, custody.address, amount)
            for i, (key, amount) in enumerate(moves, 1)
        )
        index = len(block.transactions)
        move = Transaction(f"block:{block.hash}", index, None, None, movements)
        return BlockMovements(
            block.chain, block.number, block.hash, block.parent_hash, block.timestamp,
            (*block.transactions, move),
        )  # fmt: skip

    def apply(self, block: BlockMovements) -> BlockEffects:
        assets = {fact.info.asset: fact.info for fact in self.drill.assets.values()}
        kinds, seeds = self.kinds(block.number), self.seeds()
        wanted = reach(self.state, block, seeds, kinds, assets)
        priced = needs_prices(self.state, block, assets, seeds, kinds)
        effects = apply_block(
            self.state,
            block,
            seeds=seeds,
            kinds=kinds,
            assets=assets,
            balances=self.adapter.balances(wanted, block.parent_hash),
            prices=self.adapter.prices(self.drill.price_oracle, priced, block.hash),
            thresholds={fact.info.asset: fact.threshold for fact in self.drill.assets.values()},
            policy=self.policy,
        )
        self.depth = max([self.depth, *(hop.depth for hop in effects.hops)])
        return effects

    def frozen(self) -> set[AccountKey]:
        """Accounts that the tokens themselves call blacklisted, at the head."""
        assert self.player is not None
        tokens = {f.info.asset: f.info.contract for f in self.drill.assets.values() if f.issuer}
        head = self.player.progress.head_hash
        found = set()
        for key in self.state.accounts:
            if contract := tokens.get(key.asset):
                word = bytes.fromhex(key.address[2:]).rjust(32, b"\0")
                if int.from_bytes(self.adapter.call(contract, IS_BLACKLISTED + word, head) or b""):
                    found.add(key)
        return found

    def strip(self) -> dict[str, dict[str, str]]:
        kinds = self.kinds(self.drill.height)
        sums = strip(self.state.accounts, kinds, self.frozen(), self.held)
        return {
            asset: {
                "stolen": str(sum(row[name] for name in PARTITION)),
                **{name: str(row[name]) for name in PARTITION},
            }
            for asset, row in sums.items()
        }


@pytest.fixture(scope="module")
def follower(start_a_node: Callable[..., Node]) -> Follower:
    drill = load("kelpdao")
    node = start_a_node(NodeOptions(**options(drill.document)))  # type: ignore[arg-type]
    follower = Follower(drill, EvmAdapter(drill.chain, node.url))
    follower.player = Player(drill.document, node.url, hooks=follower)
    follower.player.play()
    return follower


def test_engine_and_oracle_agree_to_the_last_unit(follower: Follower) -> None:
    assert follower.strip() == oracle.expected(follower.drill.document)


def booked(drill: Scenario, books: oracle.Books) -> dict[tuple[str, str], int]:
    """Origin amounts by address and asset, as an oracle says."""
    sinks = {oracle.FEES: "fee", "dead": "burn"}  # where the engine books by kind
    found = {}
    for (name, asset), queue in books.booked().items():
        address = sinks.get(name) or drill.address(name)
        found[address, drill.assets[asset].info.asset] = sum(p.origin or 0 for p in queue)
    return {place: amount for place, amount in found.items() if amount}


def followed(state: TraceState) -> dict[tuple[str, str], int]:
    """Origin amounts by address and asset, as the engine says."""
    found = {
        (key.address, key.asset): sum(
            lot.origin.amount for lot in (*account.lots, *account.dust) if lot.origin
        )
        for key, account in state.accounts.items()
    }
    return {place: amount for place, amount in found.items() if amount}


def test_engine_and_oracle_agree_on_every_account(follower: Follower) -> None:
    books = oracle.play(follower.drill.document)
    assert followed(follower.state) == booked(follower.drill, books)


@pytest.mark.parametrize("name", ["lifo", "taint-first", "taint-last", "haircut"])
def test_they_agree_on_every_account_under_the_other_policies(
    follower: Follower, name: str
) -> None:
    other = Follower(follower.drill, follower.adapter, follower.player, policy=policy(name))
    other.held = follower.held
    for number in range(1, other.drill.height + 1):
        block = other.adapter.decode(other.adapter.read_block(number))
        other.apply(other.with_state_moves(block))
    document, books = other.drill.document, oracle_policies.POLICIES[name]
    assert followed(other.state) == booked(other.drill, oracle.play(document, books))
    assert other.strip() == oracle.expected(document, books)


def test_every_number_of_the_drill_comes_from_its_list(follower: Follower) -> None:
    """Through swaps, wraps, loans and repayments, and over reorgs."""
    hops = InMemory(follower.applied)
    found = holding(follower)
    assert len(found) >= 40
    for account, amounts in found.items():
        lines = listed(follower, hops, account)
        assert provenance.replay(lines, account) == amounts
        assert UNEXPLAINED not in {line.kind for line in lines}


def test_reorgs_were_undone_and_history_was_complete(follower: Follower) -> None:
    assert follower.undone == sum(fork["depth"] for fork in follower.drill.document["forks"])
    assert not any(account.incomplete for account in follower.state.accounts.values())


def test_rollback_and_apply_equals_fresh_apply(follower: Follower) -> None:
    """The canonical chain once more, without orphans.

    Who comes late sees the council's move one block early, since the node rewrote that block's
    state in place (why the player waits there): the hop's block is left out of the comparison.
    """
    fresh = Follower(follower.drill, follower.adapter, follower.player)
    for number in range(1, follower.drill.height + 1):
        block = fresh.adapter.decode(fresh.adapter.read_block(number))
        fresh.applied.append(fresh.apply(fresh.with_state_moves(block)))
    assert rows(fresh.state) == rows(follower.state)


def rows(state: TraceState) -> dict[AccountKey, str]:
    """The state as text, with hops of state moves made alike."""
    return {
        key: re.sub(r"block:0x[0-9a-f]{64}", "block:", json.dumps(row))
        for key, row in state.to_rows().items()
    }


def test_following_goes_as_far_and_as_deep_as_the_issue_asks(follower: Follower) -> None:
    addresses = {
        key.address
        for key, account in follower.state.accounts.items()
        if account.kind is AccountKind.FOLLOWED
    }
    assert len(addresses) >= 80
    assert follower.depth >= 20
