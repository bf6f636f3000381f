"""Whether somebody's own account traded, or only paid for something else in the same transaction.

Step 5 of docs/taint.md. A pool holds nothing: what it gains becomes what it pays out. An account of
a person may gain one asset and lose another for no common reason (a gift that arrives while gas is
paid), and then keeps what it gained.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import replace

from tracing.core.netting import issuer, present
from tracing.core.types import (
    AccountKey,
    AssetRole,
    Assets,
    BlockMovements,
    Movement,
    MovementKind,
)

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


def doubtful(block: BlockMovements, reached: Iterable[AccountKey]) -> set[str]:
    """Addresses that may become exposed in this block, whose code ran, and that lose something
    else in the same transaction: pools, or accounts that were given code (EIP-7702)."""
    assets: dict[str, set[str]] = {}
    for key in reached:
        assets.setdefault(key.address, set()).add(key.asset)
    found = set()
    for tx in block.transactions:
        for move in tx.movements:
            who = move.frm
            if who is None or who not in tx.contracts or who in tx.people or move.kind in _NO_TRADE:
                continue
            if assets.get(who, set()) - {move.asset}:
                found.add(who)
    return found


def with_people(block: BlockMovements, people: Container[str]) -> BlockMovements:
    """The block with these among the people of each transaction that their code ran in."""
    return replace(
        block,
        transactions=tuple(
            replace(tx, people=tx.people | {one for one in tx.contracts if one in people})
            for tx in block.transactions
        ),
    )
