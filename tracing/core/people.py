"""Whether somebody's own account traded, or only paid for something else in the same transaction.

Step 5 of docs/taint.md. A pool holds nothing: what it gains becomes what it pays out. An account of
a person may gain one asset and lose another for no common reason (a gift that arrives while gas is
paid), and then keeps what it gained.
"""

from __future__ import annotations

from collections.abc import Iterable

from tracing.core.netting import issuer, present
from tracing.core.types import AssetRole, Assets, Movement, MovementKind

_NO_TRADE = frozenset({MovementKind.FEE, MovementKind.ADJUSTMENT})


def traded(address: str, movements: Iterable[Movement], assets: Assets) -> bool:
    """Whether what this address gave came back to it, through whatever hands."""
    given: dict[str, set[str]] = {}
    for movement in movements:
        info = assets.get(movement.asset)
        if movement.kind in _NO_TRADE or not movement.amount:
            continue
        if info is not None and info.role is AssetRole.DEBT:
            continue
        made = issuer(movement.asset, info)
        frm, to = present(movement.frm) or made, present(movement.to) or made
        if frm is not None and to is not None and frm != to:
            given.setdefault(frm, set()).add(to)
    seen: set[str] = set()
    ahead = list(given.get(address, ()))
    while ahead:
        who = ahead.pop()
        if who == address:
            return True
        if who not in seen:
            seen.add(who)
            ahead.extend(given.get(who, ()))
    return False
