"""Questions about balances, code and contracts: compared between the operators that vouch for the
block they are asked at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import TypeVar

from tracing.chains.base import ChainAdapter
from tracing.chains.errors import ChainError, NotYet, RetryableChainError, Unsupported
from tracing.chains.pool_asking import Asking, Question, Round
from tracing.chains.pool_member import Member
from tracing.chains.pool_votes import voices
from tracing.core.types import AccountKey

K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)
T = TypeVar("T")
Said = dict[K, V | None]
At = tuple[Collection[AccountKey], str]  # accounts, at a block


class State:
    """Asks members. ``vouching``: who has served a block, by its hash."""

    def __init__(self, asking: Asking, vouching: Mapping[str, Collection[Member]]) -> None:
        self._asking = asking
        self._vouching = vouching

    def one(self, question: Question[T], *, is_answer: Callable[[T], bool] = bool) -> T:
        """The answer of the best member; of the next one where it fails, lacks the method, or has
        nothing to say. For what nothing of value hangs on.

        :raises ChainError: all failed.
        """
        errors: list[ChainError] = []
        empty: list[T] = []
        for member in self._asking.usable():
            try:
                value = self._asking.ask(member, question)
            except ChainError as error:
                errors.append(error)
                continue
            if is_answer(value):
                return value
            empty.append(value)
        if empty:
            return empty[0]
        raise errors[0]

    def each(
        self, keys: Sequence[K], question: Callable[[ChainAdapter, list[K]], list[T | None]]
    ) -> list[T | None]:
        """As `one` for each of the keys: of the best member, and of the next one those that it has
        nothing to say of. None: nobody has.

        :raises ChainError: all failed.
        """
        found: dict[K, T | None] = {}
        errors: list[ChainError] = []
        for member in self._asking.usable() if keys else ():
            left = [key for key in keys if found.get(key) is None]
            if not left:
                break

            def ask(adapter: ChainAdapter, left: list[K] = left) -> list[T | None]:
                return question(adapter, left)

            try:
                found.update(zip(left, self._asking.ask(member, ask), strict=True))
            except ChainError as error:
                errors.append(error)
        if errors and not found:
            raise errors[0]
        return [found.get(key) for key in keys]

    def vote(
        self, block_hash: str, question: Question[Said[K, V]], *, is_silence: bool = True
    ) -> Said[K, V]:
        """What the operators say of each key. As many are compared as vouch for the block, the
        quorum at most. None is no answer (a member may have dropped old state), or with
        ``is_silence`` False an answer like others (a contract that refuses).

        :raises RetryableChainError: they disagree, or too few answer now.
        """
        members = self._in_order(block_hash)
        needed = self._needed(block_hash, members)
        if needed <= 1:
            return self._first(members, question, is_silence)
        round_ = Round[Said[K, V]](self._asking, self._asking.pace.state)
        asked = _of_different_operators(members, needed)
        for member in asked:
            round_.ask(member, question)
        said: dict[Member, Said[K, V]] = {}
        errors: list[ChainError] = []
        for answer in round_.answers(alarm=self._asking.pace.patience):
            if answer is not None and answer.error is None and answer.value is not None:
                said[answer.member] = answer.value
                if _is_settled(said, needed, is_silence):
                    break
            elif answer is not None and answer.error is not None:
                errors.append(answer.error)
            if answer is None or answer.error is not None or len(said) >= len(asked):
                for member in [member for member in members if member not in asked]:
                    asked.append(member)
                    round_.ask(member, question)
        round_.close()
        return self._outcome(said, needed, errors, is_silence)

    def balances_at(self, wanted: Sequence[At]) -> list[Said[AccountKey, int]]:
        """Balances at several blocks: one vote for all of which the same members are asked.

        :raises RetryableChainError: as `vote`, for any of them.
        """
        found: list[Said[AccountKey, int]] = [{} for _ in wanted]
        for places in self._by_asked(wanted):

            def ask(
                adapter: ChainAdapter, places: list[int] = places
            ) -> Said[tuple[int, AccountKey], int]:
                told = adapter.balances_at([wanted[place] for place in places])
                held = zip(places, told, strict=True)
                return {(place, key): value for place, one in held for key, value in one.items()}

            for (place, key), value in self.vote(wanted[places[0]][1], ask).items():
                found[place][key] = value
        return found

    def _by_asked(self, wanted: Sequence[At]) -> list[list[int]]:
        """The places of what is wanted, by who is asked first and how many must agree."""
        groups: dict[tuple[int, tuple[Member, ...]], list[int]] = {}
        for place, (keys, block_hash) in enumerate(wanted):
            if keys:
                members = self._in_order(block_hash)
                needed = self._needed(block_hash, members)
                asked = members if needed <= 1 else _of_different_operators(members, needed)
                groups.setdefault((needed, tuple(asked)), []).append(place)
        return list(groups.values())

    def _outcome(
        self,
        said: dict[Member, Said[K, V]],
        needed: int,
        errors: list[ChainError],
        is_silence: bool,
    ) -> Said[K, V]:
        # who cannot answer such questions at all is no voice that could be missing
        mute = sum(isinstance(error, Unsupported) for error in errors)
        if len({member.voice for member in said}) < max(1, needed - mute):
            faults = [error for error in errors if not isinstance(error, NotYet | Unsupported)]
            raise (faults or errors or [RetryableChainError("too few operators answer")])[0]
        return {key: _decided(said, key, needed, is_silence) for key in _keys(said)}

    def _first(
        self, members: list[Member], question: Question[Said[K, V]], is_silence: bool
    ) -> Said[K, V]:
        """One after the other; what one cannot say another may."""
        found: Said[K, V] = {}
        errors: list[ChainError] = []
        is_answered = False
        for member in members:
            try:
                said = self._asking.ask(member, question)
            except ChainError as error:
                errors.append(error)
                continue
            is_answered = True
            known = {key: value for key, value in found.items() if value is not None}
            found = {**said, **known}
            if not is_silence or None not in found.values():
                break
        if not is_answered:
            raise errors[0]
        return found

    def _in_order(self, block_hash: str) -> list[Member]:
        """Those that vouch for the block come first."""
        vouching = self._vouching.get(block_hash, ())
        return sorted(self._asking.usable(), key=lambda member: member not in vouching)

    def _needed(self, block_hash: str, members: list[Member]) -> int:
        known = self._vouching.get(block_hash)
        voiced = {member.voice for member in (members if known is None else known)}
        return min(self._asking.quorum, len(voiced))


def _of_different_operators(members: list[Member], count: int) -> list[Member]:
    chosen: dict[str, Member] = {}
    for member in members:
        if len(chosen) < count:
            chosen.setdefault(member.voice, member)
    return list(chosen.values())


def _keys(said: dict[Member, Said[K, V]]) -> list[K]:
    return list(dict.fromkeys(key for answers in said.values() for key in answers))


def _is_settled(said: dict[Member, Said[K, V]], needed: int, is_silence: bool) -> bool:
    """As many operators as needed say the same of everything."""
    counts = voices(
        (member, frozenset(answers.items()))
        for member, answers in said.items()
        if not is_silence or None not in answers.values()
    )
    return any(len(operators) >= needed for operators in counts.values())


def _decided(said: dict[Member, Said[K, V]], key: K, needed: int, is_silence: bool) -> V | None:
    values = [(member, answers.get(key)) for member, answers in said.items()]
    if is_silence:
        values = [(member, value) for member, value in values if value is not None]
    counts = voices(values)
    if len(counts) <= 1:
        return next(iter(counts), None)
    best = max(counts, key=lambda value: len(counts[value]))
    if len(counts[best]) >= needed and sum(len(c) >= needed for c in counts.values()) == 1:
        return best
    if None in counts and len(counts) == 2:
        return None  # a contract that one says refused: nobody vouches for its answer
    raise RetryableChainError("operators disagree about the state at a block")
