"""Open sockets as the hub knows them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from incidents.frames import BATCH
from incidents.listeners import Head, Listener, Refusal

QUEUE_SIZE = 2 * (BATCH + 1)


@dataclass(eq=False)
class Subscription:
    """One open socket. ``queue`` carries its frames until ``refusal`` says why it is over."""

    opened: Listener
    position: int  # an internal sequence; what came before it was queued
    refreshed_at: float | None = None  # when a ping last brought the state
    is_waiting: bool = False  # until there is room for a whole answer
    refusal: Refusal | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)
    queue: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(maxsize=QUEUE_SIZE))

    @property
    def incident(self) -> int:
        """Key of the room."""
        return self.opened.incident

    @property
    def listener(self) -> Listener:
        """Who listens, from where on."""
        return replace(self.opened, position=self.position)

    @property
    def has_room(self) -> bool:
        """Whether the largest answer fits into the queue."""
        return self.queue.qsize() + BATCH + 1 <= QUEUE_SIZE

    def put(self, frame: str) -> None:
        """Queue a frame, unless it is over."""
        if self.refusal is None:
            self.queue.put_nowait(frame)

    def end(self, refusal: Refusal) -> None:
        """It is over: what was queued is never sent."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.refusal = self.refusal or refusal
        self.over.set()


@dataclass
class Room:
    """The sockets of one incident, and what that had come to when they were last looked at."""

    sockets: set[Subscription] = field(default_factory=set)
    known: Head = field(default_factory=lambda: Head(0, 0))

    @property
    def open(self) -> list[Subscription]:
        """Those that are not over."""
        return [socket for socket in self.sockets if socket.refusal is None]
