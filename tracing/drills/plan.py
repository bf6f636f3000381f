"""The order of things in a drill: blocks, orphaned branches, state moves, waits and acts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tracing.drills.background import Item, accounts, items, merged
from tracing.drills.calls import NATIVE_GAS, Call, Translator, calldata
from tracing.drills.node import unix
from tracing.drills.oracle import NATIVE, Books

BACKGROUND_GAS_PRICE = 1_000_000_000
ONE_CALL_GAS = 400_000


@dataclass(frozen=True, slots=True)
class Mine:
    """Mine one block. ``state``: balances (address, wei) set right before it."""

    number: int
    time: int
    calls: tuple[Call, ...]
    branch: str = ""  # "" is the canonical chain
    state: tuple[tuple[str, int], ...] = ()
    in_a_hurry: bool = False  # part of a reorg's replacement: no pause before it


@dataclass(frozen=True, slots=True)
class Wait:
    """The watcher must have applied the present head."""


@dataclass(frozen=True, slots=True)
class Rollback:
    """Take ``depth`` blocks off the chain."""

    depth: int


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something in the room. ``fields`` is the act as the scenario has it."""

    fields: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.fields["id"])


Operation = Mine | Wait | Rollback | Act


def operations(scenario: Mapping[str, Any]) -> Iterator[Operation]:
    """The whole drill in order; the same on every call.

    Before a branch is replaced, and before balances change by state, the watcher has applied the
    head (a `Wait`): a node forgets what an account had before such a change. Acts follow a `Wait`
    too, and none falls between a rollback and the block that makes the new branch the longer one.
    """
    writer = _Writer(scenario)
    forks = {int(fork["at"]): fork for fork in scenario["forks"]}
    hurried = 0
    acts = _acts_by_block(scenario)
    waiting: list[Act] = []
    for block in scenario["blocks"]:
        number = int(block["n"])
        if fork := forks.get(number):
            yield from writer.orphans(fork)
            yield Wait()
            yield Rollback(int(fork["depth"]))
            hurried = number + int(fork["depth"])
        state = writer.state(block)
        if state:
            yield Wait()
        yield writer.block(block, state=state, in_a_hurry=number <= hurried)
        waiting += acts.get(number, [])
        if waiting and number >= hurried:
            yield Wait()
            yield from waiting
            waiting = []
    yield Wait()


def _acts_by_block(scenario: Mapping[str, Any]) -> dict[int, list[Act]]:
    result: dict[int, list[Act]] = {}
    for fields in scenario["acts"]:
        result.setdefault(int(fields["block"]), []).append(Act(fields))
    return result


def genesis(scenario: Mapping[str, Any]) -> dict[str, int]:
    """Balances in wei that the node is given before its first block, by address."""
    named = scenario["genesis"]["balances"].items()
    result = {scenario["accounts"][name]["address"]: int(amount) for name, amount in named}
    settings = scenario["background"]
    return result | dict.fromkeys(accounts(settings), int(settings["genesis_balance"]))


class _Writer:
    """Writes blocks as operations."""

    def __init__(self, scenario: Mapping[str, Any]) -> None:
        self.scenario = scenario
        self.translator = Translator(scenario)

    def block(
        self,
        block: Mapping[str, Any],
        *,
        branch: str = "",
        background: str | None = None,
        state: tuple[tuple[str, int], ...] = (),
        in_a_hurry: bool = False,
    ) -> Mine:
        number, settings = int(block["n"]), self.scenario["background"]
        seen = branch if background is None else background
        traffic = items(settings, number, int(block["background"]), seen)
        others = [self.traffic(item) for item in traffic]
        story = [
            call
            for step in block["steps"]
            if step["kind"] != "state"
            for call in self.translator.calls(step)
        ]
        calls = merged(story, others, f"{settings['seed']}:{number}:{seen}")
        return Mine(number, unix(block["time"]), tuple(calls), branch, state, in_a_hurry)

    def orphans(self, fork: Mapping[str, Any]) -> Iterator[Mine]:
        name = f"orphan-{fork['at']}"
        background = "" if fork["same_background"] else None
        for block in fork["orphans"]:
            yield self.block(block, branch=name, background=background)

    def state(self, block: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
        """Native balances that the node is told: absolute ones, so that a repeat is harmless."""
        moves = [step for step in block["steps"] if step["kind"] == "state"]
        if not moves:
            return ()
        books = Books(self.scenario)
        for past in self.scenario["blocks"][: int(block["n"])]:  # this block included
            for step in past["steps"]:
                books.apply(step)
        names = [name for step in moves for name in (step["from"], step["to"])]
        return tuple(
            (self.translator.address(name), books.balances[name, NATIVE]) for name in names
        )

    def traffic(self, item: Item) -> Call:
        """A background transaction as a call."""
        address, amount = self.translator.address, item.amounts[0]
        if item.kind == "native":
            call = Call(item.sender, item.to[0], value=amount, gas=NATIVE_GAS)
            return replace(call, gas_price=BACKGROUND_GAS_PRICE)
        if item.kind == "token":
            token = self.translator.token(item.asset)
            data = calldata(self.translator.contracts[token], "transfer", item.to[0], amount)
            return Call(item.sender, address(token), data=data, gas=ONE_CALL_GAS)
        if item.kind == "many":
            data = calldata("Disperse", "disperseEther", list(item.to), list(item.amounts))
            total = sum(item.amounts)
            return Call(item.sender, address("disperse"), value=total, data=data, gas=ONE_CALL_GAS)
        if item.kind == "wrap":
            data = calldata("WrappedNative", "deposit")
            return Call(item.sender, address("weth"), value=amount, data=data, gas=ONE_CALL_GAS)
        data = calldata("WrappedNative", "withdraw", amount)
        return Call(item.sender, address("weth"), data=data, gas=ONE_CALL_GAS)
