"""Reorganisations: find the common ancestor, undo above it, withdraw what was said."""

from __future__ import annotations

from django.db import transaction

from tracing import events
from tracing.models import (
    Arrival,
    Block,
    Chain,
    ChainFreeze,
    Exposure,
    Finding,
    Hop,
    Trace,
    Transfer,
    Undo,
)
from tracing.services.claims import headline_of
from tracing.watch.findings import finding
from tracing.watch.lease import Lease
from tracing.watch.source import Source


class TooDeepError(Exception):
    """The chain contradicts a final block: the endpoint is wrong, not the chain."""


def common_ancestor(chain: Chain, source: Source) -> Block | None:
    """The highest applied block that the endpoint still has; None: none above the first one.

    :raises TooDeepError: it would lie below finality.
    """
    rows = Block.objects.filter(chain=chain).exclude(state=Block.State.ORPHANED)
    for depth, row in enumerate(rows.order_by("-number").iterator(chunk_size=50)):
        if depth > chain.final_depth:
            raise TooDeepError(f"no common block within {chain.final_depth} of {chain.name}")
        if source.block_hash(row.number) == row.hash:
            return row
    return None


@transaction.atomic
def roll_back(chain: Chain, ancestor: Block, lease: Lease) -> int:
    """Undo everything above ``ancestor``; returns the number of blocks that were dropped."""
    dropped = list(
        Block.objects.filter(chain=chain, number__gt=ancestor.number).exclude(
            state=Block.State.ORPHANED
        )
    )
    for trace in Trace.objects.filter(chain=chain, cursor_number__gt=ancestor.number):
        _restore(trace, ancestor.number)
        trace.cursor_number = ancestor.number
        trace.save(update_fields=["cursor_number"])
        _withdraw(trace, dropped)
    Transfer.objects.filter(block__in=dropped).delete()
    Hop.objects.filter(block__in=dropped).delete()
    ChainFreeze.objects.filter(block__in=dropped).delete()
    ChainFreeze.objects.filter(lifted_in__in=dropped).update(lifted_in=None)
    Block.objects.filter(pk__in=[row.pk for row in dropped]).update(state=Block.State.ORPHANED)
    lease.write(cursor_number=ancestor.number, cursor_hash=ancestor.hash)
    return len(dropped)


def _restore(trace: Trace, number: int) -> None:
    """Put every account back to what it was before the first dropped block that touched it."""
    undo = Undo.objects.filter(trace=trace, block_number__gt=number)
    first: dict[tuple[str, str, str], Undo] = {}
    for row in undo.order_by("block_number"):
        first.setdefault((row.chain, row.address, row.asset), row)
    for (chain, address, asset), row in first.items():
        exposure = Exposure.objects.filter(trace=trace, chain=chain, address=address, asset=asset)
        if row.before is None:
            exposure.delete()
        else:
            exposure.update(**columns(row.before))
    undo.delete()


def columns(state: dict[str, object]) -> dict[str, object]:
    """The columns of an exposure that follow from the account's JSON."""
    lots = [*state["lots"], *state["dust"]]  # type: ignore[misc]
    return {
        "state": state,
        "kind": state["kind"],
        "tainted": sum(int(lot["amount"]) for lot in lots if "seed" in lot),
        "balance": sum(int(lot["amount"]) for lot in lots),
        "is_history_incomplete": state["incomplete"],
    }


def _withdraw(trace: Trace, dropped: list[Block]) -> None:
    """Void what was not posted yet; for what was posted, order its withdrawal."""
    by_hash = {row.hash: row for row in dropped}
    Arrival.objects.filter(trace=trace, block_hash__in=by_hash).update(is_withdrawn=True)
    affected = Finding.objects.select_for_update().filter(trace=trace, block_hash__in=by_hash)
    withdrawals = []
    for old in affected.order_by("pk"):
        if old.kind == events.Reorganised.kind:
            continue
        if old.state == Finding.State.POSTED:
            event = events.Reorganised(
                chain=trace.chain.caip2,
                block=old.block_number,
                block_hash=old.block_hash,
                withdrawn_kind=old.kind,
                withdrawn_headline=headline_of(old),
            )
            payload = event.content() | {
                "withdraws": old.key,
                "arrival": old.payload.get("arrival"),
            }
            block = by_hash[old.block_hash]
            withdrawals.append(finding(trace, block, f"w:{old.key}", event.kind, payload))
        elif old.state == Finding.State.PENDING:
            old.state = Finding.State.VOID
            old.save(update_fields=["state"])
    Finding.objects.bulk_create(withdrawals)
