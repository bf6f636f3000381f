"""The room's socket: it only listens. People act over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from incidents import frames
from incidents.exceptions import HoldfastError, NotFound, TooMany
from incidents.hub import hub
from incidents.listeners import Listener, Refusal
from incidents.models import Person
from incidents.services import limits, sessions
from incidents.services.signed import SEATS
from incidents.subscriptions import Subscription

# Close codes of ours: the page shows them as words.
GONE = 4404  # absent or not yours, in one code
ENDED = 4410  # you may not listen any more
CHANGED = 4411  # you took another seat in this room
TOO_MUCH = 4429  # too many messages, or too many sockets of one person
TOO_LONG = 1009  # RFC 6455: a message that is too big
CODES = {Refusal.ENDED: ENDED, Refusal.CHANGED: CHANGED}

LONGEST_MESSAGE = 64 * 1024  # bytes; the web process is started with the same bound
BURST, A_SECOND = 20, 2.0  # messages at once, and after that
MOST_OF_ONE_PERSON = 50  # open sockets in one process


def _let_in(scope: dict[str, Any], slug: str, person: Any) -> Listener:
    """The socket of somebody who is signed in with the passkeys that it takes, may enter the room
    and does not knock all the time.

    :raises TooMany: they do. :raises HoldfastError: not theirs, or no consent.
    """
    if not isinstance(person, Person):
        raise NotFound
    headers = dict(scope["headers"])
    remote = (scope.get("client") or [""])[0]
    forwarded = headers.get(b"x-forwarded-for", b"").decode("latin-1")
    limits.count("socket", f"person:{person.pk} {limits.client_address(remote, forwarded)}")
    session = scope["session"]
    if not sessions.may_enter(session, person):
        raise NotFound
    query = parse_qs(scope["query_string"].decode("ascii", "replace"))
    seat = str(session.get(SEATS, {}).get(slug, ""))
    return frames.start(slug, person, session.session_key or "", seat, query.get("cursor", [""])[0])


class Allowance:
    """A bucket of messages: BURST at once, and A_SECOND every second."""

    def __init__(self) -> None:
        self._left, self._at = float(BURST), time.monotonic()

    def take(self) -> bool:
        """Whether one more message may come."""
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._at) * A_SECOND)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class RoomConsumer(AsyncWebsocketConsumer):
    """`ws/incidents/<slug>/?cursor=<entry id>`: frames of type hello, entry and state."""

    # No channel layer: one subscription per process (hub.py), not one per socket.
    channel_layer_alias = ""
    subscription: Subscription | None = None
    pump: asyncio.Task[None] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.allowance = Allowance()

    async def connect(self) -> None:
        slug = self.scope["url_route"]["kwargs"]["slug"]
        await self.accept()
        if hub.count_of(self.scope["user"].pk) >= MOST_OF_ONE_PERSON:
            await self.close(TOO_MUCH)
            return
        try:
            let_in = database_sync_to_async(_let_in)
            listener = await let_in(self.scope, slug, self.scope["user"])
        except TooMany:
            await self.close(TOO_MUCH)
            return
        except HoldfastError:
            await self.close(GONE)
            return
        self.subscription = Subscription(listener, listener.position)
        await self.send(json.dumps({"type": "hello"}))
        hub.add(self.subscription)
        self.pump = asyncio.create_task(self._pump(self.subscription))

    async def _pump(self, subscription: Subscription) -> None:
        sender = asyncio.create_task(self._send_all(subscription))
        try:
            await subscription.over.wait()
        finally:
            # A frame that still waits for a slow browser is not sent either.
            sender.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await sender
        if subscription.refusal is not None:
            await self.close(CODES[subscription.refusal])

    async def _send_all(self, subscription: Subscription) -> None:
        while True:
            await self.send(await hub.next_frame(subscription))

    async def disconnect(self, code: int) -> None:
        await self._stop()

    async def _stop(self) -> None:
        """Nothing more is sent."""
        subscription, self.subscription = self.subscription, None
        if subscription is not None:
            hub.remove(subscription)
        pump, self.pump = self.pump, None
        if pump is not None:
            pump.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await pump

    async def _refuse(self, code: int) -> None:
        await self._stop()
        await self.close(code)

    async def receive(self, text_data: str | None = None, bytes_data: Any = None) -> None:
        """Nothing is taken over the socket; a ping keeps proxies awake, and brings the state of
        the watch now and then, so that a quiet chain does not look like one that nobody follows."""
        size = len(text_data.encode()) if text_data is not None else len(bytes_data or b"")
        if size > LONGEST_MESSAGE:
            await self._refuse(TOO_LONG)
        elif not self.allowance.take():
            await self._refuse(TOO_MUCH)
        elif text_data == "ping":
            await self.send('{"type":"pong"}')
            if self.subscription is not None:
                hub.refresh(self.subscription)
