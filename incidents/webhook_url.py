"""Which URLs a webhook may have at all. Where they lead is looked at when one is asked."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from django.conf import settings

FIRST_FREE_PORT, HTTPS = 1024, 443


class BadTarget(ValueError):
    """A URL that is never asked."""


def checked(address: str) -> SplitResult:
    """The URL, of a kind that is asked: https without user or password, on a usual port.

    :raises BadTarget: another.
    """
    try:
        url = urlsplit(address)
        port = url.port
    except ValueError as error:
        raise BadTarget("this is no URL") from error
    if url.scheme != "https" and not (url.scheme == "http" and settings.WEBHOOK_TO_LOOPBACK):
        raise BadTarget("a webhook's URL begins with https://")
    if not url.hostname or url.username is not None or url.password is not None:
        raise BadTarget("a webhook's URL names a host, and nobody's password")
    if port is not None and port != HTTPS and port < FIRST_FREE_PORT:
        raise BadTarget("a webhook is not asked on this port")
    if not address.isascii() or any(char <= " " for char in address):
        raise BadTarget("this is no URL")
    return url
