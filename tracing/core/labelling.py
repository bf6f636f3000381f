"""Which of several labels of one address counts, and whether they disagree. Pure.

The rule, in order (docs/how-to/import-labels.md):

1. What an analyst of a party confirmed beats what a source says. Where parties confirmed different
   things, or one rejected what another confirmed, nothing counts.
2. Otherwise the newest source counts, of those that nobody rejected and that say something to
   compare. Where the newest ones, of one day, differ, nothing counts.
3. An inferred label never counts.

All are shown, whatever counts. Where nothing counts, the address is no sink: value is followed on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """Who stands behind a word."""

    SOURCED = "sourced"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class Word:
    """One label, reduced to what decides.

    ``meaning``: what another word can contradict; "" nothing. ``day``: of the source, any rising
    number. ``party``: who confirms or rejects; a party's later word (``ident`` rises) on the same
    meaning replaces its earlier one, and so does its later confirmation of another meaning.
    """

    ident: int
    meaning: str
    standing: Standing
    day: int
    party: int | None = None


class Reason(StrEnum):
    """Why a label counts, or none does."""

    CONFIRMED = "confirmed"
    NEWEST = "newest"
    NOTHING_SAID = "nothing said"
    REJECTED = "rejected"
    PARTIES_DISAGREE = "parties disagree"
    SAME_DAY = "same day"


@dataclass(frozen=True, slots=True)
class Decision:
    """``ident`` of the label that counts; None: none does. ``disagree``: they contradict."""

    ident: int | None
    disagree: bool
    reason: Reason
    rejected: frozenset[str] = frozenset()  # meanings that a party rejects


def decide(words: Iterable[Word]) -> Decision:
    """Which of the labels of one address counts."""
    known = sorted(words, key=lambda word: word.ident)
    confirmed, rejected = _of_parties(known)
    sourced = [
        word
        for word in known
        if word.standing is Standing.SOURCED and word.meaning and word.meaning not in rejected
    ]
    said = {word.meaning for word in known if word.meaning and word.standing != Standing.INFERRED}
    disagree = len(said) > 1 or bool(rejected & said)
    meanings = {word.meaning for word in confirmed}
    if meanings:
        if len(meanings) > 1 or meanings & rejected:
            return Decision(None, True, Reason.PARTIES_DISAGREE, rejected)
        return Decision(confirmed[-1].ident, disagree, Reason.CONFIRMED, rejected)
    if not sourced:
        reason = Reason.REJECTED if rejected else Reason.NOTHING_SAID
        return Decision(None, disagree, reason, rejected)
    newest = max(word.day for word in sourced)
    of_that_day = [word for word in sourced if word.day == newest]
    if len({word.meaning for word in of_that_day}) > 1:
        return Decision(None, True, Reason.SAME_DAY, rejected)
    return Decision(of_that_day[-1].ident, disagree, Reason.NEWEST, rejected)


def _of_parties(known: Sequence[Word]) -> tuple[list[Word], frozenset[str]]:
    """What parties confirm now, one word each, and the meanings that one of them rejects now."""
    confirms: dict[int | None, Word] = {}
    rejects: dict[int | None, set[str]] = {}
    for word in known:
        mine = rejects.setdefault(word.party, set())
        if word.standing is Standing.CONFIRMED:
            confirms[word.party] = word
            mine.discard(word.meaning)
        elif word.standing is Standing.REJECTED:
            mine.add(word.meaning)
            if word.party in confirms and confirms[word.party].meaning == word.meaning:
                del confirms[word.party]
    now = sorted(confirms.values(), key=lambda word: word.ident)
    return now, frozenset().union(*rejects.values())
