"""Taking back what was said: voided where the room did not hear it yet, withdrawn where it did."""

from __future__ import annotations

from django.db.models import QuerySet

from tracing import events
from tracing.models import Finding, Trace
from tracing.services.claims import headline_of

# A withdrawal, and that a backfill is done, hold whatever becomes of the block they stand at.
_NOT_OF_THE_BLOCK = frozenset({events.Reorganised.kind, events.CaughtUp.kind})


def withdraw(trace: Trace, affected: QuerySet[Finding], *, came_from: str = "") -> None:
    """Void or withdraw these findings of one trace. Call it in the caller's transaction.

    ``came_from``: of a leg, the chain that dropped the other side of its crossing; "": the block of
    the finding itself was dropped.
    """
    affected = affected.select_for_update().filter(trace=trace)
    # A block that was dropped before, came back and is dropped again has both kinds.
    done = {row.payload["withdraws"] for row in affected if row.kind == events.Reorganised.kind}
    withdrawals = []
    for old in affected.order_by("pk"):
        if old.kind in _NOT_OF_THE_BLOCK or old.key in done:
            continue
        if old.state == Finding.State.POSTED:
            withdrawals.append(_withdrawal(trace, old, came_from))
        elif old.state in (Finding.State.PENDING, Finding.State.PARKED):
            old.state = Finding.State.VOID
            old.save(update_fields=["state"])
    Finding.objects.bulk_create(withdrawals)


def _withdrawal(trace: Trace, old: Finding, came_from: str) -> Finding:
    event = events.Reorganised(
        chain=trace.chain.caip2,
        block=old.block_number,
        block_hash=old.block_hash,
        withdrawn_kind=old.kind,
        withdrawn_headline=headline_of(old),
        came_from=came_from,
    )
    return Finding(
        trace=trace,
        incident_id=trace.incident_id,
        key=f"w:{old.key}",
        kind=event.kind,
        payload=event.content() | {"withdraws": old.key, "arrival": old.payload.get("arrival")},
        block_number=old.block_number,
        block_hash=old.block_hash,
    )
