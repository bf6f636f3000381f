"""HTTPS POST, signed as Standard Webhooks has it (github.com/standard-webhooks, 1.0).

Whoever names a URL chooses whom this server talks to: only public addresses are, and the one that
was looked at is the one that is connected to. No redirect is followed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import ipaddress
import json
import logging
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from typing import ClassVar
from urllib.parse import SplitResult

from django.conf import settings

from incidents.notifiers._watchdog import ends_after
from incidents.notifiers.base import Fate, Handed, Message, Notifier
from incidents.webhook_url import HTTPS, BadTarget, checked

logger = logging.getLogger(__name__)

PREFIX = "whsec_"
LARGEST_BODY = 256 * 1024  # bytes
MOST_READ = 4096  # of an answer, whose words are nobody's business
OK, REDIRECTS, REFUSALS = range(200, 300), range(300, 400), range(400, 500)
ASKS_TO_WAIT = (408, 425, 429, 503)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Webhook(Notifier):
    slug: ClassVar[str] = "webhook"

    def hand_over(self, message: Message) -> Handed:
        body = json.dumps(message.data, separators=(",", ":"), ensure_ascii=False).encode()
        if len(body) > LARGEST_BODY:
            return Handed(Fate.BOUNCED, "the message is too large")
        try:
            url = checked(message.to)
            address = public_address(url)
        except BadTarget as error:
            return Handed(Fate.BOUNCED, str(error))
        except OSError:
            return Handed(Fate.REFUSED, "the name does not resolve")
        connection = _connection(url, address)
        headers = signed(message, body, int(time.time()))
        with closing(connection), ends_after(settings.HAND_OVER_SECONDS, lambda: connection.sock):
            try:
                connection.connect()
            except (OSError, ValueError) as error:
                return Handed(Fate.REFUSED, f"not there: {type(error).__name__}")
            try:
                connection.request("POST", _path(url), body, headers)
                answer = connection.getresponse()
                answer.read(MOST_READ)
            except (OSError, http.client.HTTPException) as error:
                return Handed(Fate.UNKNOWN, f"it went silent: {type(error).__name__}")
        return _judged(answer.status)


def public_address(url: SplitResult) -> str:
    """The address to connect to. All that the name stands for have to be public.

    :raises BadTarget: one is not. :raises OSError: the name does not resolve.
    """
    host = url.hostname or ""
    found = socket.getaddrinfo(host, url.port or HTTPS, type=socket.SOCK_STREAM)
    addresses = [str(where[4][0]) for where in found]
    if not addresses:
        raise OSError("no address")
    if not all(is_allowed(one) for one in addresses):
        raise BadTarget("a webhook goes to public addresses only, and of a drill to none")
    return addresses[0]


def is_allowed(text: str) -> bool:
    """Whether an address is public; with `settings.WEBHOOK_TO_LOOPBACK`: this machine's."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if settings.WEBHOOK_TO_LOOPBACK:
        return address.is_loopback
    return all(one.is_global and not one.is_multicast for one in _inside(address))


_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits


def _inside(address: Address) -> Iterator[Address]:
    """An address and the IPv4 addresses that it carries."""
    yield address
    if isinstance(address, ipaddress.IPv6Address):
        carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _TRANSLATED:
            carried.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        yield from (one for one in carried if one is not None)


def signed(message: Message, body: bytes, at: int) -> dict[str, str]:
    """The headers of a body. The id is the same at every try: whoever gets it twice sees it."""
    name = message.message_id.strip("<>").partition("@")[0]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Holdfast",
        "webhook-id": name,
        "webhook-timestamp": str(at),
        "Idempotency-Key": name,
    }
    if message.is_again:
        headers["X-Holdfast-Sent-Again"] = "yes"
    if message.secret:
        headers["webhook-signature"] = signature(message.secret, name, at, body)
    return headers


def signature(secret: str, name: str, at: int, body: bytes) -> str:
    """ "v1," and the base64 of HMAC-SHA-256 over "<id>.<timestamp>.<body>"."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


class _Pinned(http.client.HTTPSConnection):
    """Connects to one address, and asks the certificate for the name."""

    def __init__(self, host: str, port: int, address: str, timeout: float) -> None:
        self._context_of = ssl.create_default_context()
        super().__init__(host, port, timeout=timeout, context=self._context_of)
        self._address = address

    def connect(self) -> None:
        sock = socket.create_connection((self._address, self.port), self.timeout)
        try:
            self.sock = self._context_of.wrap_socket(sock, server_hostname=self.host)
        except (OSError, ValueError):
            sock.close()
            raise


class _PinnedPlain(http.client.HTTPConnection):
    """To this machine alone: tests and drills."""

    def __init__(self, host: str, port: int, address: str, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)


def _connection(url: SplitResult, address: str) -> http.client.HTTPConnection:
    host, timeout = url.hostname or "", float(settings.EMAIL_TIMEOUT)
    if url.scheme == "https":
        return _Pinned(host, url.port or HTTPS, address, timeout)
    return _PinnedPlain(host, url.port or http.client.HTTP_PORT, address, timeout)


def _path(url: SplitResult) -> str:
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


def _judged(status: int) -> Handed:
    if status in OK:
        return Handed(Fate.ACCEPTED)
    if status in ASKS_TO_WAIT:
        return Handed(Fate.REFUSED, f"it asks to wait ({status})")
    if status in REDIRECTS:
        return Handed(Fate.BOUNCED, f"it points elsewhere ({status}); nobody follows")
    if status in REFUSALS:
        return Handed(Fate.BOUNCED, f"it refused ({status})")
    return Handed(Fate.UNKNOWN, f"it failed ({status})")
