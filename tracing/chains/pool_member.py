"""One endpoint of a pool: whose it is, how well it answers, and when it is asked again."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol

from tracing.chains.base import ChainAdapter, Head
from tracing.chains.errors import ChainError, RateLimited
from tracing.chains.quorum import Contradiction

_SHARE = 0.2  # of the newest answer in the moving average of latency
_UNKNOWN_LATENCY = 0.1  # seconds, of a member that has not answered yet
_MOST_LATE = 2  # questions that nobody waits for any more
_LONGEST_REST = 300.0  # seconds; whatever an endpoint asks for


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a pool waits. Seconds.

    ``patience``: for the others once one has answered; ``review``: the same where a block is looked
    at again; ``state``: where it is about balances and code. ``again``: before a member that lacks
    a block is asked once more. A failing member rests for ``first_rest``, then for twice as long
    each time, up to ``longest_rest``.
    """

    patience: float = 0.4
    review: float = 5.0
    state: float = 3.0
    again: float = 0.1
    first_rest: float = 0.25
    longest_rest: float = 15.0


class Recorder(Protocol):
    """Who keeps what a pool finds out about its members. Called from any thread; must not fail."""

    def answered(self, key: int, *, seconds: float, head: int | None) -> None:
        """A good answer. ``seconds``: the moving average. ``head``: its newest block, if known."""

    def failed(self, key: int, reason: str, *, errors: int, rest: float) -> None:
        """A bad answer or none, the ``errors``-th in a row; it rests for so many seconds."""

    def learnt(self, key: int, learnt: Mapping[str, Any]) -> None:
        """What its adapter has learnt, whenever that has changed."""

    def disagrees(self, key: int, what: str) -> None:
        """It says other than the quorum where an honest node may ("traces", "contents")."""

    def contradicted(self, key: int, found: Contradiction) -> None:
        """It is in quarantine from now on."""

    def settle(self, *, is_last: bool = False) -> None:
        """A good moment to write, on the thread that uses the pool."""


class NoRecorder:
    """Forgets everything."""

    def answered(self, key: int, *, seconds: float, head: int | None) -> None: ...
    def failed(self, key: int, reason: str, *, errors: int, rest: float) -> None: ...
    def learnt(self, key: int, learnt: Mapping[str, Any]) -> None: ...
    def disagrees(self, key: int, what: str) -> None: ...
    def contradicted(self, key: int, found: Contradiction) -> None: ...
    def settle(self, *, is_last: bool = False) -> None: ...


@dataclass(eq=False)
class Member:
    """An endpoint. ``key`` names it to the recorder; operators are compared, not endpoints.

    ``latency`` in seconds (a moving average). Times are of the monotonic clock.
    """

    key: int
    operator: str
    adapter: ChainAdapter = field(repr=False)
    latency: float | None = None
    errors: int = 0
    rest_until: float = 0.0
    must_rest: bool = False  # it asked to be left alone
    is_quarantined: bool = False
    is_checked: bool = False  # it has proved to serve the chain
    head: Head | None = None
    head_at: float = 0.0
    late: int = 0
    is_used: bool = False  # read last time: it stays, unless another is much faster
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def voice(self) -> str:
        """Two spellings of one operator are one operator."""
        return self.operator.strip().casefold()

    @property
    def traces(self) -> str | None:
        """How its endpoint traces; "none", or None where that is not known yet."""
        found = self.adapter.learnt.get("traces")
        return found if isinstance(found, str) else None

    def is_usable(self, now: float) -> bool:
        """Whether it may be asked without need."""
        return not self.is_quarantined and now >= self.rest_until and self.late < _MOST_LATE

    def is_last_resort(self, now: float) -> bool:
        """Whether it may be asked where nobody else can be."""
        is_left_alone = self.must_rest and now < self.rest_until
        return not self.is_quarantined and not is_left_alone and self.late < _MOST_LATE

    def state(self, now: float) -> str:
        """How it stands, in words."""
        if self.is_quarantined:
            return "is in quarantine"
        if now < self.rest_until:
            return "asked to be left alone" if self.must_rest else "rests after errors"
        return "is slow" if self.late >= _MOST_LATE else "is well"

    def slowness(self) -> float:
        """By what members are chosen; lower is better."""
        seconds = _UNKNOWN_LATENCY if self.latency is None else self.latency
        return (seconds + 0.01) * (0.5 if self.is_used else 1.0)

    def is_given_up(self) -> None:
        """A question to it is under way, and nobody waits for the answer any more."""
        with self._lock:
            self.late += 1

    def is_back(self) -> None:
        """One of those questions has ended."""
        with self._lock:
            self.late -= 1

    def saw(self, head: Head | None) -> None:
        """Its newest block as it says."""
        self.head, self.head_at = head, time.monotonic()

    def answered(self, seconds: float, recorder: Recorder) -> None:
        """It gave a good answer after so many seconds."""
        with self._lock:
            before = seconds if self.latency is None else self.latency
            self.latency = before + _SHARE * (seconds - before)
            self.errors, self.rest_until, self.must_rest = 0, 0.0, False
        head = None if self.head is None else self.head.number
        recorder.answered(self.key, seconds=self.latency, head=head)

    def failed(self, error: ChainError, pace: Pace, recorder: Recorder) -> None:
        """It rests, longer each time, and not as long as others that fail at the same moment."""
        with self._lock:
            self.errors += 1
            pause = min(pace.first_rest * 2.0 ** min(self.errors - 1, 20), pace.longest_rest)
            pause *= random.uniform(0.5, 1.0)  # noqa: S311 (nothing secret)
            if isinstance(error, RateLimited):
                pause = max(pause, min(error.seconds, _LONGEST_REST))
                self.must_rest = True
            self.rest_until = time.monotonic() + pause
        recorder.failed(self.key, str(error), errors=self.errors, rest=pause)
