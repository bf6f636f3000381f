"""One block under the policies beside a trace's own: their rows. Called in a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracing.core.policies import PolicyName
from tracing.core.state import TraceState, account_to_row
from tracing.core.types import BlockEffects
from tracing.models import Block, RangeAccount, RangeUndo, Trace
from tracing.watch import bulk

Runs = Mapping[PolicyName, tuple[TraceState, BlockEffects]]


_UNDO = ("trace_id", "block_number", "accounts")
_PLACE = ("trace_id", "policy", "chain", "address", "asset")
_ACCOUNT = (*_PLACE, "kind", "state", "tainted")


def save(trace: Trace, block: Block, runs: Runs) -> None:
    """Write what the block did under each policy, and how to undo it."""
    undo, new, known = [], [], []
    for policy, (state, effects) in runs.items():
        for key, before in effects.before.items():
            was = None if before is None else account_to_row(before)
            undo.append((policy.value, *key, was))
            account = state.get(key)
            if account is not None:
                row = account_to_row(account)
                lots = (*account.lots, *account.dust)
                tainted = str(sum(lot.amount for lot in lots if lot.origin is not None))
                place = (trace.pk, policy.value, *key, account.kind.value)
                if before is None:
                    new.append((*place, bulk.as_json(row), tainted))
                else:
                    known.append((*place, row, tainted))
    if undo:
        bulk.insert(RangeUndo, _UNDO, [(trace.pk, block.number, bulk.as_json(undo))])
    bulk.insert(RangeAccount, _ACCOUNT, new)
    bulk.update(RangeAccount, _ACCOUNT, known, unique=_PLACE)


def restore(trace: Trace, number: int) -> None:
    """Put every account back to what it was before the first block above ``number``."""
    undo = RangeUndo.objects.filter(trace=trace, block_number__gt=number)
    first: dict[tuple[str, str, str, str], Any] = {}
    for row in undo.order_by("block_number"):
        for *place, before in row.accounts:
            first.setdefault(tuple(place), before)
    for (policy, chain, address, asset), before in first.items():
        account = RangeAccount.objects.filter(
            trace=trace, policy=policy, chain=chain, address=address, asset=asset
        )
        if before is None:
            account.delete()
        else:
            account.update(**columns(before))
    undo.delete()


def columns(state: Mapping[str, object]) -> dict[str, object]:
    """The columns that follow from the account's JSON."""
    lots = [*state["lots"], *state["dust"]]  # type: ignore[misc]
    return {
        "kind": state["kind"],
        "state": state,
        "tainted": sum(int(lot["amount"]) for lot in lots if "seed" in lot),
    }
