"""One block under the policies beside a trace's own: their rows. Called in a transaction."""

from __future__ import annotations

from collections.abc import Mapping

from tracing.core.policies import PolicyName
from tracing.core.state import TraceState, account_to_row
from tracing.core.types import BlockEffects
from tracing.models import Block, RangeAccount, RangeUndo, Trace
from tracing.watch import bulk

Runs = Mapping[PolicyName, tuple[TraceState, BlockEffects]]


_UNDO = ("trace_id", "policy", "block_number", "chain", "address", "asset", "before")
_ACCOUNT = ("trace_id", "policy", "chain", "address", "asset", "kind", "state", "tainted")


def save(trace: Trace, block: Block, runs: Runs) -> None:
    """Write what the block did under each policy, and how to undo it."""
    undo, rows = [], []
    for policy, (state, effects) in runs.items():
        for key, before in effects.before.items():
            place = (key.chain, key.address, key.asset)
            was = None if before is None else bulk.as_json(account_to_row(before))
            undo.append((trace.pk, policy.value, block.number, *place, was))
            account = state.get(key)
            if account is not None:
                follows = columns(account_to_row(account))
                tainted = str(follows["tainted"])
                rows.append(
                    (trace.pk, policy.value, *place, follows["kind"], follows["state"], tainted)
                )
    bulk.insert(RangeUndo, _UNDO, undo)
    bulk.upsert(
        RangeAccount,
        _ACCOUNT,
        rows,
        unique=("trace_id", "policy", "chain", "address", "asset"),
        update=("kind", "state", "tainted"),
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
