"""Which recipient's copy a text is: wording that differs from recipient to recipient.

A mark is sixteen hexadecimal digits that we alone can work out. Its first bits choose one of two
ways to say each of a page's fixed sentences. Addresses, amounts, hashes and times are the same in
every copy, to the byte: what a desk acts on is never part of a mark. Whoever leaks what was copied
out of a page leaves sentences in it; as few as five tell one of thirty recipients from the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# name -> two ways to say the same. Neither contains the other, and no two names share one.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "purpose": (
        "We ask you to look at the accounts below and to answer for each of them.",
        "Please look at each account below and give an answer for every one.",
    ),
    "reading": (
        "Reading this page acknowledges nothing.",
        "Nothing is acknowledged by reading this page.",
    ),
    "word": (
        "What you answer is your statement; the room calls you back to confirm it.",
        "Your answer is taken as your statement, and the room confirms it by calling you back.",
    ),
    "amounts": (
        "Amounts are exact, to the last unit of the asset.",
        "All amounts are given exactly, down to the asset's last unit.",
    ),
    "chain": (
        "The balance is asked of the chain when you look.",
        "When you look, the chain is asked for the balance.",
    ),
    "evidence": (
        "Each hop names its transaction, so that you can check it yourself.",
        "You can check every hop yourself: its transaction is named.",
    ),
    "files": (
        "The files say the same as this page and are signed.",
        "The same is in the files, which carry signatures.",
    ),
    "verify": (
        "Check this request with a number that you found yourself, never with one written here.",
        "To check this request, use a number you found on your own and none that is written here.",
    ),
    "quiet": (
        "Please do not tell the customer that somebody asked.",
        "Please keep from the customer that this was asked.",
    ),
    "part": (
        "You may answer for a part of an amount.",
        "An answer may be about a part of an amount.",
    ),
    "end": (
        "A hold ends at the time that you state, unless you renew it.",
        "Unless you renew it, a hold is over at the time you give.",
    ),
    "copy": (
        "This copy is yours alone and can be told from others.",
        "This is your own copy, and it differs from all others.",
    ),
}
BITS = len(SENTENCES)


def words(mark: str) -> dict[str, str]:
    """The sentences of the copy with this mark (hexadecimal), by name."""
    bits = int(mark[:16], 16)
    return {
        name: ways[bits >> (63 - place) & 1] for place, (name, ways) in enumerate(SENTENCES.items())
    }


# What stands on paper too.
_NOTES = ("purpose", "verify", "word", "part", "end", "quiet", "evidence", "amounts", "copy")


def notes(mark: str) -> list[str]:
    """Those of the sentences that a file says as well as the page."""
    own = words(mark)
    return [own[name] for name in _NOTES]


@dataclass(frozen=True)
class Likeness:
    """How a text compares with one copy. ``is_named``: the copy's number itself stands in it."""

    mark: str
    agrees: int  # sentences that this copy words the same
    differs: int
    is_named: bool

    @property
    def is_it(self) -> bool:
        """Whether nothing speaks against it and something for it."""
        return self.is_named or (self.agrees > 0 and self.differs == 0)


def compare(text: str, marks: Iterable[str]) -> list[Likeness]:
    """Copies that a text may come from, best first. White space does not count, nor does case of
    letters: text out of a PDF, or typed off, has neither as it was."""
    plain = _plain(text)
    found = {name: [_plain(way) in plain for way in ways] for name, ways in SENTENCES.items()}
    spoken = {name: ways.index(True) for name, ways in found.items() if sum(ways) == 1}
    compared = [_likeness(mark, spoken, plain) for mark in marks]
    return sorted(compared, key=lambda one: (not one.is_named, one.differs, -one.agrees))


def _likeness(mark: str, spoken: Mapping[str, int], plain: str) -> Likeness:
    own = words(mark)
    same = [SENTENCES[name][way] == own[name] for name, way in spoken.items()]
    return Likeness(mark, sum(same), len(same) - sum(same), mark in plain)


def _plain(text: str) -> str:
    return re.sub(r"[\s\u00ad\u200b]+", "", text).casefold()
