"""How issuers' freezes show on chain: one file per family of tokens.

An asset names its interfaces by slug, several with commas: a proxy that was upgraded in place has
logged the events of both its families. ``NONE`` says that the token was asked and has none.
"""

import functools
import sys
from collections.abc import Iterable

from tracing.core.logs import Log
from tracing.core.registry import discover
from tracing.issuers.base import FreezeInterface, Seen, View

NONE = "none"


@functools.cache
def registry() -> dict[str, FreezeInterface]:
    """Every freeze interface by slug."""
    package = sys.modules[__name__]
    found = discover(package, FreezeInterface, besides=("base", "tokens"))
    return {slug: interface() for slug, interface in found.items()}


def named(slugs: str) -> list[FreezeInterface]:
    """The interfaces that an asset names, in its order; unknown names are left out."""
    known = registry()
    return [known[slug] for slug in slugs.split(",") if slug in known]


def is_named(slugs: str) -> bool:
    """Whether a text names interfaces, each known and once, or says that there is none."""
    parts = slugs.split(",")
    return slugs == NONE or (len(set(parts)) == len(parts) and registry().keys() >= set(parts))


def decode(slugs: str, log: Log) -> list[Seen]:
    """What a log of a token says, by the first of its interfaces that knows the event.

    :raises BadLog: it has an event's topic and not its fields.
    """
    for interface in named(slugs):
        seen = interface.decode(log)
        if seen:
            return seen
    return []


def views(slugs: str) -> tuple[View, ...]:
    """The views of an asset's interfaces, each once."""
    return _once(view for interface in named(slugs) for view in interface.views)


def known_views() -> tuple[View, ...]:
    """Every view of one address that any family has: what an unknown token is asked."""
    found = _once(view for interface in registry().values() for view in interface.views)
    return tuple(view for view in found if not view.before)


def with_view(view: View) -> list[str]:
    """Slugs of the families of tokens that have a view."""
    return [
        slug
        for slug, interface in registry().items()
        if not interface.emitters and any(one.selector == view.selector for one in interface.views)
    ]


def _once(found: Iterable[View]) -> tuple[View, ...]:
    return tuple({(view.selector, view.before): view for view in found}.values())
