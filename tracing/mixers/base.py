"""The contract of a mixer: logs in, deposits and withdrawals out. Pure.

A deposit ends what can be followed. A withdrawal is a lead and nothing more: it moves no taint and
asks for no freeze, however well it fits.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from tracing.core.logs import BadLog, Log


@dataclass(frozen=True, slots=True)
class Deposit:
    """Something went into a pool. ``depositor`` is "" where the log does not tell."""

    pool: str
    depositor: str = ""
    amount: int | None = None  # base units; None: the pool's denomination, or hidden


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Something came out of a pool, for ``recipient``.

    ``is_return``: the log itself says that the recipient takes its own deposit back.
    """

    pool: str
    recipient: str
    relayer: str = ""
    amount: int | None = None
    is_return: bool = False


Seen = Deposit | Withdrawal
Reader = Callable[[Log], Seen | None]


class Mixer(ABC):
    """One mixer. ``slug`` is its service's in the directory. Its contracts are in facts.json."""

    slug: ClassVar[str]
    name: ClassVar[str]
    signatures: ClassVar[Mapping[str, str]] = {}  # first topic -> signature, of every known event

    def readers(self) -> Mapping[str, Reader]:
        """How the events that tell something are read, by first topic."""
        return {}

    def read(self, log: Log) -> Seen | None:
        """What a log of one of this mixer's contracts says; None: nothing of interest.

        :raises BadLog: it has an event's topic and not its fields.
        """
        reader = self.readers().get(log.topics[0]) if log.topics else None
        return reader(log) if reader else None


def shape(log: Log, topics: int, words: int, *, is_open: bool = False) -> None:
    """Refuse a log that has not so many topics and words of data (at least, if ``is_open``)."""
    found = log.words
    if len(log.topics) != topics or found is None or found < words:
        raise BadLog(f"{log.topics[0]}: fields are missing")
    if found > words and not is_open:
        raise BadLog(f"{log.topics[0]}: more data than fields")


def account(log: Log, place: str) -> str:
    """The address at a place that must have one."""
    found = log.address_at(place)
    if found is None:
        raise BadLog(f"{log.topics[0]}: no address at {place}")
    return found
