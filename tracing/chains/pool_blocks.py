"""Whole blocks of a pool: from as many operators as must agree, compared."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import orjson

from tracing.chains.base import ChainAdapter, Head, RawBlock
from tracing.chains.errors import ChainError, NotYet, RetryableChainError
from tracing.chains.pool_asking import Answer, Asking, Question, Round
from tracing.chains.pool_member import Member
from tracing.chains.pool_votes import Full, View, Votes
from tracing.chains.quorum import (
    LONGEST_ANSWER,
    Agreement,
    Contradiction,
    Digest,
    Standing,
)

Told = Full | Head | None
_NAME, _HEX = re.compile(r"[a-zA-Z0-9]{1,32}"), re.compile(r"0x[0-9a-fA-F]*")


class Blocks:
    """Reads blocks and compares them. ``is_comparable``: whether two honest nodes of this chain
    must give the same contents under the same hash; who then does not is quarantined."""

    def __init__(self, asking: Asking, ours: Mapping[int, str], *, is_comparable: bool) -> None:
        self._asking = asking
        self._ours = ours
        self._is_comparable = is_comparable

    def read(self, number: int) -> tuple[RawBlock, Votes]:
        """The best view of a block, with the votes that made it so.

        :raises RetryableChainError: nobody gives a usable one.
        """
        if self._asking.quorum <= 1:
            return self._single(number)
        votes = Votes(number, self._asking.quorum, self._ours)
        members = self._in_order(number)
        full, others = self._first(members)
        round_ = Round[Told](self._asking, self._asking.pace.patience)
        for member in full:
            round_.ask(member, _whole(number))
        for member in others:
            round_.ask(member, _header(number))
        errors: list[ChainError] = []
        asked = set(full)
        for answer in filter(None, round_.answers()):
            self._count(votes, answer, errors)
            if self._is_enough(votes, others):
                break
            if self._needs_more(votes, asked, answer):
                for member in [m for m in others if m not in asked]:
                    asked.add(member)
                    round_.ask(member, _whole(number))
        round_.close()
        views = votes.views()
        if not views:
            raise self._worst(number, errors)
        self._judge(views, votes)
        for member in members:
            member.is_used = member in votes.fulls
        return views[0].raw, votes

    def read_some(self, numbers: Sequence[int]) -> list[tuple[RawBlock, Votes] | ChainError]:
        """Several blocks: each of the best members gives them all. What a quorum then does not
        agree on is read by itself."""
        if self._asking.quorum <= 1:
            return self._some_of_one(numbers)
        round_ = Round[list[Full | ChainError]](self._asking, self._asking.pace.review)
        members, _ = self._first(self._in_order(numbers[-1]))
        for member in members:
            round_.ask(member, _run(numbers))
        votes = {number: Votes(number, self._asking.quorum, self._ours) for number in numbers}
        for answer in filter(None, round_.answers()):
            for number, told in zip(numbers, answer.value or (), strict=False):
                if isinstance(told, Full):
                    votes[number].full(answer.member, told.raw, told.digest)
        return [self._agreed_or_alone(votes[number]) for number in numbers]

    def _agreed_or_alone(self, votes: Votes) -> tuple[RawBlock, Votes] | ChainError:
        views = votes.views()
        if views and len(votes.fulls) >= self._asking.quorum and self._is_enough(votes, []):
            return views[0].raw, votes
        try:
            return self.read(votes.number)
        except ChainError as error:
            return error

    def _some_of_one(self, numbers: Sequence[int]) -> list[tuple[RawBlock, Votes] | ChainError]:
        errors: list[ChainError] = []
        for member in self._in_order(numbers[-1]):
            try:
                told = self._asking.ask(member, _some(numbers))
            except ChainError as error:
                errors.append(error)
                continue
            return [
                one if isinstance(one, ChainError) else self._singly(member, one) for one in told
            ]
        return [self._worst(numbers[0], errors)] * len(numbers)

    def _singly(self, member: Member, raw: RawBlock) -> tuple[RawBlock, Votes]:
        """As one source tells it."""
        votes = Votes(raw.head.number, 1, self._ours)
        for other in self._asking.members:
            other.is_used = other is member
        votes.header(member, raw.head)
        digest = Digest(raw.head.hash, "", "")
        agreement = Agreement(Standing.SINGLE, digest, (member.operator,))
        return replace(raw, agreement=agreement), votes

    def review(self, number: int) -> tuple[list[View], Votes]:
        """All views of a block, the best first, from everybody who can be asked; none where nobody
        has it. Waits longer than `read`."""
        votes = Votes(number, self._asking.quorum, self._ours)
        round_ = Round[Told](self._asking, self._asking.pace.review)
        members = self._asking.usable()
        for member in members:
            round_.ask(member, _whole(number))
        errors: list[ChainError] = []
        answered: set[Member] = set()
        for answer in filter(None, round_.answers()):
            self._count(votes, answer, errors)
            answered.add(answer.member)
            if len(answered) >= len(members):
                break  # all spoke once: who lacks the block is not waited for
        round_.close()
        views = votes.views()
        self._judge(views, votes)
        return views, votes

    def _single(self, number: int) -> tuple[RawBlock, Votes]:
        """One source is enough here: the best one, else the next. Nothing is compared."""
        errors: list[ChainError] = []
        for member in self._in_order(number):
            try:
                raw = self._asking.ask(member, lambda adapter: adapter.read_block(number))
            except ChainError as error:
                errors.append(error)
                continue
            return self._singly(member, raw)
        raise self._worst(number, errors)

    def _in_order(self, number: int) -> list[Member]:
        """Members by how useful they promise to be: who has the block, who traces, who is fast."""
        members = self._asking.usable()
        members.sort(
            key=lambda m: (m.head is not None and m.head.number < number, m.traces == "none")
        )
        return members

    def _first(self, members: list[Member]) -> tuple[list[Member], list[Member]]:
        """As many members of different operators as must agree, and the others."""
        chosen: dict[str, Member] = {}
        for member in members:
            if len(chosen) < self._asking.quorum:
                chosen.setdefault(member.voice, member)
        full = list(chosen.values())
        return full, [member for member in members if member not in full]

    @staticmethod
    def _count(votes: Votes, answer: Answer[Told], errors: list[ChainError]) -> None:
        if answer.error is not None:
            errors.append(answer.error)
        elif isinstance(answer.value, Full):
            votes.full(answer.member, answer.value.raw, answer.value.digest)
        elif answer.value is not None:
            votes.header(answer.member, answer.value)

    def _is_enough(self, votes: Votes, others: list[Member]) -> bool:
        """A quorum says the same, and no more members stand behind another block."""
        views = votes.views()
        if not views or views[0].standing not in (Standing.VERIFIED, Standing.LOGS):
            return False
        if views[0].standing is Standing.LOGS and any(
            member not in votes.fulls and member.traces != "none" for member in others
        ):
            return False
        most = max(len(operators) for operators in votes.by_hash().values())
        return len(views[0].claimants) >= most

    def _needs_more(self, votes: Votes, asked: set[Member], answer: Answer[Told]) -> bool:
        """One of those asked for the whole block failed, or they have all answered and differ."""
        if answer.member in asked and answer.error is not None:
            return True
        views = votes.views()
        has_quorum = bool(views) and len(views[0].supporters) >= self._asking.quorum
        if len(votes.by_hash()) > 1 or len(views) > 1:
            return True
        return has_quorum and views[0].standing is Standing.LOGS

    def _worst(self, number: int, errors: list[ChainError]) -> ChainError:
        """Why there is no block. Whoever promised it by its head and lacks it is at fault."""
        if errors and all(isinstance(error, NotYet) for error in errors):
            for member in self._asking.members:
                if member.head is not None and member.head.number >= number:
                    error = RetryableChainError("the endpoint lacks a block that its head promises")
                    member.saw(None)
                    member.failed(error, self._asking.pace, self._asking.recorder)
        faults = [error for error in errors if not isinstance(error, NotYet)]
        return (faults or errors or [RetryableChainError("no endpoint answered")])[0]

    def _judge(self, views: list[View], votes: Votes) -> None:
        """Tell of those that contradict a quorum under the same hash. They are asked again before
        anything follows from it; nobody waits for that."""
        if not views or len(views[0].supporters) < self._asking.quorum or votes.quorum <= 1:
            return
        best = views[0].digest
        for member, full in votes.fulls.items():
            said = full.digest
            if said.hash != best.hash or said == best:
                continue
            if said.contents != best.contents:
                self._asking.recorder.disagrees(member.key, "contents")
                if self._is_comparable:
                    self._asking.submit(member, self._accusation(member, full, best))
            elif said.traces and best.traces and views[0].standing is Standing.VERIFIED:
                self._asking.recorder.disagrees(member.key, "traces")

    def _accusation(self, member: Member, full: Full, best: Digest) -> Question[None]:
        """Asked again: the same wrong contents once more are no accident."""

        def ask(adapter: ChainAdapter) -> None:
            raw = adapter.read_block(full.raw.head.number)
            again = adapter.digest(raw)
            if again.hash == best.hash and again.contents == full.digest.contents:
                said = orjson.dumps(_cut({"block": raw.header, "receipts": raw.receipts})).decode()
                found = Contradiction(
                    "contents",
                    raw.head.number,
                    again.contents,
                    best.contents,
                    said[:LONGEST_ANSWER],
                )
                self._asking.quarantine(member, found)

        return ask


def _cut(value: object, depth: int = 8) -> object:
    """Of an answer what is hexadecimal, under names that are names: an endpoint can write anything
    anywhere, its own address too, and nest it deeper than anybody writes it down again."""
    if isinstance(value, dict) and depth:
        named = {name: one for name, one in value.items() if _NAME.fullmatch(name)}
        return {name: _cut(one, depth - 1) for name, one in named.items()}
    if isinstance(value, list) and depth:
        return [_cut(one, depth - 1) for one in value]
    is_hex = isinstance(value, str) and _HEX.fullmatch(value)
    return value if value is None or is_hex else "?"


def _whole(number: int) -> Question[Told]:
    def ask(adapter: ChainAdapter) -> Told:
        raw = adapter.read_block(number)
        return Full(raw, adapter.digest(raw))

    return ask


def _some(numbers: Sequence[int]) -> Question[list[RawBlock | ChainError]]:
    def ask(adapter: ChainAdapter) -> list[RawBlock | ChainError]:
        told = adapter.read_blocks(numbers)
        if isinstance(told[0], ChainError):
            raise told[0]
        return told

    return ask


def _run(numbers: Sequence[int]) -> Question[list[Full | ChainError]]:
    def ask(adapter: ChainAdapter) -> list[Full | ChainError]:
        told = _some(numbers)(adapter)
        return [
            one if isinstance(one, ChainError) else Full(one, adapter.digest(one)) for one in told
        ]

    return ask


def _header(number: int) -> Question[Told]:
    def ask(adapter: ChainAdapter) -> Told:
        return adapter.header(number)

    return ask
