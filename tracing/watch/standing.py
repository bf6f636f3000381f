"""How far an applied block is vouched for: its columns, and where one starts to be another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from tracing.chains.quorum import Agreement, Standing
from tracing.models import Block, Chain

# A quorum agrees on the block itself; on internal native movements with VERIFIED alone.
AGREED = (Standing.LOGS, Standing.VERIFIED)


def columns(agreement: Agreement) -> dict[str, Any]:
    """The columns of a block that tell who vouches for it."""
    is_agreed = agreement.standing in AGREED
    return {
        "standing": agreement.standing.value,
        "operators": list(agreement.operators),
        "contents_digest": agreement.digest.contents,
        "traces_digest": agreement.digest.traces,
        "verified_at": timezone.now() if is_agreed else None,
    }


def readopt(row: Block, values: dict[str, Any]) -> None:
    """A block that was left is canonical again, with what is told of it now; what it brings is told
    anew."""
    values = values | {"state": Block.State.SEEN, "times_adopted": row.times_adopted + 1}
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def kinds_wanting(chain: Chain) -> list[Standing]:
    """The standings that a quorum has yet to agree on. A block from when there was a single source
    is one of them, where there are several now."""
    return [Standing.UNVERIFIED, *([Standing.SINGLE] if chain.quorum > 1 else [])]


def young(chain: Chain) -> QuerySet[Block]:
    """Canonical blocks that are not final."""
    return Block.objects.filter(chain=chain, state__in=(Block.State.SEEN, Block.State.SAFE))


def wanting(chain: Chain) -> QuerySet[Block]:
    """Blocks that a quorum does not agree on yet, of those that were followed live, the oldest
    first. None of them is final."""
    return _followed_live(chain).filter(standing__in=kinds_wanting(chain))


def without_traces(chain: Chain) -> QuerySet[Block]:
    """Of the same those whose traces alone a quorum does not agree on."""
    return _followed_live(chain).filter(standing=Standing.LOGS)


def _followed_live(chain: Chain) -> QuerySet[Block]:
    found = young(chain).order_by("number")
    return found if chain.final_number is None else found.filter(number__gt=chain.final_number)


def settled(chain: Chain) -> dict[str, Any]:
    """The columns of the chain that follow from its blocks; set on ``chain``, for the caller to
    write in the transaction that changed them."""
    first = wanting(chain).values_list("number", flat=True).first()
    if chain.quorum <= 1:
        number, since = None, None
    elif first is None:
        number, since = chain.cursor_number, None
    else:
        number, since = first - 1, chain.unverified_since or timezone.now()
    chain.verified_number, chain.unverified_since = number, since
    return {"verified_number": number, "unverified_since": since}


def risen(chain: Chain, rows: Iterable[Block]) -> dict[str, Any]:
    """The same where blocks are put on top, in order: without a query, and `keep` is for after the
    transaction."""
    number, since = chain.verified_number, chain.unverified_since
    for row in rows:
        if chain.quorum <= 1:
            number, since = None, None
        elif row.standing not in AGREED:
            since = since or timezone.now()
        elif since is None:
            number = row.number
    return {"verified_number": number, "unverified_since": since}


def keep(chain: Chain, columns: Mapping[str, Any]) -> None:
    """Set on the object what was written to the row."""
    for name, value in columns.items():
        setattr(chain, name, value)
