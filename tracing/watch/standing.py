"""How far an applied block is vouched for: its columns, and where one starts to be another."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from tracing.chains.quorum import Agreement, Standing
from tracing.models import Block

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
