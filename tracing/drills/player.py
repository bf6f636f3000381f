"""Plays the chain side of a drill on a real node: block by block, forks and state moves included.

Everything that decides a block's hash is fixed (accounts, nonces, calldata, gas, order, time), so
two plays on fresh nodes give the same hashes.

Restart: a journal has a line per operation done. The chain is kept, and a player goes on from the
last line that has the node's present head. A node that came back with an older head is no problem:
the blocks after it are mined again with the same hashes, and acts are keyed. A fresh node without a
journal, or with any, begins at the beginning and comes to the same hashes again. A head that is
nowhere in the journal raises OutOfStepError: then node, journal and room are reset together.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from tracing.drills.node import Rpc, check, unix
from tracing.drills.plan import Act, Mine, Operation, Rollback, Wait, genesis, operations


class OutOfStepError(RuntimeError):
    """Node and journal do not belong together: reset the drill (node, journal and room)."""


class DrillBrokenError(RuntimeError):
    """A transaction of the script did not do on chain what the script says."""


class Hooks(Protocol):
    """What the player tells, and what it waits for. All are called in the player's thread."""

    def on_block(self, number: int, block_hash: str, served_at: float) -> None:
        """A block was mined, orphans included. ``served_at``: time.time() just before the node was
        asked to mine it, so a latency measured from it is never too small."""

    def wait_applied(self, number: int, block_hash: str) -> None:
        """Return when the watcher has applied this block (it is the node's head now)."""

    def perform(self, act: Act) -> None:
        """Do this in the room. May come twice after a crash: key it by ``act.id``."""


class Silent:
    """Hooks for a play without a room."""

    def on_block(self, number: int, block_hash: str, served_at: float) -> None:
        return None

    def wait_applied(self, number: int, block_hash: str) -> None:
        return None

    def perform(self, act: Act) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Pace:
    """A compressed clock: so many times faster than the record, and no wait above ``longest`` s."""

    speed: float = 60.0
    longest: float = 1.0

    def pause(self, seconds: int) -> float:
        """How long to wait for a block that came ``seconds`` after the one before."""
        return min(max(seconds, 0) / self.speed, self.longest)


@dataclass(slots=True)
class Progress:
    """What was played. Numbers of a resumed play are those of the whole drill."""

    operation: int = 0  # operations done
    head: int = 0
    head_hash: str = ""
    blocks: int = 0  # mined, orphans included
    reorgs: int = 0
    transactions: int = 0  # sent, orphans included
    seeds: dict[str, str] = field(default_factory=dict)  # seed key -> transaction hash
    finished: bool = False


class Player:
    """One drill on one node. ``pace`` absent: full speed. ``until``: the last block to play."""

    def __init__(
        self,
        scenario: Mapping[str, Any],
        url: str,
        *,
        hooks: Hooks | None = None,
        pace: Pace | None = None,
        journal: Path | None = None,
        until: int | None = None,
    ) -> None:
        self.scenario = scenario
        self.until = until
        self.rpc = Rpc(url)
        self.hooks: Hooks = hooks or Silent()
        self.pace = pace
        self.progress = Progress()
        self.steps: dict[str, str] = {}  # step id -> hash of its (last) transaction, this run
        self._journal = journal
        text = json.dumps(scenario, sort_keys=True)
        self._digest = hashlib.sha256(text.encode()).hexdigest()
        self._nonces: dict[str, int] = {}
        self._last_time = unix(scenario["chain"]["genesis_time"])
        self._unwritten = 0
        self._stop = threading.Event()
        self._seed_steps = {seed["step"]: seed["key"] for seed in scenario["seeds"]}

    def stop(self) -> None:
        """Ask the play to end after the present operation (from another thread or a signal)."""
        self._stop.set()

    def play(self) -> Progress:
        """Play to the end, or until `stop`. Raises WrongNodeError, OutOfStepError, NodeError,
        DrillBrokenError, OSError when the node goes away, and what the hooks raise."""
        check(self.rpc, self.scenario)
        self._begin()
        for index, operation in enumerate(operations(self.scenario)):
            if index < self.progress.operation:
                if isinstance(operation, Mine):
                    self._last_time = operation.time
                continue
            if self._stop.is_set() or self._is_beyond(operation):
                return self.progress
            self._do(operation)
            self.progress.operation = index + 1
            self._save()
        self.progress.finished = True
        self._save()
        return self.progress

    def _is_beyond(self, operation: Operation) -> bool:
        return (
            self.until is not None and isinstance(operation, Mine) and operation.number > self.until
        )

    # -- beginning and going on ------------------------------------------------------------------

    def _begin(self) -> None:
        self.rpc("anvil_autoImpersonateAccount", True)
        self.rpc("anvil_dropAllTransactions")
        head = self.rpc("eth_getBlockByNumber", "latest", False)
        number, block_hash = int(head["number"], 16), str(head["hash"])
        kept = self._kept(number, block_hash)
        if kept is None and (kept := self._kept(number - 1, str(head["parentHash"]))):
            self._unwritten = number  # mined, but the player was killed before it wrote that down
        if kept is not None:
            self.progress = replace(kept, finished=False)
            return
        if number:
            raise OutOfStepError(f"the journal does not know the node's head {number} {block_hash}")
        for address, balance in genesis(self.scenario).items():
            self.rpc("anvil_setBalance", address, hex(balance))
        self.progress = Progress(head_hash=block_hash)

    def _kept(self, head: int, head_hash: str) -> Progress | None:
        """Where the play stood when it was last at this head; none without a journal."""
        if self._journal is None or not self._has_journal():
            return None
        header, *lines = self._journal.read_text(encoding="utf-8").splitlines()
        if json.loads(header) != {"scenario": self._digest}:
            raise OutOfStepError("the journal is of another scenario")
        for line in reversed(lines):
            try:
                kept = Progress(**json.loads(line))
            except ValueError:
                continue  # a line that was being written when the player was killed
            if (kept.head, kept.head_hash) == (head, head_hash):
                return kept
        return None

    def _has_journal(self) -> bool:
        return (
            self._journal is not None
            and self._journal.exists()
            and self._journal.stat().st_size > 0
        )

    def _save(self) -> None:
        if self._journal is None:
            return
        names = Progress.__dataclass_fields__
        content = {name: getattr(self.progress, name) for name in names}
        lead = "" if self._has_journal() else json.dumps({"scenario": self._digest})
        with self._journal.open("a", encoding="utf-8") as journal:
            # The newline comes first: after a torn line this one stands by itself all the same.
            journal.write(f"{lead}\n{json.dumps(content)}")

    # -- operations ------------------------------------------------------------------------------

    def _do(self, operation: Operation) -> None:
        if isinstance(operation, Mine):
            self._mine(operation)
        elif isinstance(operation, Wait):
            self.hooks.wait_applied(self.progress.head, self.progress.head_hash)
        elif isinstance(operation, Rollback):
            self._roll_back(operation.depth)
        else:
            self.hooks.perform(operation)

    def _mine(self, block: Mine) -> None:
        if self.pace and not block.in_a_hurry:
            self._stop.wait(self.pace.pause(block.time - self._last_time))
        self._last_time = block.time
        served_at = time.time() if block.number == self._unwritten else self._make(block)
        self._unwritten = 0
        head = self.rpc("eth_getBlockByNumber", "latest", False)
        self._check(block, head)
        self.progress.head, self.progress.head_hash = block.number, str(head["hash"])
        self.progress.blocks += 1
        self.progress.transactions += len(block.calls)
        self.hooks.on_block(block.number, self.progress.head_hash, served_at)

    def _make(self, block: Mine) -> float:
        """Have the block mined; the time right before."""
        for address, balance in block.state:
            self.rpc("anvil_setBalance", address, hex(balance))
        for call in block.calls:
            nonce = self._nonces.get(call.sender)
            if nonce is None:
                nonce = int(self.rpc("eth_getTransactionCount", call.sender, "latest"), 16)
            self.rpc("eth_sendTransaction", call.request(nonce))
            self._nonces[call.sender] = nonce + 1
        self.rpc("evm_setNextBlockTimestamp", block.time)
        served_at = time.time()
        self.rpc("evm_mine")
        return served_at

    def _check(self, block: Mine, head: Mapping[str, Any]) -> None:
        """Each transaction is in the block, in order, and did what the script says."""
        receipts = self.rpc("eth_getBlockReceipts", head["hash"])
        found = [(receipt["from"], receipt["status"] == "0x0") for receipt in receipts]
        wanted = [(call.sender, call.reverts) for call in block.calls]
        if int(head["number"], 16) != block.number or len(found) != len(wanted):
            raise DrillBrokenError(f"block {block.number}: the node mined something else")
        for call, have, want, receipt in zip(block.calls, found, wanted, receipts, strict=True):
            if have != want:
                outcome = "reverted" if have[1] else "did not revert"
                raise DrillBrokenError(
                    f"block {block.number}: {call.step or 'background'} {outcome}"
                )
            if call.step:
                self.steps[call.step] = str(receipt["transactionHash"])
            if call.step in self._seed_steps:
                key = self._seed_steps[call.step]
                self.progress.seeds[key] = str(receipt["transactionHash"])

    def _roll_back(self, depth: int) -> None:
        self.rpc("anvil_rollback", depth)
        self._nonces.clear()
        head = self.rpc("eth_getBlockByNumber", "latest", False)
        self.progress.head, self.progress.head_hash = int(head["number"], 16), str(head["hash"])
        self._last_time = int(head["timestamp"], 16)
        self.progress.reorgs += 1
