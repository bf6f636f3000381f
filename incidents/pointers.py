"""This process's one subscription to Redis: numbers of rooms that moved, and no content."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import redis.asyncio as aioredis
from django.conf import settings

logger = logging.getLogger(__name__)
RETRY_SECONDS = 0.5


async def follow(moved: Callable[[int], None], begun: Callable[[], None]) -> None:
    """Call ``moved`` with each room of which a pointer tells; for ever, over every break.

    ``begun`` is called whenever listening begins (again): the gap before told nothing.
    """
    while True:
        try:
            # redis-py 8 times idle reads out after 5 s by default; a subscription is idle.
            client = aioredis.Redis.from_url(settings.REDIS_URL, socket_timeout=None)
            async with client, client.pubsub() as pubsub:
                await pubsub.subscribe(settings.REDIS_CHANNEL)
                async for message in pubsub.listen():
                    if message["type"] == "subscribe":
                        # Also after the client reconnected by itself.
                        begun()
                    elif message["type"] == "message":
                        moved(int(message["data"]))
        except (aioredis.RedisError, OSError, ValueError) as error:
            logger.warning("pointer subscription broke (%s); retrying", type(error).__name__)
        await asyncio.sleep(RETRY_SECONDS)
