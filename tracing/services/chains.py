"""The chains that are watched here, and how far each was followed."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery

from incidents.exceptions import BadInput
from incidents.ports import ChainState
from tracing.chains import shipped
from tracing.chains.quorum import Standing
from tracing.core import caip
from tracing.core.errors import InvalidIdentifier
from tracing.labels.currencies import NAME_OF
from tracing.models import Block, Chain
from tracing.services import shipped_chains


def watched() -> list[ChainState]:
    """Every watched chain, by name. Nothing of its endpoints is in it."""
    rows = Chain.objects.filter(is_watched=True).order_by("name", "caip2")
    return [state_of(row, row.newest or "") for row in rows.annotate(newest=newest_standing())]


def newest_standing(chain: str = "") -> Subquery:
    """The standing of the block at a chain's cursor, in a query of chains, or of rows that have
    one: ``chain`` is the way there, like "chain__"."""
    newest = Block.objects.filter(
        chain=OuterRef(f"{chain}pk"), hash=OuterRef(f"{chain}cursor_hash")
    )
    return Subquery(newest.values("standing")[:1])


def watched_rows(caip2: str | None = None) -> list[Chain]:
    """The rows of the watched chains, or of one of them, as operators' commands need them.

    :raises BadInput: no such chain is watched.
    """
    rows = Chain.objects.filter(is_watched=True).order_by("name", "caip2")
    found = list(rows if caip2 is None else rows.filter(caip2=caip2))
    if caip2 is not None and not found:
        raise BadInput(f"{caip2} is not watched here.", field="chain")
    return found


def state_of(chain: Chain, newest: str = "") -> ChainState:
    """What the room shows of one chain. ``newest``: the standing of the block at its cursor."""
    return ChainState(
        chain.caip2,
        chain.name,
        chain.cursor_number,
        chain.verified_at,
        chain.head_number,
        chain.last_error or chain.flaw,
        chain.final_number,
        standing_of(chain, newest),
        chain.verified_number if chain.quorum > 1 else None,
        chain.unverified_since,
        lag_of(chain),
    )


def standing_of(chain: Chain, newest: str = "") -> str:
    """How far the chain's cursor is vouched for, in the words of `ChainState`.

    Verified only where every applied block is, whatever else the row says: a quorum that was just
    raised has verified nothing yet. ``newest``: the standing of the block at the cursor.
    """
    if not chain.is_watched:
        return "off"
    if chain.cursor_number is None:
        return "starting"
    if chain.quorum <= 1:
        return "single"
    if chain.unverified_since is not None or chain.verified_number is None:
        return "unverified"
    if chain.verified_number < chain.cursor_number:
        return "unverified"
    return "logs" if newest == Standing.LOGS else "verified"


def lag_of(chain: Chain) -> int | None:
    """How many blocks the cursor is below the head as it was last heard of; None: not known."""
    if chain.cursor_number is None or chain.head_number is None:
        return None
    return max(0, chain.head_number - chain.cursor_number)


def ensure_known(caip2: str) -> Chain:
    """The row of a chain that labels speak of, whether it is watched or not.

    :raises InvalidIdentifier: it is no CAIP-2.
    """
    name = str(caip.parse_chain(caip2))
    row, _ = Chain.objects.get_or_create(
        caip2=name, defaults={**_said_of(name), "is_watched": False}
    )
    return row


def _said_of(caip2: str) -> dict[str, object]:
    """What a new row says: the chain's file, where one ships."""
    one = shipped.by_caip2().get(caip2)
    if one is not None:
        return shipped_chains.changes(one)
    try:
        native = caip.native_asset(caip2)
    except InvalidIdentifier:
        native = ""
    return {"name": NAME_OF.get(caip2, caip2).title()[:60], "native_asset": native}
