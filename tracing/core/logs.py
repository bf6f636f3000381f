"""One event log of a chain of the EVM family, as decoders take it."""

from __future__ import annotations

from dataclasses import dataclass


class BadLog(ValueError):
    """A log has the topic of an event that it does not hold: truncated, or made up."""


@dataclass(frozen=True, slots=True)
class Log:
    """``address`` and ``topics`` are hex in lower case with 0x; ``data`` likewise."""

    address: str
    topics: tuple[str, ...]
    data: str
    tx: str
    index: int

    def address_at(self, place: str) -> str | None:
        """The address in "topic1" ... "topic3" or in data word "word0" ...; None: not there."""
        if place.startswith("topic"):
            at = int(place[5:])
            word = self.topics[at] if at < len(self.topics) else ""
        else:
            start = 2 + 64 * int(place[4:])
            word = "0x" + self.data[start : start + 64]
        # An address fills the low 20 bytes of its word; anything above them is not an address.
        if len(word) != 66 or int(word[2:26], 16) != 0:
            return None
        return "0x" + word[26:]

    def number_at(self, place: str) -> int | None:
        """The unsigned number in data word "word0" ...; None: not there."""
        start = 2 + 64 * int(place[4:])
        word = self.data[start : start + 64]
        return int(word, 16) if len(word) == 64 else None

    @property
    def words(self) -> int | None:
        """How many words of 32 bytes the data has; None: it is cut in the middle of one."""
        count, rest = divmod(len(self.data) - 2, 64)
        return None if rest else count
