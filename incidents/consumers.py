"""The room's socket: it only listens. People act over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from incidents import frames
from incidents.exceptions import HoldfastError, TooMany
from incidents.hub import Subscription, hub
from incidents.models import Person
from incidents.services import limits, sessions

# Close codes of ours: the page shows them as words.
GONE = 4404  # absent or not yours, in one code
ENDED = 4410  # you may not listen any more


def _may_listen(scope: dict[str, Any], person: Any) -> bool:
    """Somebody who is signed in with the passkeys that it takes and does not knock all the time."""
    if not isinstance(person, Person):
        return False
    headers = dict(scope["headers"])
    remote = (scope.get("client") or [""])[0]
    forwarded = headers.get(b"x-forwarded-for", b"").decode("latin-1")
    try:
        limits.count("socket", f"person:{person.pk} {limits.client_address(remote, forwarded)}")
    except TooMany:
        return False
    return sessions.may_enter(scope["session"], person)


class RoomConsumer(AsyncWebsocketConsumer):
    """`ws/incidents/<slug>/?cursor=<entry id>`: frames of type hello, entry and state."""

    # No channel layer: one subscription per process (hub.py), not one per socket.
    channel_layer_alias = ""
    subscription: Subscription | None = None
    pump: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        person = self.scope["user"]
        slug = self.scope["url_route"]["kwargs"]["slug"]
        query = dict(
            part.split("=", 1)
            for part in self.scope["query_string"].decode("ascii", "replace").split("&")
            if "=" in part
        )
        await self.accept()
        if not await database_sync_to_async(_may_listen)(self.scope, person):
            await self.close(GONE)
            return
        try:
            start = database_sync_to_async(frames.start)
            incident, position = await start(slug, person, query.get("cursor", ""))
        except HoldfastError:
            await self.close(GONE)
            return
        self.subscription = Subscription(
            slug, person.pk, incident.pk, position, self.scope["session"].session_key or ""
        )
        hub.add(self.subscription)
        await self.send(json.dumps({"type": "hello"}))
        hub.mark(incident.pk)
        self.pump = asyncio.create_task(self._pump(self.subscription))

    async def _pump(self, subscription: Subscription) -> None:
        while True:
            frame = await hub.next_frame(subscription)
            if frame is None:
                await self.close(ENDED)
                return
            await self.send(frame)

    async def disconnect(self, code: int) -> None:
        if self.subscription is not None:
            hub.remove(self.subscription)
        if self.pump is not None:
            self.pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.pump

    async def receive(self, text_data: str | None = None, bytes_data: Any = None) -> None:
        """Nothing is taken over the socket; a ping keeps proxies awake, and brings the state of
        the watch now and then, so that a quiet chain does not look like one that nobody follows."""
        if text_data == "ping":
            await self.send('{"type":"pong"}')
            if self.subscription is not None:
                hub.refresh(self.subscription)
