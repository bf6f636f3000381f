"""Seizures: what an issuer took at an address goes to a custody account, not out of view.

Some tokens destroy a balance without logging a transfer, others burn it or move it to an account
of the issuer's choice. In each case the stolen value is out of the thief's reach and nobody has to
look for it, so the movement is turned to the account SEIZED_ADDRESS, which counts as frozen. Only
tokens of the directory are taken at their word: anybody's own token could hide value like this.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tracing import issuers
from tracing.core.logs import BadLog, Log
from tracing.core.netting import present
from tracing.core.types import (
    SEIZED_ADDRESS,
    AccountKey,
    BlockMovements,
    Kinds,
    Movement,
    MovementKind,
    Transaction,
)
from tracing.issuers.base import Seizure
from tracing.watch.tokens import FreezableToken

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taking:
    """One seizure, in its transaction."""

    tx: str
    asset: str
    contract: str
    address: str
    amount: int | None  # None: the event does not tell
    is_destroyed: bool


def takings(logs: Sequence[Log], tokens: Mapping[str, FreezableToken]) -> list[Taking]:
    """The seizures that tokens of the directory logged, in order."""
    found = []
    for log in logs:
        token = tokens.get(log.address)
        if token is None or not token.is_vouched:
            continue
        try:
            seen = issuers.decode(token.interface, log)
        except BadLog as error:
            logger.warning("log %s of %s is refused: %s", log.index, log.tx, error)
            continue
        found += [
            Taking(log.tx, token.asset, log.address, one.address, one.amount, one.is_destroyed)
            for one in seen
            if isinstance(one, Seizure)
        ]
    return found


def untold(block: BlockMovements, found: Sequence[Taking]) -> set[AccountKey]:
    """Accounts of which neither the event nor a movement tells how much was taken."""
    told = {
        (tx.tx, m.asset, m.frm) for tx in block.transactions for m in tx.movements if m.amount > 0
    }
    return {
        AccountKey(block.chain, one.address, one.asset)
        for one in found
        if one.amount is None and (one.tx, one.asset, one.address) not in told
    }


def redirect(
    block: BlockMovements,
    found: Sequence[Taking],
    kinds: Kinds,
    missing: Mapping[AccountKey, int],
) -> BlockMovements:
    """The block with what was seized at SEIZED_ADDRESS. ``missing``: for `untold` accounts, by how
    much their balance fell in the block. A recipient with a label keeps what it got."""
    if not found:
        return block
    position = 1 + max((m.position for tx in block.transactions for m in tx.movements), default=0)
    transactions = {tx.tx: tx for tx in block.transactions}
    for at, one in enumerate(found):
        tx = transactions.get(one.tx) or Transaction(one.tx, len(transactions), None, None, ())
        movements, left = _turned(tx.movements, one, kinds)
        if left is None:
            key = AccountKey(block.chain, one.address, one.asset)
            left = missing.get(key, 0) if movements == tx.movements else 0
        if left and movements == tx.movements and not _is_given(movements, one):
            movements = (
                *movements,
                Movement(
                    position + at,
                    MovementKind.STATE,
                    one.asset,
                    one.address,
                    SEIZED_ADDRESS,
                    left,
                ),
            )
        transactions[one.tx] = replace(tx, movements=movements)
    return replace(block, transactions=tuple(transactions.values()))


def _turned(
    movements: tuple[Movement, ...], one: Taking, kinds: Kinds
) -> tuple[tuple[Movement, ...], int | None]:
    """Movements out of the account, turned up to the amount; and what of it none explains."""
    left = one.amount
    turned: list[Movement] = []
    for movement in movements:
        amount = movement.amount
        if _takes(movement, one, kinds) and amount and left != 0:
            part = amount if left is None else min(amount, left)
            left = None if left is None else left - part
            if part < amount:
                turned.append(replace(movement, amount=amount - part))
            movement = replace(movement, kind=MovementKind.STATE, to=SEIZED_ADDRESS, amount=part)
        turned.append(movement)
    return tuple(turned), left


def _takes(movement: Movement, one: Taking, kinds: Kinds) -> bool:
    if movement.asset != one.asset or movement.frm != one.address:
        return False
    to = present(movement.to)
    if one.is_destroyed:
        return to is None or to == one.contract
    return to is None or to not in kinds


def _is_given(movements: Sequence[Movement], one: Taking) -> bool:
    """Whether the transaction moved it to somebody with a label already."""
    return any(m.asset == one.asset and m.frm == one.address and m.amount for m in movements)
