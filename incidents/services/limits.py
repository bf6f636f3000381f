"""How often somebody may ask, write, and knock at a door. Counted per web process, in memory: in
Redis the counters would shut the doors whenever it is down."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

from django.conf import settings
from django_ratelimit.core import get_usage

from incidents.exceptions import TooMany


def client_address(remote: str, forwarded: str) -> str:
    """Who is at the other end, as far as our own proxies vouch for it.

    ``remote`` is the peer of the connection, ``forwarded`` the X-Forwarded-For header. Each of the
    ALLAUTH_TRUSTED_PROXY_COUNT proxies appends the peer that it saw, so only that many entries from
    the right are not the client's own word; without a proxy the header counts for nothing.
    """
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = [part.strip() for part in forwarded.split(",") if part.strip()]
    if proxies and len(hops) >= proxies:
        remote = hops[-proxies]
    try:
        return str(ip_address(remote))
    except ValueError:
        return "0.0.0.0"  # noqa: S104 - a unix socket, or nonsense: one bucket for all of them


def address_in(meta: Mapping[str, object]) -> str:
    """`client_address` of a request's META."""
    return client_address(
        str(meta.get("REMOTE_ADDR", "")), str(meta.get("HTTP_X_FORWARDED_FOR", ""))
    )


def count(kind: str, whom: str) -> None:
    """Note one more act of ``kind`` (a key of settings.LIMITS, per minute) by ``whom``.

    :raises TooMany: with the seconds to wait.
    """
    usage = get_usage(
        None,
        group=kind,
        key=lambda group, request: whom,
        rate=(settings.LIMITS[kind], 60),
        increment=True,
    )
    if usage is not None and usage["should_limit"]:
        raise TooMany(wait=max(1, int(usage["time_left"])))
