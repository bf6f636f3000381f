"""The chains that are watched here, and how far each was followed."""

from __future__ import annotations

from incidents.ports import ChainState
from tracing.core import caip
from tracing.core.errors import InvalidIdentifier
from tracing.labels.currencies import NAME_OF
from tracing.models import Chain


def watched() -> list[ChainState]:
    """Every watched chain, by name. Nothing of its endpoints is in it."""
    rows = Chain.objects.filter(is_watched=True).order_by("name", "caip2")
    return [state_of(row) for row in rows]


def state_of(chain: Chain) -> ChainState:
    """What the room shows of one chain."""
    return ChainState(
        chain.caip2,
        chain.name,
        chain.cursor_number,
        chain.verified_at,
        chain.head_number,
        chain.last_error,
        _final_block(chain),
    )


def _final_block(chain: Chain) -> int | None:
    """The same bound as tracing/watch/finality.py."""
    if chain.cursor_number is None or chain.head_number is None:
        return None
    return min(chain.cursor_number, chain.head_number) - chain.final_depth


def ensure_known(caip2: str) -> Chain:
    """The row of a chain that labels speak of, whether it is watched or not.

    :raises InvalidIdentifier: it is no CAIP-2.
    """
    name = str(caip.parse_chain(caip2))
    try:
        native = caip.native_asset(name)
    except InvalidIdentifier:
        native = ""
    row, _ = Chain.objects.get_or_create(
        caip2=name,
        defaults={
            "name": NAME_OF.get(name, name).title()[:60],
            "native_asset": native,
            "is_watched": False,
        },
    )
    return row
