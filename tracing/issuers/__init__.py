"""How issuers' freezes show on chain: one file per family of tokens."""

import functools
import sys

from tracing.core.logs import Log
from tracing.core.registry import discover
from tracing.issuers.base import FreezeInterface, FreezeSeen


@functools.cache
def registry() -> dict[str, FreezeInterface]:
    """Every freeze interface by slug."""
    package = sys.modules[__name__]
    found = discover(package, FreezeInterface)  # type: ignore[type-abstract]
    return {slug: interface() for slug, interface in found.items()}


def decode(slug: str, log: Log) -> FreezeSeen | None:
    """The freeze in a log of a token with that interface; None: not one, or unknown interface."""
    interface = registry().get(slug)
    return interface.decode(log) if interface else None
