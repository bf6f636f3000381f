"""Sockets of this site's own pages only: a browser sends the cookie with everybody's sockets."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier

Application = Callable[[Any, Any, Any], Awaitable[None]]
_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> bytes:
    """How browsers write the origin of a page (RFC 6454): scheme and host in lower case, the host
    in its ASCII form, no port where it is the scheme's own."""
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode()
    host = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port not in (None, _DEFAULT_PORTS.get(parts.scheme)) else ""
    return f"{parts.scheme}://{host}{port}".encode()


def only_from(site: str, application: Application) -> Application:
    """Refuse a handshake (403) unless it has one Origin header that is the site's, byte for byte.

    Compared as text and not taken apart: whatever a parser could be talked into is no match.
    """
    own = origin_of(site)

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        origins = [value for name, value in scope["headers"] if name.lower() == b"origin"]
        chosen: Application = application if origins == [own] else WebsocketDenier()
        await chosen(scope, receive, send)

    return inside
