"""Asking members: in this thread or several at once, with what follows from a bad answer."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from tracing.chains.base import ChainAdapter
from tracing.chains.errors import (
    BadAnswer,
    ChainError,
    Contradicted,
    NotYet,
    RetryableChainError,
    Unsupported,
    WrongChain,
)
from tracing.chains.pool_member import Member, Pace, Recorder
from tracing.chains.quorum import Contradiction

T = TypeVar("T")
Question = Callable[[ChainAdapter], T]
_THREADS_PER_MEMBER = 6
# What reading an answer can raise that nobody foresaw. One member's words must not end the watcher.
_UNFORESEEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What came of a question to one member: exactly one of both is set, unless the answer is
    None itself."""

    member: Member
    value: T | None
    error: ChainError | None

    @property
    def is_good(self) -> bool:
        """Whether it answered."""
        return self.error is None


class Asking:
    """The members of one pool, and the threads that ask them."""

    def __init__(self, members: list[Member], quorum: int, pace: Pace, recorder: Recorder) -> None:
        self.members = members
        self.quorum = quorum
        self.pace = pace
        self.recorder = recorder
        self._learnt = {member.key: member.adapter.learnt for member in members}
        self._threads: ThreadPoolExecutor | None = None

    @property
    def only(self) -> Member | None:
        """The member, where there is one: it is asked without a detour."""
        return self.members[0] if len(self.members) == 1 else None

    def usable(self) -> list[Member]:
        """Whom to ask, fastest first: who neither is in quarantine nor rests. Where all rest, those
        that did not ask for it: a pause of one's own is no reason to know nothing.

        :raises RetryableChainError: there is nobody.
        """
        now = time.monotonic()
        found = [member for member in self.members if member.is_usable(now)]
        found = found or [member for member in self.members if member.is_last_resort(now)]
        if not found:
            if all(member.is_quarantined for member in self.members):
                raise RetryableChainError("every endpoint is in quarantine")
            raise RetryableChainError("every endpoint is resting or in quarantine")
        return sorted(found, key=Member.slowness)

    def ask(self, member: Member, question: Question[T]) -> T:
        """One answer, in this thread. What it tells of the member is noted."""
        started = time.monotonic()
        if not member.is_last_resort(started):
            raise RetryableChainError(f"the endpoint {member.state(started)}")
        try:
            if not member.is_checked and self.only is None:
                self.check_chain(member)
            value = self._ask(member, question)
        except (NotYet, Unsupported):
            member.answered(time.monotonic() - started, self.recorder)
            self._note_learnt(member)
            raise
        except ChainError as error:
            member.failed(error, self.pace, self.recorder)
            self._note_learnt(member)
            raise
        member.answered(time.monotonic() - started, self.recorder)
        self._note_learnt(member)
        return value

    def _ask(self, member: Member, question: Question[T]) -> T:
        """The same wrong answer twice in a row is no accident."""
        try:
            return _answered(member, question)
        except Contradicted as error:
            first = error.contradiction
        try:
            return _answered(member, question)
        except Contradicted as error:
            if error.contradiction.kind == first.kind:
                self.quarantine(member, error.contradiction)
            raise

    def check_chain(self, member: Member) -> None:
        """Prove that it serves the chain; one that says twice that it serves another is out.

        :raises WrongChain: it serves another chain.
        """
        try:
            member.adapter.check_chain()
        except WrongChain:
            try:
                member.adapter.check_chain()
            except WrongChain as error:
                claim = Contradiction("wrong-chain", None, error.found, error.expected)
                self.quarantine(member, claim)
                raise
        member.is_checked = True

    def check_all(self) -> None:
        """Prove it of all. Raises where none does."""
        if (only := self.only) is not None:
            return self.ask(only, lambda _: self.check_chain(only))
        round_ = Round[None](self, self.pace.patience)
        for member in self.usable():
            round_.ask(member, lambda _: None)
        answers = [answer for answer in round_.answers() if answer is not None]
        if not any(answer.is_good for answer in answers):
            errors = [answer.error for answer in answers if answer.error is not None]
            raise (errors or [RetryableChainError("no endpoint answered")])[0]

    def quarantine(self, member: Member, found: Contradiction) -> None:
        """It is not asked any more."""
        if not member.is_quarantined:
            member.is_quarantined = True
            self.recorder.contradicted(member.key, found)

    def submit(self, member: Member, question: Question[T]) -> Future[T]:
        """The same in another thread."""
        if self._threads is None:
            most = _THREADS_PER_MEMBER * len(self.members)
            self._threads = ThreadPoolExecutor(most, thread_name_prefix="pool")
        return self._threads.submit(self.ask, member, question)

    def close(self) -> None:
        """No more questions; those under way end by their own time limits."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        for member in self.members:
            member.adapter.close()

    def _note_learnt(self, member: Member) -> None:
        learnt = member.adapter.learnt
        if learnt != self._learnt.get(member.key):
            self._learnt[member.key] = learnt
            self.recorder.learnt(member.key, learnt)


@dataclass
class Round(Generic[T]):
    """Questions to several members at once. ``patience``: how long the others are waited for once
    one has answered; None: for as long as their own time limits let them.

    A member that lacks the block is asked again while there is time.
    """

    asking: Asking
    patience: float | None
    _under_way: dict[Future[T], tuple[Member, Question[T]]] = field(default_factory=dict)
    _later: list[tuple[float, Member, Question[T]]] = field(default_factory=list)
    _until: float | None = None
    _alarm: float | None = None

    def ask(self, member: Member, question: Question[T]) -> None:
        """Put a question."""
        self._under_way[self.asking.submit(member, question)] = (member, question)

    def answers(self, *, alarm: float | None = None) -> Iterator[Answer[T] | None]:
        """Answers as they come, until all are there or patience is over. What was asked in between
        is waited for too. Whoever stops earlier calls `close`. ``alarm``: None is given once after
        so many seconds, for the caller to ask others too."""
        self._alarm = None if alarm is None else time.monotonic() + alarm
        while self._is_on():
            if self._alarm is not None and time.monotonic() >= self._alarm:
                self._alarm = None
                yield None
            self._ask_again()
            if not self._under_way:
                time.sleep(self._pause() or 0.0)
                continue
            done, _ = wait(self._under_way, timeout=self._pause(), return_when=FIRST_COMPLETED)
            for future in done:
                yield self._answer(future)
        self.close()

    def close(self) -> None:
        """Nobody waits any more for what is under way."""
        for future, (member, _) in self._under_way.items():
            if not future.cancel():
                member.is_given_up()
                future.add_done_callback(partial(_ended, member))
        self._under_way.clear()
        self._later.clear()

    def _is_on(self) -> bool:
        if self._until is not None and time.monotonic() >= self._until:
            return False
        return bool(self._under_way) or (self._until is not None and bool(self._later))

    def _pause(self) -> float | None:
        times = [due for due, _, _ in self._later]
        times += [at for at in (self._until, self._alarm) if at is not None]
        return max(0.0, min(times) - time.monotonic()) if times else None

    def _ask_again(self) -> None:
        now = time.monotonic()
        due = [entry for entry in self._later if entry[0] <= now]
        self._later = [entry for entry in self._later if entry[0] > now]
        for _, member, question in due:
            self.ask(member, question)

    def _answer(self, future: Future[T]) -> Answer[T]:
        member, question = self._under_way.pop(future)
        try:
            value = future.result()
        except NotYet as error:
            self._later.append((time.monotonic() + self.asking.pace.again, member, question))
            return Answer(member, None, error)
        except ChainError as error:
            return Answer(member, None, error)
        if self._until is None and self.patience is not None:
            self._until = time.monotonic() + self.patience
        return Answer(member, value, None)


def _answered(member: Member, question: Question[T]) -> T:
    """Any failure as a ChainError. Raised outside of the handler: an exception's context would hold
    the answer, and whatever it repeats."""
    try:
        return question(member.adapter)
    except _UNFORESEEN as error:
        kind, place = type(error).__name__, traceback.extract_tb(error.__traceback__)[-1].name
    logger.error("an answer of %s could not be read: %s in %s", member.operator, kind, place)
    raise BadAnswer(f"the endpoint's answer cannot be read ({kind})")


def _ended(member: Member, _: Future[T]) -> None:
    member.is_back()
