"""Balances, and what the transactions of the made-up chain do to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from eth_utils import keccak

from tests.liars.people import CONTRACTS, NATIVE, TOKEN, TOKEN_ASSET

TRANSFER = keccak(text="Transfer(address,address,uint256)")
_TRANSFER_CALL = keccak(text="transfer(address,uint256)")[:4]
_VALUE_KINDS = ("CALL", "CREATE", "SELFDESTRUCT")


class Moved(NamedTuple):
    """One movement that took effect, in the words that the watcher keeps it in."""

    kind: str
    asset: str
    frm: str
    to: str  # "" for a fee
    amount: int


@dataclass(frozen=True)
class Frame:
    """One call of a transaction. ``error``: it failed, and everything beneath it with it."""

    kind: str
    frm: str
    to: str
    value: int
    error: str = ""
    calls: tuple[Frame, ...] = ()

    def moving(self) -> Iterator[Frame]:
        """The frames that moved value, this one first."""
        if self.error:
            return
        if self.value and self.kind in _VALUE_KINDS:
            yield self
        for call in self.calls:
            yield from call.moving()


@dataclass(frozen=True)
class Event:
    """One log."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True)
class Act:
    """What somebody wants: ``kind`` is a name of tests.liars.acts.EXECUTE."""

    kind: str
    sender: str
    to: str
    value: int


@dataclass(frozen=True)
class Outcome:
    """What came of an act. ``to`` absent: a contract is made, at ``created``."""

    to: str | None
    value: int
    data: bytes
    root: Frame
    gas: int
    events: tuple[Event, ...] = ()
    created: str | None = None

    @property
    def ok(self) -> bool:
        return not self.root.error

    @property
    def logged(self) -> tuple[Event, ...]:
        """The logs that stand: a failed transaction has none."""
        return self.events if self.ok else ()


@dataclass
class State:
    """Balances, nonces and code after a block."""

    native: dict[str, int] = field(default_factory=dict)
    token: dict[str, int] = field(default_factory=dict)
    nonces: dict[str, int] = field(default_factory=dict)
    code: dict[str, bytes] = field(default_factory=lambda: dict(CONTRACTS))
    touched: set[str] = field(default_factory=set)  # since the parent block

    def copy(self) -> State:
        return State(dict(self.native), dict(self.token), dict(self.nonces), dict(self.code))

    def add(self, address: str, value: int) -> None:
        """Change a native balance. No balance falls below nothing."""
        found = self.native.get(address, 0) + value
        if found < 0:
            raise AssertionError(f"{address} would owe {-found}")
        self.native[address] = found
        self.touched.add(address)

    def add_token(self, address: str, value: int) -> None:
        found = self.token.get(address, 0) + value
        if found < 0:
            raise AssertionError(f"{address} would owe {-found} tokens")
        self.token[address] = found
        self.touched.add(TOKEN)

    def run(self, outcome: Outcome) -> list[Moved]:
        """Let an outcome take effect, fees aside."""
        moved = []
        for frame in outcome.root.moving():
            kind = "native" if frame is outcome.root else "internal"
            self.add(frame.frm, -frame.value)
            self.add(frame.to, frame.value)
            moved.append(Moved(kind, NATIVE, frame.frm, frame.to, frame.value))
        for event in outcome.logged:
            frm, to = (f"0x{topic[12:].hex()}" for topic in event.topics[1:])
            amount = int.from_bytes(event.data)
            self.add_token(frm, -amount)
            self.add_token(to, amount)
            moved.append(Moved("token", TOKEN_ASSET, frm, to, amount))
        if outcome.created is not None and outcome.ok:
            self.code[outcome.created] = b"\x60\x05"
            self.touched.add(outcome.created)
        return moved


def word(address: str) -> bytes:
    """An address as a topic."""
    return bytes.fromhex(address[2:]).rjust(32, b"\0")


def transfer_event(frm: str, to: str, amount: int) -> Event:
    """What the token logs."""
    return Event(TOKEN, (TRANSFER, word(frm), word(to)), amount.to_bytes(32))


def transfer_call(to: str, amount: int) -> bytes:
    """What the token is called with."""
    return _TRANSFER_CALL + word(to) + amount.to_bytes(32)
