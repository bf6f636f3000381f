"""How high the members are, and which block most operators have at a height."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tracing.chains.base import ChainAdapter, Head
from tracing.chains.errors import ChainError, RetryableChainError
from tracing.chains.pool_asking import Asking, Question, Round
from tracing.chains.pool_member import Member
from tracing.chains.pool_votes import best_head, voices

_FRESH = 10.0  # seconds for which a member counts as one that says how high it is
_AT_ONCE = 0.25  # seconds for which a head needs no second question


@dataclass(frozen=True, slots=True)
class MemberHead:
    """How high one endpoint says that its chain is."""

    key: int
    operator: str
    head: Head


class Heads:
    """Asks all members at once. ``ours``: hashes by height of the branch that we are on."""

    def __init__(self, asking: Asking, ours: Mapping[int, str]) -> None:
        self._asking = asking
        self._ours = ours

    def all(self) -> list[MemberHead]:
        """The newest block of each member that answers.

        :raises RetryableChainError: none does.
        """
        self._look(stop_above=None)
        return [
            MemberHead(member.key, member.operator, head) for member, head in self._fresh().items()
        ]

    def highest(self) -> Head | None:
        """The newest block that some member has; None: they have no block at all."""
        only = self._asking.only
        if only is not None:
            head = self._asking.ask(only, lambda adapter: adapter.head())
            only.saw(head)
            return head
        known = max((head.number for head in self._fresh().values()), default=None)
        self._look(stop_above=known)
        heads = self._fresh().values()
        return max(heads, key=lambda head: head.number, default=None)

    def agreed(self, tag: str = "latest") -> int | None:
        """The height that as many operators as must agree have reached, by ``tag``; None: fewer of
        them say so."""
        if tag == "latest":
            heads = self._fresh()
            if len({member.voice for member in heads}) < self._asking.quorum:
                self._look(stop_above=None)
                heads = self._fresh()
        else:
            heads = self._of_all(lambda adapter: adapter.head(tag))
        by_voice: dict[str, int] = {}
        for member, head in heads.items():
            by_voice[member.voice] = max(by_voice.get(member.voice, 0), head.number)
        heights = sorted(by_voice.values(), reverse=True)
        needed = max(1, self._asking.quorum)
        return heights[needed - 1] if len(heights) >= needed else None

    def tagged(self, tag: str) -> Head | None:
        """The newest block of the tag that a quorum has reached, as one of them names it."""
        only = self._asking.only
        if only is not None:
            return self._asking.ask(only, lambda adapter: adapter.head(tag))
        number = self.agreed(tag)
        return None if number is None else self.header(number)

    def header(self, number: int) -> Head | None:
        """The block of this height that most operators have; None where nobody has one."""
        only = self._asking.only
        if only is not None:
            return self._asking.ask(only, lambda adapter: adapter.header(number))
        return best_head(self._named(number), self._ours)

    def operators_of(self, number: int, block_hash: str) -> tuple[str, ...]:
        """Who has this block at this height now; sorted."""
        named = self._named(number)
        said = voices((member, head.hash) for member, head in named.items())
        return tuple(sorted(said.get(block_hash, ())))

    def claimants(self, number: int) -> dict[Member, Head]:
        """What each member that answers has at this height."""
        return self._of_all(lambda adapter: adapter.header(number))

    def _named(self, number: int) -> dict[Member, Head]:
        """As `claimants`; a head that was told just now is not asked for again."""
        now = time.monotonic()
        known = {
            member: member.head
            for member in self._asking.usable()
            if member.head is not None
            and member.head.number == number
            and now - member.head_at < _AT_ONCE
        }
        return known | self._of_all(lambda adapter: adapter.header(number), besides=known.keys())

    def _look(self, *, stop_above: int | None) -> None:
        """Ask everybody for the newest block. A block above ``stop_above`` is news enough."""
        round_ = Round[Head | None](self._asking, self._asking.pace.patience)
        errors: list[ChainError] = []
        is_answered = False
        for member in self._asking.usable():
            round_.ask(member, _newest(member))
        for answer in round_.answers():
            if answer is None or answer.error is not None:
                errors += [answer.error] if answer is not None and answer.error else []
                continue
            is_answered = True
            head = answer.value
            if stop_above is not None and head is not None and head.number > stop_above:
                break
        round_.close()
        if not is_answered:
            raise (errors or [RetryableChainError("no endpoint answered")])[0]

    def _fresh(self) -> dict[Member, Head]:
        """Heads of members that said so a moment ago."""
        now = time.monotonic()
        return {
            member: member.head
            for member in self._asking.members
            if member.head is not None
            and not member.is_quarantined
            and member.errors == 0
            and now - member.head_at < _FRESH
        }

    def _of_all(
        self, question: Question[Head | None], besides: Collection[Member] = ()
    ) -> dict[Member, Head]:
        """What members answer within patience. Raises where all fail."""
        members = [m for m in self._asking.usable() if m not in besides]
        if not members:
            return {}
        round_ = Round[Head | None](self._asking, self._asking.pace.patience)
        for member in members:
            round_.ask(member, question)
        found: dict[Member, Head] = {}
        errors: list[ChainError] = []
        is_answered = bool(besides)
        for answer in round_.answers():
            if answer is None or answer.error is not None:
                errors += [answer.error] if answer is not None and answer.error else []
                continue
            is_answered = True
            if answer.value is not None:
                found[answer.member] = answer.value
        if not is_answered:
            raise (errors or [RetryableChainError("no endpoint answered")])[0]
        return found


def _newest(member: Member) -> Question[Head | None]:
    def ask(adapter: ChainAdapter) -> Head | None:
        head = adapter.head()
        member.saw(head)
        return head

    return ask
