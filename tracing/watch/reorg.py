"""Reorganisations: undo what is above the common ancestor, withdraw what was said."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

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
from tracing.services import leads
from tracing.watch import legs, lookback, mixers, ranges, standing
from tracing.watch.branch import Ancestor
from tracing.watch.lease import Lease
from tracing.watch.withdrawals import withdraw


@transaction.atomic
def roll_back(chain: Chain, ancestor: Ancestor, lease: Lease) -> int:
    """Undo everything above ``ancestor``; returns the number of blocks that were dropped.

    :raises LeaseLostError: somebody else writes for this chain; nothing was written.
    """
    dropped = list(
        Block.objects.filter(chain=chain, number__gt=ancestor.number).exclude(
            state=Block.State.ORPHANED
        )
    )
    legs.drop_near_side(dropped)
    for trace in Trace.objects.filter(chain=chain, cursor_number__gt=ancestor.number):
        _restore(trace, ancestor.number)
        ranges.restore(trace, ancestor.number)
        trace.cursor_number = ancestor.number
        trace.save(update_fields=["cursor_number"])
        _withdraw(trace, dropped)
        leads.withdraw(trace, [row.hash for row in dropped])
        mixers.forget(trace, dropped)
    legs.drop_far_side(chain, dropped)
    Transfer.objects.filter(block__in=dropped).delete()
    Hop.objects.filter(block__in=dropped).delete()
    ChainFreeze.objects.filter(block__in=dropped).delete()
    ChainFreeze.objects.filter(lifted_in__in=dropped).update(lifted_in=None)
    ChainFreeze.objects.filter(checked_in__in=dropped).update(
        confirmation=ChainFreeze.Confirmation.SEEN, checked_in=None, asked_at=timezone.now()
    )
    Block.objects.filter(pk__in=[row.pk for row in dropped]).update(state=Block.State.ORPHANED)
    lookback.cut(chain, ancestor.number, ancestor.hash)
    chain.cursor_number, chain.cursor_hash = ancestor.number, ancestor.hash
    agreed = standing.settled(chain)
    lease.write(cursor_number=ancestor.number, cursor_hash=ancestor.hash, **agreed)
    return len(dropped)


def _restore(trace: Trace, number: int) -> None:
    """Put every account back to what it was before the first dropped block that touched it."""
    undo = Undo.objects.filter(trace=trace, block_number__gt=number)
    first: dict[tuple[str, str, str], Any] = {}
    for row in undo.order_by("block_number"):
        for *place, before in row.accounts:
            first.setdefault(tuple(place), before)
    for (chain, address, asset), before in first.items():
        exposure = Exposure.objects.filter(trace=trace, chain=chain, address=address, asset=asset)
        if before is None:
            exposure.delete()
        else:
            exposure.update(**columns(before))
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
    """Void what the room did not take yet; for what it did, order the withdrawal."""
    hashes = [row.hash for row in dropped]
    Arrival.objects.filter(trace=trace, block_hash__in=hashes).update(is_withdrawn=True)
    withdraw(trace, Finding.objects.filter(block_hash__in=hashes))
