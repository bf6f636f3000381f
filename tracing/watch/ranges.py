"""One block under the policies beside a trace's own: their rows. Called in a transaction."""

from __future__ import annotations

from collections.abc import Mapping

from tracing.core.policies import PolicyName
from tracing.core.state import TraceState, account_to_row
from tracing.core.types import BlockEffects
from tracing.models import Block, RangeAccount, RangeUndo, Trace

Runs = Mapping[PolicyName, tuple[TraceState, BlockEffects]]


def save(trace: Trace, block: Block, runs: Runs) -> None:
    """Write what the block did under each policy, and how to undo it."""
    undo, rows = [], []
    for policy, (state, effects) in runs.items():
        for key, before in effects.before.items():
            place = {"chain": key.chain, "address": key.address, "asset": key.asset}
            undo.append(
                RangeUndo(
                    trace=trace,
                    policy=policy,
                    block_number=block.number,
                    before=None if before is None else account_to_row(before),
                    **place,
                )
            )
            account = state.get(key)
            if account is not None:
                rows.append(
                    RangeAccount(
                        trace=trace, policy=policy, **columns(account_to_row(account)), **place
                    )
                )
    if not undo:
        return  # the usual block: nothing was touched
    RangeUndo.objects.bulk_create(undo)
    RangeAccount.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["trace", "policy", "chain", "address", "asset"],
        update_fields=["kind", "state", "tainted"],
    )


def restore(trace: Trace, number: int) -> None:
    """Put every account back to what it was before the first block above ``number``."""
    undo = RangeUndo.objects.filter(trace=trace, block_number__gt=number)
    first: dict[tuple[str, str, str, str], RangeUndo] = {}
    for row in undo.order_by("block_number"):
        first.setdefault((row.policy, row.chain, row.address, row.asset), row)
    for (policy, chain, address, asset), row in first.items():
        account = RangeAccount.objects.filter(
            trace=trace, policy=policy, chain=chain, address=address, asset=asset
        )
        if row.before is None:
            account.delete()
        else:
            account.update(**columns(row.before))
    undo.delete()


def columns(state: Mapping[str, object]) -> dict[str, object]:
    """The columns that follow from the account's JSON."""
    lots = [*state["lots"], *state["dust"]]  # type: ignore[misc]
    return {
        "kind": state["kind"],
        "state": state,
        "tainted": sum(int(lot["amount"]) for lot in lots if "seed" in lot),
    }
