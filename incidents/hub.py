"""All open sockets of a web process: which of them may go on listening, and what each is told.

A pointer says that a room moved. Then two things happen, in threads of their own, so that no long
answer holds up the first:

- permission: where the room's epoch has risen, all its sockets are asked about at once; those that
  may not listen any more are over, and what was queued for them is dropped.
- content: the rest is grouped by (audience key, position), each group is resolved once through
  access.py and gets the same bytes. A socket whose queue has no room for a batch waits where it is.

Nothing depends on a pointer: rooms are looked at every second, and all sockets every three.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar, cast

from channels.db import database_sync_to_async

from incidents import frames, listeners, pointers
from incidents.listeners import Refusal
from incidents.subscriptions import Room, Subscription

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)
LOOK_SECONDS = 1.0  # at the heads of the rooms, whatever Redis says
RECHECK_SECONDS = 3.0  # everybody, also where no epoch rose: a session that ran out
STATE_SECONDS = 0.3
REFRESH_SECONDS = 9.0
AFTER_A_FAULT_SECONDS = 0.2


class _Thread:
    """A thread of one's own, and with it a connection to the database of one's own."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        call = database_sync_to_async(function, thread_sensitive=False, executor=self._executor)
        return cast(T, await call(*args, **kwargs))


class Hub:
    """All sockets of this process."""

    def __init__(self) -> None:
        self._rooms: dict[int, Room] = {}
        self._nudged: set[int] = set()
        self._due: set[Subscription] = set()
        self._stale: set[Subscription] = set()
        self._has_nudge, self._has_due = asyncio.Event(), asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._permission = _Thread("permission")
        self._content = _Thread("content")
        self._state = _Thread("state")

    def add(self, subscription: Subscription) -> None:
        """Start listening; the first socket starts the process's subscription."""
        if not self._tasks:
            loops = (
                pointers.follow(self.nudge, self._nudge_all),
                self._look_for_ever(),
                self._answer_for_ever(),
                self._refresh_for_ever(),
            )
            self._tasks = [asyncio.create_task(loop) for loop in loops]
        self._rooms.setdefault(subscription.incident, Room()).sockets.add(subscription)
        # Also asks once more whether it may listen: that can have ended since it was opened.
        self._answer_soon([subscription])

    def remove(self, subscription: Subscription) -> None:
        """Stop listening."""
        room = self._rooms.get(subscription.incident, Room())
        room.sockets.discard(subscription)
        if not room.sockets:
            self._rooms.pop(subscription.incident, None)

    def count_of(self, person: int | None) -> int:
        """How many sockets a person has open in this process."""
        rooms = self._rooms.values()
        return sum(s.opened.person == person for room in rooms for s in room.sockets)

    async def next_frame(self, subscription: Subscription) -> str:
        """The next frame for this socket. Taking one may let it go on."""
        frame = await subscription.queue.get()
        if subscription.is_waiting and subscription.has_room:
            subscription.is_waiting = False
            self._answer_soon([subscription])
        return frame

    def refresh(self, subscription: Subscription) -> None:
        """Send the state soon, unless this socket had it a moment ago."""
        now, before = time.monotonic(), subscription.refreshed_at
        if before is None or now - before >= REFRESH_SECONDS:
            subscription.refreshed_at = now
            self._stale.add(subscription)

    def nudge(self, incident: int) -> None:
        """Something happened there: look at it soon."""
        if incident in self._rooms:
            self._nudged.add(incident)
            self._has_nudge.set()

    def _nudge_all(self) -> None:
        for incident in self._rooms:
            self.nudge(incident)

    def _answer_soon(self, sockets: Iterable[Subscription]) -> None:
        self._due.update(sockets)
        self._has_due.set()

    # --- permission ---------------------------------------------------------------------------

    async def _look_for_ever(self) -> None:
        looked = rechecked = 0.0
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._has_nudge.wait(), LOOK_SECONDS)
            self._has_nudge.clear()
            nudged, self._nudged = self._nudged, set()
            now = time.monotonic()
            is_recheck = now - rechecked >= RECHECK_SECONDS
            if is_recheck or now - looked >= LOOK_SECONDS:
                nudged, looked = set(self._rooms), now
            try:
                await self._look(nudged, at_everybody=is_recheck)
            except Exception:  # outermost shell: tried again until the database answers
                logger.exception("could not look at the rooms")
                await asyncio.sleep(AFTER_A_FAULT_SECONDS)
                for incident in nudged:
                    self.nudge(incident)
                continue
            rechecked = now if is_recheck else rechecked

    async def _look(self, incidents: set[int], *, at_everybody: bool) -> None:
        """End what may not listen any more; then see to it that the others are told."""
        if not incidents:
            return
        # Before the permissions: what changes after this is found by the next look.
        heads = await self._permission(listeners.heads, incidents)
        rooms = {pk: self._rooms[pk] for pk in incidents if pk in self._rooms}
        changed = [
            room
            for pk, room in rooms.items()
            if at_everybody or pk not in heads or heads[pk].epoch != room.known.epoch
        ]
        await self._end_refused([socket for room in changed for socket in room.open])
        for pk, head in heads.items():
            if pk not in rooms:
                continue
            if head.next_seq != rooms[pk].known.next_seq:
                self._answer_soon(rooms[pk].open)
            rooms[pk].known = head

    async def _end_refused(self, sockets: list[Subscription]) -> None:
        if not sockets:
            return
        asked = [socket.listener for socket in sockets]
        refusals = await self._permission(listeners.refused, asked)
        for socket, refusal in zip(sockets, refusals, strict=True):
            if refusal is not None:
                socket.end(refusal)

    # --- content ------------------------------------------------------------------------------

    async def _answer_for_ever(self) -> None:
        while True:
            await self._has_due.wait()
            self._has_due.clear()
            due, self._due = self._due, set()
            for group in _by_room(due):
                try:
                    await self._answer(group)
                except Exception:  # outermost shell: one room must not stop the others
                    logger.exception("could not resolve a pointer")
                    await asyncio.sleep(AFTER_A_FAULT_SECONDS)
                    self._answer_soon(group)

    async def _answer(self, group: list[Subscription]) -> None:
        sockets = [socket for socket in group if socket.has_room]
        for socket in group:
            socket.is_waiting = not socket.has_room
        asked = [socket.listener for socket in sockets]
        answers = await self._content(frames.resolve_many, asked)
        for socket, answer in zip(sockets, answers, strict=True):
            if isinstance(answer, Refusal):
                socket.end(answer)
                continue
            socket.position = answer.position
            for frame in answer.frames:
                socket.put(frame)
            if answer.has_more:
                self._answer_soon([socket])
            elif answer.frames:
                self._stale.add(socket)

    async def _refresh_for_ever(self) -> None:
        """Entries go out at once; the strip behind them is worked out a little later, once for
        everything that came meanwhile."""
        while True:
            await asyncio.sleep(STATE_SECONDS)
            stale, self._stale = self._stale, set()
            for group in _by_room(stale):
                try:
                    await self._refresh(group)
                except Exception:  # outermost shell, as above
                    logger.exception("could not work out a strip")
                    self._stale.update(group)

    async def _refresh(self, group: list[Subscription]) -> None:
        asked = [socket.listener for socket in group]
        states = await self._state(frames.states_for, asked)
        for socket, state in zip(group, states, strict=True):
            if isinstance(state, Refusal):
                socket.end(state)
            elif not socket.queue.full():
                socket.put(state)


def _by_room(sockets: Iterable[Subscription]) -> list[list[Subscription]]:
    """Sockets that are not over, those of one room together."""
    found: dict[int, list[Subscription]] = defaultdict(list)
    for socket in sockets:
        if socket.refusal is None:
            found[socket.incident].append(socket)
    return list(found.values())


hub = Hub()
