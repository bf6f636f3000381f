"""One subscription per web process; from a pointer to the bytes that each audience may have.

A socket holds a position (an internal sequence). On a pointer, sockets of one incident are grouped
by (audience key, position); each group is resolved once through access.py and gets the same
bytes. A socket whose bounded queue has no room for a batch waits where it is until it has.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from dataclasses import dataclass, field

import redis.asyncio as aioredis
from asgiref.sync import sync_to_async
from django.conf import settings

from incidents import frames
from incidents.services import sessions

logger = logging.getLogger(__name__)
QUEUE_SIZE = 2 * (frames.BATCH + 1)
RECHECK_SECONDS = 30
STATE_SECONDS = 0.3
REFRESH_SECONDS = 9.0


@dataclass(eq=False)
class Subscription:
    """One open socket. ``queue`` carries frames; None means: close, you may not listen any more."""

    slug: str
    person_pk: int
    incident_pk: int
    position: int
    session_key: str
    refreshed_at: float = -REFRESH_SECONDS  # when a ping last brought the state
    is_waiting: bool = False
    queue: asyncio.Queue[str | None] = field(
        default_factory=lambda: asyncio.Queue(maxsize=QUEUE_SIZE)
    )

    @property
    def has_room(self) -> bool:
        """Whether the largest answer fits into the queue."""
        return self.queue.qsize() + frames.BATCH + 1 <= QUEUE_SIZE

    def end(self) -> None:
        """Empty the queue and leave the closing mark in it."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Hub:
    """All sockets of this process."""

    def __init__(self) -> None:
        self._sockets: dict[int, set[Subscription]] = defaultdict(set)
        self._dirty: set[int] = set()
        self._stale: dict[int, set[Subscription]] = defaultdict(set)
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, subscription: Subscription) -> None:
        """Start listening; the first socket starts the process's subscription."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._listen()),
                asyncio.create_task(self._resolve_for_ever()),
                asyncio.create_task(self._recheck()),
                asyncio.create_task(self._refresh()),
            ]
        self._sockets[subscription.incident_pk].add(subscription)

    def remove(self, subscription: Subscription) -> None:
        """Stop listening."""
        group = self._sockets.get(subscription.incident_pk, set())
        group.discard(subscription)
        if not group:
            self._sockets.pop(subscription.incident_pk, None)

    async def next_frame(self, subscription: Subscription) -> str | None:
        """The next frame for this socket; None: close it. Taking one may let it go on."""
        frame = await subscription.queue.get()
        if subscription.is_waiting and subscription.has_room:
            subscription.is_waiting = False
            self.mark(subscription.incident_pk)
        return frame

    def refresh(self, subscription: Subscription) -> None:
        """Send the state soon, unless this socket had it a moment ago."""
        now = time.monotonic()
        if now - subscription.refreshed_at >= REFRESH_SECONDS:
            subscription.refreshed_at = now
            self._stale[subscription.incident_pk].add(subscription)

    def mark(self, incident_pk: int) -> None:
        """Something happened there: resolve it soon."""
        if incident_pk in self._sockets:
            self._dirty.add(incident_pk)
            self._wake.set()

    async def _listen(self) -> None:
        """Follow the pointers; after a break, look at every incident again."""
        while True:
            try:
                # redis-py 8 times idle reads out after 5 s by default; a subscription is idle.
                client = aioredis.Redis.from_url(settings.REDIS_URL, socket_timeout=None)
                async with client, client.pubsub() as pubsub:
                    await pubsub.subscribe(settings.REDIS_CHANNEL)
                    async for message in pubsub.listen():
                        if message["type"] == "subscribe":
                            # Also after the client reconnected by itself: the gap told nothing.
                            for incident_pk in list(self._sockets):
                                self.mark(incident_pk)
                        elif message["type"] == "message":
                            self.mark(int(message["data"]))
            except (aioredis.RedisError, OSError, ValueError) as error:
                logger.warning("pointer subscription broke (%s); retrying", type(error).__name__)
            await asyncio.sleep(0.5)

    async def _recheck(self) -> None:
        """Permission can end without an entry (a person deactivated, a session signed out): look
        again now and then."""
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            for incident_pk in list(self._sockets):
                self.mark(incident_pk)

    async def _resolve_for_ever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            dirty, self._dirty = self._dirty, set()
            for incident_pk in dirty:
                try:
                    await self._resolve(incident_pk)
                except Exception:  # outermost shell: one incident must not stop the others
                    logger.exception("could not resolve a pointer")
                    await asyncio.sleep(0.2)
                    self.mark(incident_pk)

    async def _resolve(self, incident_pk: int) -> None:
        everybody = self._sockets.get(incident_pk, set())
        sockets = [socket for socket in everybody if socket.has_room]
        for socket in everybody.difference(sockets):
            socket.is_waiting = True
        if not sockets:
            return
        alive = await sync_to_async(sessions.alive)({s.session_key for s in sockets})
        for socket in [s for s in sockets if s.session_key not in alive]:
            socket.end()
            sockets.remove(socket)
        wanted = [(s.slug, s.person_pk, s.position) for s in sockets]
        answers = await sync_to_async(frames.resolve_many)(wanted)
        for socket, answer in zip(sockets, answers, strict=True):
            if answer is None:
                socket.end()
                continue
            socket.position = answer.position
            for frame in answer.frames:
                socket.queue.put_nowait(frame)
            if answer.has_more:
                self.mark(incident_pk)
            elif answer.frames:
                self._stale[incident_pk].add(socket)

    async def _refresh(self) -> None:
        """Entries go out at once; the strip behind them is worked out a little later, once for
        everything that came meanwhile."""
        while True:
            await asyncio.sleep(STATE_SECONDS)
            stale, self._stale = self._stale, defaultdict(set)
            for incident_pk, group in stale.items():
                sockets = [s for s in group if s in self._sockets.get(incident_pk, ())]
                wanted = [(s.slug, s.person_pk) for s in sockets]
                try:
                    frames_for = await sync_to_async(frames.states_for)(wanted)
                except Exception:  # outermost shell, as above
                    logger.exception("could not work out a strip")
                    self._stale[incident_pk].update(sockets)
                    continue
                for socket, frame in zip(sockets, frames_for, strict=True):
                    if frame is not None and not socket.queue.full():
                        socket.queue.put_nowait(frame)


hub = Hub()
