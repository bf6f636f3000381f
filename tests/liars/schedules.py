"""Random schedules: a chain that grows and forks, nodes that fail and lie, a watcher that follows.

Imports the models: to be imported inside tests only.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from incidents.models import Incident
from tests.liars.chain import THEFT, World
from tests.liars.faults import (
    FakeBranch,
    Fault,
    HonestUntil,
    StaleHead,
    TwoFaced,
    WrongChainId,
)
from tests.liars.forgeries import FORGERIES, ForgedState, forgery
from tests.liars.operators import Operator
from tests.liars.room import Terms, Watch
from tests.liars.server import WATCHER, Server
from tests.liars.truth import check_always, check_end, check_rest, figures, how_far, is_out
from tests.liars.wires import (
    Down,
    ErrorAsSuccess,
    HugeBody,
    InvalidJson,
    LaggingIndex,
    LimitExceeded,
    SlowBytes,
    TooManyRequests,
)

LONGEST_LAG = 6  # blocks that an honest node may be behind, or its branch be left for
PATIENCE = 20.0  # seconds without any progress of the watcher at the end
# What an honest node may suffer from.
UNWELL: dict[str, Callable[[], Fault]] = {
    "down": Down,
    "down-proxy": lambda: Down(by_proxy=True),
    "slow-bytes": lambda: SlowBytes(0.01),
    "huge-body": lambda: HugeBody(2**22),
    "invalid-json": InvalidJson,
    "half-json": lambda: InvalidJson(1),
    "error-as-success": ErrorAsSuccess,
    "error-text": lambda: ErrorAsSuccess(1),
    "http-429": TooManyRequests,
    "rpc-limit": LimitExceeded,
    "lagging-index": LaggingIndex,
    "lagging-null": lambda: LaggingIndex(nothing=True),
    "stale-head": lambda: StaleHead(2),
}
LIES = sorted([*FORGERIES, "fake-branch", "wrong-chain-id", "forged-state"])


@dataclass
class Figures:
    """What all schedules of one run came to."""

    asked: int = 0  # schedules
    schedules: int = 0  # that ran
    steps: int = 0  # of the machine
    watcher_steps: int = 0
    blocks: int = 0
    reorganisations: Counter[int] = field(default_factory=Counter)  # by depth
    restarts: int = 0
    requests: int = 0
    calm_runs: int = 0
    quarantines: int = 0
    lies: Counter[str] = field(default_factory=Counter)  # that somebody began with
    faults: Counter[str] = field(default_factory=Counter)  # answers that a fault changed
    errors: Counter[str] = field(default_factory=Counter)  # that ended a run of the watcher


class Schedule(RuleBasedStateMachine):
    """One schedule. Class attributes are set by whoever runs it."""

    server: ClassVar[Server]
    incident: ClassVar[Incident]
    figures: ClassVar[Figures]

    def __init__(self) -> None:
        super().__init__()
        self.scope = transaction.atomic()
        self.scope.__enter__()
        self.base = transaction.savepoint()
        self.watch: Watch | None = None
        self.final: dict[int, str] = {}
        self.dishonest: set[str] = set()
        self.lies: Counter[str] = Counter()
        self.figures.schedules += 1

    @initialize(
        seed=st.integers(0, 10_000),
        shape=st.sampled_from([(3, 2), (3, 2), (4, 3), (5, 3)]),
        final_depth=st.sampled_from([8, 70]),
        has_commitments=st.booleans(),
        tracers=st.lists(st.sampled_from(["flat", "nested"]), min_size=5, max_size=5),
        untraced=st.sampled_from([0, 0, 0, 1]),
        height=st.sampled_from([0, 1, 2, 3, 4] * 12 + [66]),
    )
    def begin(
        self,
        seed: int,
        shape: tuple[int, int],
        final_depth: int,
        tracers: list[str],
        untraced: int,
        height: int,
        *,
        has_commitments: bool,
    ) -> None:
        count, quorum = shape
        tracers[:untraced] = [""] * untraced
        commitments = Terms.commitments if has_commitments else ()
        terms = Terms(tuple(tracers[:count]), quorum, final_depth, commitments)
        world = World(seed, most=2)
        world.mine(height)
        self.figures.blocks += height
        self.watch = Watch(self.server, self.incident, world, terms)
        # Those who trace and are honest are still a quorum, and liars alone are none.
        self.most_dishonest = min(count - quorum - untraced, quorum - 1)
        self.watch.restart()

    # -- the chain -------------------------------------------------------------------------------

    @rule(count=st.integers(1, 2), times=st.integers(0, 4))
    def grow(self, count: int, times: int) -> None:
        self.world.mine(count)
        self.figures.blocks += count
        self._catch_up()
        self._step(times)

    @rule(
        depth=st.one_of(st.integers(1, 7), st.integers(1, 64)),
        more=st.integers(0, 2),
        late=st.sets(st.integers(0, 4), max_size=3),
        times=st.integers(0, 4),
    )
    def reorganise(self, depth: int, more: int, late: set[int], times: int) -> None:
        """Some nodes hear of the other branch later than others."""
        most = min(self.world.head.number - THEFT, self.watch.terms.final_depth - 2)
        depth = min(depth, most)
        if depth < 1:
            return
        for place in late:
            operator = self._operator(place)
            operator.held = operator.line()[-1]
        self.world.reorganise(depth, more)
        self.figures.blocks += depth + more
        self.figures.reorganisations[depth] += 1
        self._catch_up()
        self._step(times)

    @rule(place=st.integers(0, 4), is_held=st.booleans())
    def hold(self, place: int, *, is_held: bool) -> None:
        """A node goes on with what it has: it hears of nothing new, nor of other branches."""
        operator = self._operator(place)
        operator.held = operator.line()[-1] if is_held else None

    def _catch_up(self) -> None:
        """No honest node stays behind for ever, or on a branch that everybody else has left."""
        head = self.world.head
        for operator in self.watch.operators:
            if operator.held is None or operator.name in self.dishonest:
                continue
            line = operator.held.line
            common = sum(one is other for one, other in zip(line, head.line, strict=False))
            if head.number + 1 - common > min(LONGEST_LAG, self.watch.terms.final_depth - 2):
                operator.held = None

    # -- the nodes -------------------------------------------------------------------------------

    @rule(
        place=st.integers(0, 4),
        name=st.sampled_from(sorted(UNWELL)),
        is_on=st.sampled_from([True, True, False]),
    )
    def suffer(self, place: int, name: str, *, is_on: bool) -> None:
        """A node is not well, or well again."""
        operator = self._operator(place)
        if is_on:
            operator.do(UNWELL[name]())
        elif operator.name not in self.dishonest:
            operator.stop()

    @rule(
        place=st.integers(0, 4),
        name=st.sampled_from(LIES),
        depth=st.integers(0, 9),
        manner=st.sampled_from(["always", "always", "until", "to-us"]),
    )
    def lie(self, place: int, name: str, depth: int, manner: str) -> None:
        operator = self._operator(place)
        if operator.name not in self.dishonest and len(self.dishonest) >= self.most_dishonest:
            return
        self.dishonest.add(operator.name)
        fault = _lie(name, depth)
        if manner == "until":
            fault = HonestUntil(self.world.head.number - depth % 3, fault)
        elif manner == "to-us":
            fault = TwoFaced(fault, WATCHER)
        operator.do(fault)
        self.lies[name] += 1

    @rule(is_high=st.booleans(), times=st.integers(0, 3))
    def flood(self, times: int, *, is_high: bool) -> None:
        """All honest nodes are down, so that what is left is whoever lies; or they are up again."""
        for operator in self.watch.operators:
            if operator.name not in self.dishonest:
                if is_high:
                    operator.do(Down())
                else:
                    operator.stop("down")
        self._step(times)

    # -- the watcher -----------------------------------------------------------------------------

    @rule(times=st.integers(1, 6))
    def step(self, times: int) -> None:
        self._step(times)

    @rule()
    def restart(self) -> None:
        self.watch.restart()
        self.figures.restarts += 1

    def _step(self, times: int) -> None:
        self.watch.step(times)
        self.figures.watcher_steps += times

    @precondition(lambda self: self.watch is not None)
    @invariant()
    def holds(self) -> None:
        self.figures.steps += 1
        check_always(self.watch, self.final, self.dishonest)

    def teardown(self) -> None:
        try:
            if self.watch is not None:
                self._finish()
        finally:
            self._count()
            transaction.set_rollback(True)
            self.scope.__exit__(None, None, None)

    # -- the end ---------------------------------------------------------------------------------

    def _finish(self) -> None:
        """Liars are gone or in quarantine, the others are back, and the watcher has time."""
        watch = self.watch
        for operator in watch.operators:
            operator.stop()
            operator.held = None
            if operator.name in self.dishonest and not is_out(watch, operator):
                operator.do(Down())
        self.world.mine(1)
        reached: object = None
        until = time.monotonic() + PATIENCE
        while not self._is_done() and time.monotonic() < until:
            if not watch.step():
                time.sleep(0.005)
            if reached != (reached := how_far(watch)):
                until = time.monotonic() + PATIENCE
        check_always(watch, self.final, self.dishonest)
        check_end(watch, self.dishonest)
        self.figures.quarantines += sum(is_out(watch, one) for one in watch.operators)
        if self.figures.schedules % 4 == 0:
            self._compare_with_calm()

    def _is_done(self) -> bool:
        """At the head, and everything that can be vouched for is."""
        try:
            check_rest(self.watch, self.dishonest)
        except AssertionError:
            return False
        return True

    def _compare_with_calm(self) -> None:
        """The same rows as a watcher has who saw only the end of it, from one honest node."""
        watch = self.watch
        troubled = figures(watch)
        watch.close()
        transaction.savepoint_rollback(self.base)
        calm = Watch(self.server, self.incident, self.world, Terms(("flat",), 1))
        while calm.step() or calm.row().cursor_number != self.world.head.number:
            assert not calm.errors
        for name, rows in figures(calm).items():
            missed, doubled = rows - troubled[name], troubled[name] - rows
            assert not missed, f"missed {name}: {missed}"
            assert not doubled, f"doubled {name}: {doubled}"
        calm.close()
        self.figures.calm_runs += 1

    def _count(self) -> None:
        if self.watch is None:
            return
        self.watch.close()
        self.figures.requests += self.watch.served.requests
        self.figures.faults.update(self.watch.served.lies)
        self.figures.errors.update(self.watch.errors)
        self.figures.lies.update(self.lies)

    # -- small things ----------------------------------------------------------------------------

    @property
    def world(self) -> World:
        return self.watch.world

    def _operator(self, place: int) -> Operator:
        return self.watch.operators[place % len(self.watch.operators)]


def _lie(name: str, depth: int) -> Fault:
    if name == "fake-branch":
        return FakeBranch(depth, 1 + depth % 3)
    if name == "wrong-chain-id":
        return WrongChainId()
    return ForgedState() if name == "forged-state" else forgery(name)
