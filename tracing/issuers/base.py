"""The contract of an issuer's freeze interface: events in, freezes and seizures out. Pure.

A family's file states its events, where each has its account, and the views that answer whether an
address is frozen. Only a view's answer confirms a freeze; an event tells that one was said.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from tracing.core.logs import BadLog, Log

MOST_ACCOUNTS = 10_000  # of one event; more than a block's gas can log


@dataclass(frozen=True, slots=True)
class FreezeSeen:
    """An address was frozen, or released, by the contract that logged it."""

    address: str
    is_frozen: bool


@dataclass(frozen=True, slots=True)
class Seizure:
    """The issuer took what an address held: destroyed it, or moved it elsewhere.

    ``amount`` in base units; None: the event does not tell, it is all that the address held.
    """

    address: str
    amount: int | None
    is_destroyed: bool


@dataclass(frozen=True, slots=True)
class BridgeDenied:
    """A bridge refuses an address, or takes it again. Its tokens are not frozen by that."""

    address: str
    is_denied: bool


Seen = FreezeSeen | Seizure | BridgeDenied


class Action(Enum):
    """What an event does. ``FLAG``: its data says whether it froze or released."""

    FREEZE = "freeze"
    RELEASE = "release"
    FLAG = "flag"
    DESTROY = "destroy"
    TAKE = "take"
    DENY = "deny"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where one form of an event keeps its fields.

    ``topics`` counts the signature's. ``words``: how many words of data there are at least, and
    exactly unless ``is_open`` (text follows). ``is_list``: the data is one address[]. ``role`` is
    the first argument that counts, for events that are about roles of any kind.
    """

    topics: int
    account: str
    words: int = 0
    amount: str | None = None
    flag: str | None = None
    is_open: bool = False
    is_list: bool = False
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Event:
    """One event. The hash ignores what is indexed: the number of topics tells the layout."""

    signature: str
    topic: str  # keccak-256 of the signature
    action: Action
    layouts: tuple[Layout, ...]
    source: str


@dataclass(frozen=True, slots=True)
class View:
    """A read-only function that takes an address (after ``before``) and answers one bool.

    ``is_inverted``: true means that the address is free.
    """

    signature: str
    selector: str  # the first 4 bytes of keccak-256 of the signature
    source: str
    before: str = ""  # hex of arguments that come before the address
    is_inverted: bool = False

    def calldata(self, address: str) -> bytes:
        """The call for an address in hex."""
        return bytes.fromhex(self.selector[2:] + self.before + address[2:].rjust(64, "0"))

    def read(self, output: bytes | None) -> bool | None:
        """Whether the address is frozen; None: the answer is no bool, so it says nothing."""
        if output is None or len(output) != 32 or int.from_bytes(output) > 1:
            return None
        return (int.from_bytes(output) == 1) is not self.is_inverted


@dataclass(frozen=True, slots=True)
class PendingSource:
    """A multisig through which an issuer freezes: a freeze is submitted there before it is made.

    ``topic``: of the event whose first indexed argument is the submission's number. ``lookup``: the
    selector of the view that answers (destination, value, data, executed) for that number.
    ``freezes``: selectors of calls to ``token`` whose first argument is the account to be frozen.
    """

    chain: str  # CAIP-2
    contract: str
    token: str
    topic: str
    lookup: str
    freezes: frozenset[str]
    source: str

    def question(self, log: Log) -> bytes | None:
        """The call that tells what was submitted; None: the log submits nothing."""
        if log.address != self.contract or len(log.topics) != 2 or log.topics[0] != self.topic:
            return None
        return bytes.fromhex(self.lookup[2:] + log.topics[1][2:])

    def account(self, output: bytes | None) -> str | None:
        """Who is about to be frozen; None: the submission is about something else."""
        if output is None or len(output) < 5 * 32:
            return None
        answer = Log(self.contract, (), "0x" + output.hex(), "", 0)
        at, size = answer.number_at("word2"), answer.number_at("word4")
        call = output[160 : 160 + (size or 0)]
        if answer.address_at("word0") != self.token or at != 128 or len(call) != size:
            return None
        if len(call) != 36 or "0x" + call[:4].hex() not in self.freezes or any(call[4:16]):
            return None
        return "0x" + call[16:].hex()


def verdict(answers: Iterable[bool | None]) -> bool | None:
    """What several views say together: frozen where one says so, free where one can be read and
    none says frozen, None where none can be read."""
    read = [answer for answer in answers if answer is not None]
    return any(read) if read else None


class FreezeInterface(ABC):
    """One family of freezable tokens. ``slug`` is what an asset names as its interface.

    ``is_state_only``: a freeze shows in the views and in no event. ``emitters``: contracts that log
    for the family without being tokens.
    """

    slug: ClassVar[str]
    name: ClassVar[str]
    events: ClassVar[tuple[Event, ...]] = ()
    views: ClassVar[tuple[View, ...]] = ()
    is_state_only: ClassVar[bool] = False
    emitters: ClassVar[frozenset[str]] = frozenset()
    pending: ClassVar[tuple[PendingSource, ...]] = ()

    def decode(self, log: Log) -> list[Seen]:
        """What a log says, one entry per account; empty: not an event of this family.

        :raises BadLog: it has the event's topic and not its fields.
        """
        for event in self.events:
            if log.topics and log.topics[0] == event.topic:
                return _read(event, log)
        return []


def _read(event: Event, log: Log) -> list[Seen]:
    layout = next((one for one in event.layouts if one.topics == len(log.topics)), None)
    words = log.words
    if layout is None or words is None or words < layout.words:
        raise BadLog(f"{event.signature}: fields are missing")
    if layout.is_list:
        return [_seen(event, layout, log, account) for account in _accounts(event, log, words)]
    if words > layout.words and not layout.is_open:
        raise BadLog(f"{event.signature}: more data than fields")
    if layout.roles and log.topics[1] not in layout.roles:
        return []
    account = log.address_at(layout.account)
    if account is None:
        raise BadLog(f"{event.signature}: no address where the account should be")
    return [_seen(event, layout, log, account)]


def _accounts(event: Event, log: Log, words: int) -> list[str]:
    """The address[] that fills the data exactly."""
    count = log.number_at("word1")
    if log.number_at("word0") != 32 or count is None or count > MOST_ACCOUNTS:
        raise BadLog(f"{event.signature}: no list of addresses")
    found = [log.address_at(f"word{2 + at}") for at in range(count)]
    if words != 2 + count or None in found:
        raise BadLog(f"{event.signature}: a broken list of addresses")
    return [account for account in found if account is not None]


def _seen(event: Event, layout: Layout, log: Log, account: str) -> Seen:
    amount = log.number_at(layout.amount) if layout.amount else None
    match event.action:
        case Action.FREEZE | Action.RELEASE:
            return FreezeSeen(account, event.action is Action.FREEZE)
        case Action.DESTROY | Action.TAKE:
            return Seizure(account, amount, event.action is Action.DESTROY)
        case Action.DENY | Action.ALLOW:
            return BridgeDenied(account, event.action is Action.DENY)
        case Action.FLAG:
            flag = log.number_at(layout.flag or "word0")
            if flag not in (0, 1):
                raise BadLog(f"{event.signature}: the direction is neither true nor false")
            return FreezeSeen(account, flag == 1)
